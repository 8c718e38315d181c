/**
 * Keeps one room's log true over whatever line there is: shows its position, asks for what is missing; a room has one.
 */

import { Backoff } from "./backoff.js";
import { FOREVER, MAY_PASS } from "./protocol.js";
import { RoomLog } from "./room_log.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Changes} Changes
 * @typedef {import("./protocol.js").Reset} Reset
 * @typedef {import("./protocol.js").RoomState} RoomState
 * @typedef {import("./protocol.js").RoomInfo} RoomInfo
 * @typedef {import("./protocol.js").MemberRow} MemberRow
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

/** What of a state a page shows. @type {(keyof RoomState)[]} */
const SHOWN = [
  "title", "kind", "locked", "archived", "slow_seconds",
  "role", "can_post", "muted_until", "can_moderate", "can_invite",
];
/** Milliseconds over which those spread who ask for one reason. */
const SPREAD = 2000;
/** No timer is set for longer: browsers cannot. */
const LONGEST = 24 * 3600_000;

export class Watch {
  log = new RoomLog();
  /** What the server says of the room. @type {RoomState | null} */
  state = null;
  /** Why it is no longer watched. @type {{code: string, text: string} | null} */
  ended = null;
  #asking = false;
  #timer = null;
  #rightsTimer = null;
  #muteTimer = null;
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
  greet(state) {
    this.#askNoMore();
    this.ended = null;
    this.#become(standing(state));
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
    this.#askNoMore();
    this.parts.clock.clear(this.#rightsTimer);
    this.parts.clock.clear(this.#muteTimer);
  }

  /** How one stands oneself, by an event. @param {MemberRow} row */
  setOwn({ role, changed, muted_until = 0 }) {
    if (!this.state) return;
    const { state } = this;
    const can_post = state.can_post && muted_until <= this.parts.clock.now();
    let { read, unread } = state;
    if (role === null) read = unread = null;
    // Who comes in has nothing unread.
    else if (state.role === null) [read, unread] = [changed, 0];
    this.#become({ ...state, role, read, unread, muted_until, can_post });
    this.#askRights(0);
  }

  /** How the room itself stands, by an event. @param {RoomInfo} info */
  setInfo({ title, kind, locked, archived, slow_seconds }) {
    if (!this.state) return;
    const can_post = this.state.can_post && !locked && !archived;
    this.#become({ ...this.state, title, kind, locked, archived, slow_seconds, can_post });
    // All who watch the room hear this at once, and should not all ask at once.
    this.#askRights(SPREAD * this.parts.random());
  }

  /** @param {RoomState} state */
  #become(state) {
    const before = this.state;
    this.state = state;
    this.#askWhenUnmuted(state.muted_until ?? 0);
    if (!before || SHOWN.some((name) => before[name] !== state[name])) this.parts.onState();
  }

  /** What one may do now only the server knows: the answer says it. @param {number} delay */
  #askRights(delay) {
    this.parts.clock.clear(this.#rightsTimer);
    this.#rightsTimer = this.parts.clock.set(() => {
      const line = this.parts.line();
      if (!line || this.ended) return;
      // The answer that is awaited may be older than what one heard since.
      if (this.#asking || this.#timer !== null) this.#askRights(SPREAD);
      else this.#askNow(line);
    }, delay);
  }

  /** Clocks differ, so it may be asked a little too early, and again then. @param {number} until */
  #askWhenUnmuted(until) {
    const { clock } = this.parts;
    clock.clear(this.#muteTimer);
    this.#muteTimer = null;
    if (until === 0 || until === FOREVER || this.state?.can_post) return;
    const delay = Math.min(Math.max(until - clock.now(), SPREAD), LONGEST);
    this.#muteTimer = clock.set(() => this.#askRights(0), delay);
  }

  #askNoMore() {
    this.#asking = false;
    this.parts.clock.clear(this.#timer);
    this.#timer = null;
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

/** The state with all its fields, as older servers leave some out. @param {RoomState} state @returns {RoomState} */
function standing({ room, title, kind, epoch, head, role, can_post, read = null, unread = null, ...more }) {
  const { locked = false, archived = false, slow_seconds = 0, muted_until = 0 } = more;
  const { can_moderate = false, can_invite = false } = more;
  const itself = { room, title, kind, epoch, head, locked, archived, slow_seconds };
  return { ...itself, role, can_post, read, unread, muted_until, can_moderate, can_invite };
}
