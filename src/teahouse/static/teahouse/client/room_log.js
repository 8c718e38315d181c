/**
 * The picture of one room, kept true by the client's law: pure, no line, no clock, no person; a room owns one.
 */

import { Range } from "./range.js";

/**
 * @typedef {import("./protocol.js").MessageRow} MessageRow
 * @typedef {import("./protocol.js").MemberRow} MemberRow
 * @typedef {import("./protocol.js").Changes} Changes
 * @typedef {import("./protocol.js").Reset} Reset
 * @typedef {import("./protocol.js").HistoryPage} HistoryPage
 * @typedef {"before" | "after" | "around" | "at"} Side
 * @typedef {{messages: MessageRow[], members: MemberRow[], info: import("./protocol.js").RoomInfo | null}} Touched
 * @typedef {{side: Side, bound: number}} Awaited    a page of history that was asked for
 */

/** @type {Touched} */
const NOTHING = { messages: [], members: [], info: null };

export class RoomLog {
  /** @type {string | null} */
  epoch = null;
  /** The position: all that the log says up to this number is in the picture. @type {number | null} */
  seq = null;
  /** From somewhere to the end of the log, and growing with it. */
  newest = new Range(Infinity, Infinity);
  /** Messages far back that do not reach the newest range. @type {Range | null} */
  aside = null;
  /** As far as events told; by person id. @type {Map<string, MemberRow>} */
  members = new Map();
  /** The highest number heard of beyond a hole; what is missing has been applied when `seq` reaches it. */
  heard = 0;
  /** What the last event or page brought that was new. @type {Touched} */
  touched = NOTHING;
  /**
   * Rows outside of the ranges, kept while pages are awaited: a page may be older than they are.
   * @type {Map<number, MessageRow>}
   */
  #outside = new Map();
  /** Pages that may still be added. @type {Set<Awaited>} */
  #awaited = new Set();

  /** @returns {{epoch: string, seq: number} | {}} what to show the server; nothing at first */
  get position() {
    return this.epoch === null || this.seq === null ? {} : { epoch: this.epoch, seq: this.seq };
  }

  /** The range on view: the one far back, when there is one. */
  get shown() {
    return this.aside ?? this.newest;
  }

  /**
   * Apply an event by the client's law. Twice, late or out of order gives the same picture.
   * @param {Changes | Reset} event
   * @returns {"applied" | "missing" | "stale"} missing: show the server your position, and hear what lies between
   */
  apply(event) {
    this.touched = NOTHING;
    return event.type === "reset" ? this.#reset(event) : this.#changes(event);
  }

  /**
   * Begin to await a page of history; give it back with `addPage` or `forgoPage`.
   * @param {Side} side
   * @param {number} bound    the number, or with `at` the time, that the question names
   * @returns {Awaited}
   */
  awaitPage(side, bound) {
    const awaited = { side, bound };
    this.#awaited.add(awaited);
    return awaited;
  }

