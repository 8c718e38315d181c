/**
 * Keeps one room's log true over whatever line there is: shows its position, asks for what is missing; a room has one.
 */

import { Backoff } from "./backoff.js";
import { MAY_PASS } from "./protocol.js";
import { RoomLog } from "./room_log.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Changes} Changes
 * @typedef {import("./protocol.js").Reset} Reset
 * @typedef {import("./protocol.js").RoomState} RoomState
 * @typedef {import("./protocol.js").ErrorFields} ErrorFields
 * @typedef {import("./protocol.js").Refusal} Refusal
 * @typedef {import("./connection.js").Line} Line
 *
 * @typedef {object} WatchParts
 * @property {string} name                  of the room
 * @property {import("./clock.js").Clock} clock
 * @property {() => number} random
 * @property {() => Line | null} line
 * @property {(before: number) => void} onMoved     the log took an event; the position before it
 * @property {(reset: Reset) => void} onReset       the log was begun anew
 * @property {() => void} onState                   `state` is new
 * @property {() => void} onEnded                   `ended` is new
 */

export class Watch {
  log = new RoomLog();
  /** What the server says of the room. @type {RoomState | null} */
  state = null;
  /** Why it is no longer watched. @type {{code: string, text: string} | null} */
  ended = null;
  #asking = false;
  #timer = null;
  /** The position that was shown last: who stands there still has got nothing by it. */
  #shown = "";

  /** @param {WatchParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.backoff = new Backoff(parts.random);
  }

  /** Does the log stand below the head that the server named? */
  get behind() {
    if (this.state === null || this.ended) return false;
    return this.log.epoch !== this.state.epoch || Number(this.log.seq) < this.state.head;
  }

  /** Watch, or watch again after it ended. */
  begin() {
    this.ended = null;
    this.#catchUp();
  }

  /** The room and its position for a hello or a watch, which bring all that is missing up to then. */
  ask() {
    this.log.heard = 0;
    this.#shown = JSON.stringify(this.log.position);
    return { room: this.parts.name, ...this.log.position };
  }

  /** The answer to hello or watch. @param {RoomState} state */
  greet({ room, title, kind, epoch, head, role, can_post, read = null, unread = null }) {
    this.stop();
    this.ended = null;
    const before = this.state;
    this.state = { room, title, kind, epoch, head, role, can_post, read, unread };
    const same = before?.title === title && before.role === role && before.can_post === can_post;
    if (!same) this.parts.onState();
    this.#askIfMissing();
  }

  /** The refusal of hello or watch. @param {ErrorFields | Refusal} refusal */
  refuse(refusal) {
    this.stop();
    if (refusal.retry) this.#askLater();
    else this.#end(refusal.code, "text" in refusal ? refusal.text : refusal.message);
  }

  /** @param {Message} event */
  hear(event) {
    if (event.type === "changes" || event.type === "reset") this.#apply(/** @type {any} */ (event));
    else if (event.type === "gap") this.#catchUp();
    else if (event.type === "ended") this.refuse(/** @type {any} */ ({ ...event, retry: MAY_PASS.has(event.code) }));
  }

  /** Ask no more by itself, until it is greeted or hears of something missing. */
  stop() {
    this.#asking = false;
    this.parts.clock.clear(this.#timer);
    this.#timer = null;
  }

  /** @param {string | null} role one's own, by an event @param {number} seq of the event */
  setRole(role, seq) {
    if (!this.state || this.state.role === role) return;
    if (role === null) this.state = { ...this.state, role, read: null, unread: null };
    // Who comes in has nothing unread.
    else if (this.state.role === null) this.state = { ...this.state, role, read: seq, unread: 0 };
    else this.state = { ...this.state, role };
    this.parts.onState();
  }

  /** @param {Changes | Reset} event */
  #apply(event) {
    const before = Number(this.log.seq);
    const outcome = this.log.apply(event);
    if (event.type === "reset" && outcome !== "stale") this.parts.onReset(event);
    else if (outcome === "applied") this.parts.onMoved(before);
    if (outcome === "missing") this.#catchUp();
    else this.#askIfMissing();
  }

  /** Something heard of during the last question may lie beyond its answer. */
  #askIfMissing() {
    if (!this.behind && this.log.heard > Number(this.log.seq)) this.#catchUp();
  }

  /** Ask once at a time, and with pauses where the last question brought nothing. */
  #catchUp() {
    const line = this.parts.line();
    if (this.#asking || this.#timer !== null || this.ended || !line) return;
    if (JSON.stringify(this.log.position) === this.#shown) {
      this.#askLater();
      return;
    }
    this.backoff.reset();
    this.#askNow(line);
  }

  /** @param {Line} line */
  #askNow(line) {
    this.#asking = true;
    line.ask({ type: "watch", ...this.ask() }, (refusal, answer) => {
      if (!refusal) this.greet(answer);
      else if (this.#asking) this.refuse(refusal);
    });
  }

  #askLater() {
    this.#timer = this.parts.clock.set(() => {
      this.#timer = null;
      const line = this.parts.line();
      if (line && !this.#asking) this.#askNow(line);
    }, this.backoff.next());
  }

  /** @param {string} code @param {string} text */
  #end(code, text) {
    this.stop();
    this.ended = { code, text };
    this.parts.onEnded();
  }
}
