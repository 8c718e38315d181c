/**
 * A server of one room in two pages of code, whose lines break as the test likes; used by the property test of chat.
 */

import { FakeSocket, welcome } from "./fakes.js";
import { ModelLog } from "./model_log.js";

export class ModelServer {
  log = new ModelLog("e1");
  /** What each key of each person became. */
  #posted = new Map();
  lines = [];

  /** @param trouble says whether a post is refused for now, or its event lost */
  constructor(trouble) {
    this.trouble = trouble;
  }

  /** Open a line for a person; the handshake is the first thing under way. */
  connect(person) {
    const line = new ServerLine(this, person);
    this.lines.push(line);
    return line.socket;
  }

  /** A commit: whoever watches hears what is new to them. */
  ring() {
    for (const line of this.lines) line.ring();
  }

  post(person, { key, text }) {
    const id = `${person.id} ${key}`;
    const repeat = this.#posted.has(id);
    if (!repeat) this.#posted.set(id, this.log.post(person, key, text));
    const seq = this.#posted.get(id);
    return { room: "lobby", seq, at: 1000 + seq, repeat };
  }
}

class ServerLine {
  socket = new FakeSocket();
  /** What is on its way to the server, and back. */
  inbox = [];
  outbox = [{ type: "handshake" }];
  broken = false;
  #sentUpTo = null;
  #refusedKey = null;

  constructor(server, person) {
    this.server = server;
    this.person = person;
    this.socket.send = (frame) => this.inbox.push(JSON.parse(frame));
    this.socket.close = () => this.break();
  }

  /** The server takes the next command, also one that came before the line broke. */
  work() {
    const command = this.inbox.shift();
    if (command) this[`on_${command.type}`](command);
  }

  /** The client hears the next frame. */
  deliver() {
    const frame = this.outbox.shift();
    if (!frame || this.broken) return;
    if (frame.type === "handshake") this.socket.open();
    else this.socket.say(frame);
  }

  /** What is on its way back is lost. */
  break() {
    this.broken = true;
    this.outbox = [];
    this.socket.onclose?.({ code: 1006, reason: "" });
  }

  ring() {
    const { log, trouble } = this.server;
    if (this.#sentUpTo === null || this.#sentUpTo === log.head) return;
    if (trouble.gap()) {
      this.#say({ type: "gap", room: "lobby" });
      this.#sentUpTo = null;
    } else {
      this.#say(log.changes(this.#sentUpTo));
      this.#sentUpTo = log.head;
    }
  }

  on_hello(command) {
    const [asked] = command.rooms;
    this.#ok(command, { ...welcome({ me: this.person }), rooms: [this.#state()] });
    this.#follow(asked);
  }

  on_watch(command) {
    this.#ok(command, this.#state());
    this.#follow(command);
  }

  on_post(command) {
    // The law of lanes: after a refusal that may pass, all later posts wait for the first to come again.
    const inLane = this.#refusedKey === null || this.#refusedKey === command.key;
    if (!inLane || this.server.trouble.refusal()) {
      this.#refusedKey ??= command.key;
      this.#refuse(command, { code: "overloaded", retry: true });
    } else if (command.text.startsWith("bad")) {
      this.#refusedKey = null;
      this.#refuse(command, { code: "not_allowed", retry: false });
    } else {
      this.#refusedKey = null;
      this.#ok(command, this.server.post(this.person, command));
      this.server.ring();
    }
  }

  on_edit(command) {
    this.#touch(command, (log) => log.edit(command.seq, command.text));
  }

  on_delete(command) {
    this.#touch(command, (log) => log.delete(command.seq));
  }

  on_history(command) {
    this.#ok(command, this.server.log.history(command));
  }

  on_ping() {
    this.#say({ type: "pong" });
  }

  #touch(command, touch) {
    const { log } = this.server;
    const standing = log.rows.get(command.seq);
    if (standing.changed !== command.changed || standing.deleted) {
      this.#refuse(command, { code: "conflict", retry: false, message: standing });
      return;
    }
    this.#ok(command, { room: "lobby", seq: command.seq, changed: touch(log), at: 1 });
    this.server.ring();
  }

  #follow(position) {
    const { log } = this.server;
    for (const event of log.catchUp(position)) this.#say(event);
    this.#sentUpTo = log.head;
  }

  #state() {
    const { epoch, head } = this.server.log;
    return { room: "lobby", title: "Lobby", kind: "open", epoch, head, role: null, can_post: true };
  }

  #ok({ id }, fields) {
    this.#say({ type: "ok", id, ...fields });
  }

  #refuse({ id }, fields) {
    this.#say({ type: "error", id, text: fields.code, ...fields });
  }

  #say(frame) {
    if (!this.broken) this.outbox.push(frame);
  }
}
