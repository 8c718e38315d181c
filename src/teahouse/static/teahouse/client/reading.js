/**
 * How far a member has read a room: only forwards, and told to the server at most once a second; a room has one.
 */

/**
 * @typedef {import("./protocol.js").RoomState} RoomState
 *
 * @typedef {object} ReadingParts
 * @property {string} name                  of the room
 * @property {import("./clock.js").Clock} clock
 * @property {() => import("./connection.js").Line | null} line
 * @property {import("./watch.js").Watch} watch    what is held of the room, and what the server says of it
 */

const PAUSE = 1_000;
/** As the server counts: this many, or more. */
const MOST = 100;

export class Reading {
  /** What was marked here. @type {{epoch: string, seq: number} | null} */
  #marked = null;
  /** What of it the server has acknowledged, and what is on its way there. */
  #server = { knows: 0, hears: 0 };
  #timer = null;

  /** @param {ReadingParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Up to which number the room is read; null for a visitor, and before the first answer. @returns {number | null} */
  get upto() {
    const { state } = this.parts.watch;
    if (!state?.role || typeof state.read !== "number") return null;
    return Math.max(state.read, this.#markedIn(state));
  }

  /** How many messages were posted since, 100 for more; null where `upto` is. @returns {number | null} */
  get unread() {
    const { state, log } = this.parts.watch;
    const { upto } = this;
    if (state === null || upto === null) return null;
    const isHeld = !this.parts.watch.behind && log.newest.from <= upto + 1;
    const count = isHeld ? this.#standingAfter(upto) : (state.unread ?? 0) + this.#standingAfter(state.head);
    return Math.min(count, MOST);
  }

  /** @param {number} seq */
  mark(seq) {
    const { state } = this.parts.watch;
    if (state === null || this.upto === null || seq <= this.upto) return;
    if (this.#marked?.epoch !== state.epoch) this.#server = { knows: 0, hears: 0 };
    this.#marked = { epoch: state.epoch, seq };
    this.tell();
  }

  /** Tell the server what it does not know, unless it was told something just now. */
  tell() {
    if (this.#timer === null) this.tellNow();
  }

  /** Tell it at once: the page goes away. */
  tellNow() {
    const { state } = this.parts.watch;
    const line = this.parts.line();
    if (!line || !state?.role) return;
    const seq = this.#markedIn(state);
    const server = this.#server;
    if (seq <= Math.max(Number(state.read), server.knows, server.hears)) return;
    this.stop();
    this.#timer = this.parts.clock.set(() => {
      this.#timer = null;
      this.tellNow();
    }, PAUSE);
    const marked = this.#marked;
    server.hears = seq;
    line.ask({ type: "read", room: this.parts.name, seq }, (refusal) => {
      if (server.hears === seq) server.hears = 0;
      if (!refusal) server.knows = Math.max(server.knows, seq);
      else if (!refusal.retry && this.#marked === marked) this.#marked = null;
    });
  }

  /** Another person is here. */
  forget() {
    this.stop();
    this.#marked = null;
    this.#server = { knows: 0, hears: 0 };
  }

  stop() {
    this.parts.clock.clear(this.#timer);
    this.#timer = null;
  }

  /** @param {RoomState} state @returns {number} */
  #markedIn({ epoch }) {
    return this.#marked?.epoch === epoch ? this.#marked.seq : 0;
  }

  /** @param {number} seq @returns {number} how many messages are held that were posted after it and stand */
  #standingAfter(seq) {
    return this.parts.watch.log.newest.rows.filter((row) => row.seq > seq && !row.deleted).length;
  }
}