  /** @param {Awaited} awaited */
  forgoPage(awaited) {
    this.#awaited.delete(awaited);
    if (this.#awaited.size === 0) this.#outside.clear();
  }

  /**
   * @param {Awaited} awaited
   * @param {HistoryPage} page
   * @returns {boolean} false: what it was asked for is no longer there, and nothing is taken
   */
  addPage(awaited, page) {
    const taken = this.#awaited.has(awaited) && page.epoch === this.epoch && this.#place(awaited, page);
    this.forgoPage(awaited);
    return taken;
  }

  /** Take a row that came with an answer. @param {MessageRow} row @returns {boolean} was it newer */
  takeRow(row) {
    if (this.newest.covers(row.seq)) return this.newest.take(row);
    if (this.aside?.covers(row.seq)) return this.aside.take(row);
    if (this.#awaited.size > 0) this.#keepOutside(row);
    return false;
  }

  /** Show the end of the log again. */
  dropAside() {
    this.#setAside(null);
  }

  /** Hold no more than the newest `count` messages, when no page is awaited. @param {number} count */
  trim(count) {
    if (this.#awaited.size === 0) this.newest.trim(count);
  }

  /** @param {Changes} event */
  #changes(event) {
    // Whoever shows the server another epoch than its own is reset by it: showing the position is enough for both.
    if (event.epoch !== this.epoch || this.seq === null) {
      this.heard = Infinity;
      return "missing";
    }
    if (event.after > this.seq) {
      this.heard = Math.max(this.heard, event.upto);
      return "missing";
    }
    // Rows of the past may be older than a reset that forgot them: what the position covers is taken from nowhere else.
    if (event.upto <= this.seq) return "stale";
    this.touched = {
      messages: (event.messages ?? []).filter((row) => this.takeRow(row)),
      members: (event.members ?? []).filter((row) => this.#takeMember(row)),
      info: event.info ?? null,
    };
    this.seq = event.upto;
    return "applied";
  }

  /** @param {Reset} event */
  #reset(event) {
    const known = this.seq !== null && event.epoch === this.epoch;
    if (known && event.upto < Number(this.seq) && event.reason !== "ahead") return "stale";
    const back = this.seq !== null && (!known || event.upto < this.seq);
    const newest = new Range(event.more ? (event.messages[0]?.seq ?? event.upto + 1) : 0, Infinity);
    for (const row of [...event.messages, ...(back ? [] : this.#heldBeyond(event.upto))]) {
      if (newest.covers(row.seq)) newest.take(row);
    }
    this.epoch = event.epoch;
    this.seq = event.upto;
    this.aside = null;
    this.members.clear();
    this.#awaited.clear();
    this.#outside.clear();
    this.newest = newest;
    this.heard = back ? Infinity : 0;
    // A reset that leads back may be an old one come late: the server is shown where it led.
    return back ? "missing" : "applied";
  }

  /** Events and pages may have shown rows as they stood after a reset that arrives later. @param {number} upto */
  #heldBeyond(upto) {
    return [...this.newest.rows, ...(this.aside?.rows ?? [])].filter((row) => row.changed > upto);
  }

  /** @param {MemberRow} row */
  #takeMember(row) {
    const held = this.members.get(row.person.id);
    if (held && held.changed >= row.changed) return false;
    this.members.set(row.person.id, row);
    return true;
  }

  /** @param {MessageRow} row */
  #keepOutside(row) {
    const kept = this.#outside.get(row.seq);
    if (!kept || kept.changed < row.changed) this.#outside.set(row.seq, row);
  }

  /** @param {Awaited} awaited @param {HistoryPage} page @returns {boolean} */
  #place(awaited, page) {
    const range = this.#rangeOf(awaited, page);
    const home = [this.aside, this.newest].find((held) => held?.touches(range));
    // What is held and touches the page is never let go of for it: the page may be older.
    if (home) home.absorb(range);
    else if (awaited.side === "around" || awaited.side === "at") this.#setAside(range);
    else return false;
    if (this.aside?.touches(this.newest)) {
      this.newest.absorb(this.aside);
      this.aside = null;
    }
    return true;
  }

  /** @param {Awaited} awaited @param {HistoryPage} page @returns {Range} what the page covers */
  #rangeOf({ side, bound }, { messages, more_before, more_after }) {
    const first = more_before ? (messages[0]?.seq ?? bound) : 0;
    const last = more_after ? (messages.at(-1)?.seq ?? bound) : Infinity;
    const range = new Range(side === "after" ? bound + 1 : first, side === "before" ? bound - 1 : last);
    for (const row of messages) {
      range.take(row);
      const kept = this.#outside.get(row.seq);
      if (kept) range.take(kept);
    }
    return range;
  }

  /** Pages that are awaited may be older than what is let go of here: none is taken. @param {Range | null} range */
  #setAside(range) {
    this.#awaited.clear();
    this.#outside.clear();
    this.aside = range;
  }
}
