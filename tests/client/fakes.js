/**
 * Stand-ins for what a browser gives: clock, random numbers, storage, sockets, HTTP; used by the client's tests.
 */

export class FakeClock {
  #timers = new Map();
  #lastTimer = 0;
  #time = 1_000_000;
  /** How far the wall clock is off the hands of the timers. */
  jump = 0;

  now = () => this.#time + this.jump;

  set = (run, milliseconds) => {
    this.#timers.set(++this.#lastTimer, { run, due: this.#time + milliseconds });
    return this.#lastTimer;
  };

  clear = (timer) => void this.#timers.delete(timer);

  get timers() {
    return this.#timers.size;
  }

  /** Let time pass, running what falls due, in order. */
  pass(milliseconds) {
    const end = this.#time + milliseconds;
    for (let next = this.#next(end); next; next = this.#next(end)) this.#run(next);
    this.#time = end;
  }

  /** The same for what works with promises. */
  async passSlowly(milliseconds) {
    const end = this.#time + milliseconds;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#run(next);
      await settled();
    }
    this.#time = end;
  }

  #next(end) {
    const due = [...this.#timers].filter(([, timer]) => timer.due <= end);
    return due.sort(([, one], [, other]) => one.due - other.due)[0];
  }

  #run([id, timer]) {
    this.#timers.delete(id);
    this.#time = Math.max(this.#time, timer.due);
    timer.run();
  }
}

/** All promises that can settle without time passing have settled. */
export async function settled() {
  for (let turn = 0; turn < 30; turn++) await null;
}

/** Random numbers in [0, 1) that a seed repeats. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class FakeStorage {
  items = new Map();

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(name) {
    return this.items.get(name) ?? null;
  }

  setItem(name, value) {
    this.items.set(name, String(value));
  }

  removeItem(name) {
    this.items.delete(name);
  }
}

export class FakeSocket {
  protocol = "";
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  closed = false;
  /** What the client sent, parsed, oldest first. */
  sent = [];

  send(frame) {
    if (this.closed) throw new Error("closed");
    this.sent.push(JSON.parse(frame));
  }

  close() {
    this.closed = true;
  }

  /** The handshake succeeds. */
  open(protocol = "teahouse.v1") {
    this.protocol = protocol;
    this.onopen?.({});
  }

  say(message) {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  drop(code = 1006, reason = "") {
    this.closed = true;
    this.onerror?.({});
    this.onclose?.({ code, reason });
  }

  /** The last command of a type that the client sent. */
  last(type) {
    return this.sent.findLast((message) => message.type === type);
  }

  all(type) {
    return this.sent.filter((message) => message.type === type);
  }

  /** Answer a command by ok. */
  ok(command, fields = {}) {
    this.say({ type: "ok", id: command.id, ...fields });
  }

  /** Refuse a command. */
  refuse(command, fields) {
    this.say({ type: "error", id: command.id, text: fields.code, retry: false, ...fields });
  }
}

/** Opens fake sockets and keeps them, and takes commands over HTTP. */
export class FakeNetwork {
  sockets = [];
  /** HTTP requests that wait for their answer. */
  requests = [];
  socketsForbidden = false;

  transport = {
    openSocket: () => {
      if (this.socketsForbidden) throw new Error("forbidden");
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket;
    },
    post: (command) =>
      new Promise((resolve, reject) => {
        const answer = (answered, events = []) => resolve({ answer: answered, events });
        this.requests.push({ command, answer, body: resolve, reject });
      }),
  };

  get socket() {
    return this.sockets.at(-1);
  }

  get request() {
    return this.requests.at(-1);
  }
}

export const ANN = { id: "u-ann", name: "Ann", kind: "user" };
export const BOB = { id: "u-bob", name: "Bob", kind: "user" };

/** A message as the log holds it. */
export function row(seq, fields = {}) {
  return { seq, changed: seq, at: 1000 + seq, author: BOB, key: `k${seq}`, text: `text ${seq}`, ...fields };
}

export function changes(after, upto, messages = [], fields = {}) {
  return { type: "changes", room: "lobby", epoch: "e1", after, upto, messages, ...fields };
}

export function reset(upto, messages = [], fields = {}) {
  return { type: "reset", room: "lobby", epoch: "e1", upto, reason: "new", messages, more: false, ...fields };
}

export function roomState(fields = {}) {
  return { room: "lobby", title: "Lobby", kind: "open", epoch: "e1", head: 0, role: null, can_post: true, ...fields };
}

export function welcome(fields = {}) {
  const limits = { message_length: 4000, frame_bytes: 65536, page: 50 };
  return { version: 1, me: ANN, ping_seconds: 25, limits, rooms: [], ...fields };
}
