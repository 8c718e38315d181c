/**
 * How far a person has read a room on this device: where the mark of new messages stands, and how many there are.
 */

/**
 * @typedef {import("../client/index.js").MessageRow} MessageRow
 * @typedef {Pick<Storage, "getItem" | "setItem">} Keeper
 */

const PREFIX = "teahouse:seen:";

export class Seen {
  /** The number of the last message before the mark; null: there is no mark. @type {number | null} */
  mark = null;
  /** Messages of others that came and were not looked at. */
  count = 0;
  /** @type {number | null} */
  #last = null;
  /** @type {string | null} */
  #epoch = null;
  /** @type {string | null} */
  #uid = null;
  #looking = true;
  #stored = "";

  /** @param {Keeper | null} storage   null: a reload forgets @param {string} room */
  constructor(storage, room) {
    this.storage = storage;
    this.room = room;
  }

  /**
   * A picture was begun: what came since the last time here is new.
   * @param {string | null} uid
   * @param {string} epoch
   * @param {readonly MessageRow[]} rows
   */
  begin(uid, epoch, rows) {
    if (epoch !== this.#epoch || uid !== this.#uid) {
      this.#epoch = epoch;
      this.#uid = uid;
      this.#last = this.#load();
      this.mark = null;
    }
    const last = this.#last ?? Infinity;
    this.count = rows.filter((row) => row.seq > last && row.author.id !== uid && !row.deleted).length;
    if (this.count > 0) this.mark = last;
    this.#last ??= rows.at(-1)?.seq ?? 0;
  }

  /** Someone else's message came. */
  came() {
    if (this.#looking) return;
    if (this.count === 0) this.mark = this.#last;
    this.count += 1;
  }

  /** The person posted: they know all that stands above. */
  posted() {
    this.mark = null;
  }

  /**
   * @param {boolean} looking   is the end of the room in view, of a person who is there
   * @param {number} last       the number of the last message
   */
  look(looking, last) {
    this.#looking = looking;
    if (!looking || this.#last === null) return;
    this.count = 0;
    this.#last = Math.max(this.#last, last);
    this.#store();
  }

  get #name() {
    return `${PREFIX}${this.#uid}:${this.room}`;
  }

  /** @returns {number | null} */
  #load() {
    try {
      const [epoch, seq] = (this.storage?.getItem(this.#name) ?? "").split(" ");
      return epoch === this.#epoch && Number.isInteger(Number(seq)) ? Number(seq) : null;
    } catch {
      return null;
    }
  }

  #store() {
    const now = `${this.#epoch} ${this.#last}`;
    if (now === this.#stored || this.#uid === null) return;
    this.#stored = now;
    try {
      this.storage?.setItem(this.#name, now);
    } catch {
      // The mark is a convenience: the room itself forgets nothing.
    }
  }
}
