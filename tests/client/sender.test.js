import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Outbox } from "../../src/teahouse/static/teahouse/client/outbox.js";
import { LIMITS, Refusal } from "../../src/teahouse/static/teahouse/client/protocol.js";
import { Sender } from "../../src/teahouse/static/teahouse/client/sender.js";
import { FakeClock, FakeStorage, settled } from "./fakes.js";

/** A line that keeps what it is asked until the test answers. */
class FakeLine {
  asked = [];

  renewals = 0;

  renew() {
    this.renewals += 1;
  }

  constructor(postsAtOnce = 16) {
    this.postsAtOnce = postsAtOnce;
  }

  ask(command, settle) {
    this.asked.push({ ...command, settle });
  }

  get texts() {
    return this.asked.map(({ text }) => text);
  }

  ok(index, seq = index + 1) {
    this.asked[index].settle(null, { seq, at: 1000 + seq, repeat: false });
  }

  refuse(index, code, retry, fields = {}) {
    this.asked[index].settle(new Refusal({ code, retry, ...fields }), null);
  }
}

let clock, outbox, line, sender;

beforeEach(() => {
  clock = new FakeClock();
  outbox = new Outbox({ storage: new FakeStorage(), clock });
  outbox.belongTo("ann");
  line = new FakeLine();
  sender = new Sender({
    outbox,
    room: "lobby",
    clock,
    random: () => 0,
    line: () => line,
    limits: () => LIMITS,
    onChange: () => {},
  });
});

function states() {
  return outbox.entries("lobby").map(({ text, state }) => `${text}:${state}`);
}

test("posts go out in order without waiting for each other, and are acknowledged", async () => {
  const posts = ["one", "two"].map((text) => sender.post(text));
  assert.deepEqual(line.texts, ["one", "two"]);
  line.ok(1, 8);
  line.ok(0, 7);
  assert.deepEqual((await Promise.all(posts)).map(({ seq }) => seq), [7, 8]);
});

test("a line that keeps no order carries one at a time", () => {
  line = new FakeLine(1);
  for (const text of ["one", "two", "three"]) sender.post(text);
  assert.deepEqual(line.texts, ["one"]);
  line.ok(0);
  assert.deepEqual(line.texts, ["one", "two"]);
});

test("without a line they wait, and go out in order when there is one", () => {
  const late = line;
  line = null;
  for (const text of ["one", "two"]) sender.post(text);
  line = late;
  sender.resume();
  assert.deepEqual(line.texts, ["one", "two"]);
});

test("a refusal for good fails that message only, and says why", async () => {
  const refused = sender.post("bad");
  sender.post("good");
  line.refuse(0, "message_too_long", false, { text: "too long" });
  line.ok(1);
  await assert.rejects(refused, { code: "message_too_long" });
  assert.deepEqual(states(), ["bad:failed", "good:sent"]);
});

test("a refusal that may pass holds everything, then all is sent again from the first, with the same keys", () => {
  for (const text of ["one", "two"]) sender.post(text);
  line.refuse(0, "overloaded", true);
  sender.post("three");
  clock.pass(20_000);
  assert.deepEqual(line.texts, ["one", "two"], "while an answer is awaited nothing goes out");
  line.refuse(1, "overloaded", true);
  assert.deepEqual(line.texts, ["one", "two"]);
  clock.pass(500);
  assert.deepEqual(line.texts, ["one", "two", "one", "two", "three"]);
  assert.equal(line.asked[2].key, line.asked[0].key);
});

test("the server's retry_after is honoured", () => {
  sender.post("one");
  line.refuse(0, "overloaded", true, { retry_after: 7 });
  clock.pass(6_999);
  assert.equal(line.asked.length, 1);
  clock.pass(1);
  assert.equal(line.asked.length, 2);
});

/** A line to a server that takes so many posts at once and then one in so many milliseconds, and keeps the order. */
class LimitedLine extends FakeLine {
  taken = [];

  refusals = 0;

  #due = 0;

  #held = null;

  constructor(clock, burst, milliseconds) {
    super();
    Object.assign(this, { clock, burst, milliseconds });
  }

  ask(command, settle) {
    // Answers come later than what is sent meanwhile, as on a real line.
    this.clock.set(() => settle(...this.#answer(command)), 20);
  }

  #answer({ key, text }) {
    const now = this.clock.now();
    const due = Math.max(this.#due, now) + this.milliseconds;
    const wait = due - now - this.burst * this.milliseconds;
    if ((this.#held ?? key) !== key || wait > 0) {
      this.#held ??= key;
      this.refusals += 1;
      const retryAfter = wait > 0 ? wait / 1000 : this.milliseconds / 1000;
      return [new Refusal({ code: "rate_limited", retry: true, retry_after: retryAfter }), null];
    }
    this.#held = null;
    this.#due = due;
    this.taken.push(text);
    return [null, { seq: this.taken.length, at: now, repeat: false }];
  }
}

test("past the server's limit all is sent again by itself, in order, until the last one is taken", async () => {
  line = new LimitedLine(clock, 5, 1000);
  const texts = Array.from({ length: 40 }, (_, number) => `text ${number}`);
  const posts = texts.map((text) => sender.post(text));
  await clock.passSlowly(120_000);
  await Promise.all(posts);
  assert.deepEqual(line.taken, texts);
  assert.ok(line.refusals > 0);
});

test("on a new line everything that has no answer is sent again at once, in order", () => {
  for (const text of ["one", "two"]) sender.post(text);
  const old = line;
  line = new FakeLine();
  sender.resume();
  assert.deepEqual(line.texts, ["one", "two"]);
  old.refuse(0, "lost", true);
  old.refuse(1, "not_allowed", false);
  sender.post("three");
  assert.deepEqual(line.texts, ["one", "two", "three"], "what the old line says late changes nothing");
  assert.deepEqual(states(), ["one:pending", "two:pending", "three:pending"]);
});

test("what would not fit into a frame is not sent: the server would close the socket", async () => {
  const refused = sender.post("茶".repeat(22_000));
  assert.deepEqual(line.texts, []);
  await assert.rejects(refused, { code: "message_too_long" });
});

test("what is written while another login is shown is not sent under it", () => {
  line = null;
  sender.post("ann's");
  line = new FakeLine();
  outbox.belongTo("bob");
  sender.resume();
  assert.deepEqual(line.texts, []);
});

test("seen in the log, it is on its way no more, whatever the line says", async () => {
  const post = sender.post("one");
  const [entry] = outbox.entries("lobby");
  sender.seen(entry, { seq: 9, at: 5 });
  assert.deepEqual((await post).seq, 9);
  line.refuse(0, "lost", true);
  clock.pass(60_000);
  assert.deepEqual([line.asked.length, states()], [1, []]);
});

test("a discarded one is not sent, and its promise says so", async () => {
  const kept = line;
  line = null;
  const post = sender.post("one");
  sender.discard(outbox.entries("lobby")[0]);
  await assert.rejects(post, { code: "discarded" });
  line = kept;
  sender.resume();
  assert.deepEqual(line.texts, []);
});

test("when the server waits for a message that was discarded, the line is begun anew", () => {
  sender.post("one");
  sender.post("two");
  sender.discard(outbox.entries("lobby")[0]);
  line.refuse(0, "overloaded", true);
  line.refuse(1, "overloaded", true);
  assert.equal(line.renewals, 0, "not before the wait is over");
  clock.pass(500);
  assert.equal(line.renewals, 1);
  sender.resume();
  line.refuse(2, "overloaded", true);
  clock.pass(1000);
  assert.equal(line.renewals, 1, "a new line waits for nothing");
});

test("when another tab has posted what the server waits for, the line is begun anew", () => {
  for (const text of ["one", "two"]) sender.post(text);
  line.refuse(0, "timeout", true);
  sender.seen(outbox.entries("lobby")[0], { seq: 9, at: 5 });
  line.refuse(1, "overloaded", true);
  clock.pass(500);
  assert.equal(line.renewals, 1);
});

test("a refusal that may pass alone begins no line anew", () => {
  for (const text of ["one", "two"]) sender.post(text);
  for (const index of [0, 1, 2, 3]) {
    line.refuse(index, "overloaded", true);
    clock.pass(2000);
  }
  assert.equal(line.renewals, 0);
});

test("a failed one is retried with its key", async () => {
  sender.post("one");
  line.refuse(0, "not_allowed", false);
  const again = sender.retry(outbox.entries("lobby")[0]);
  assert.deepEqual(line.texts, ["one", "one"]);
  assert.equal(line.asked[1].key, line.asked[0].key);
  line.ok(1, 4);
  assert.equal((await again).seq, 4);
});

test("a page that ignores the promise is not told of an unhandled rejection", async (t) => {
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  sender.post("one");
  line.refuse(0, "not_allowed", false);
  await settled();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", unhandled);
  assert.equal(unhandled.mock.callCount(), 0);
});

test("at most as many as the line carries are under way", () => {
  for (let count = 0; count < 40; count++) sender.post(`text ${count}`);
  assert.equal(line.asked.length, 16);
  line.ok(0);
  assert.equal(line.asked.length, 17);
});

test("stopped, it sends nothing more", () => {
  sender.post("one");
  line.refuse(0, "overloaded", true);
  sender.stop();
  clock.pass(60_000);
  sender.send();
  assert.equal(line.asked.length, 1);
});
