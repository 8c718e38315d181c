/**
 * A stretch of a room's log of which every message is held, in order; the room log has one or two.
 */

/** @typedef {import("./protocol.js").MessageRow} MessageRow */

export class Range {
  /** Ascending by seq. @type {MessageRow[]} */
  rows = [];

  /**
   * @param {number} from first number covered, 0 where the log begins
   * @param {number} upto last; Infinity: what comes too
   */
  constructor(from, upto) {
    this.from = from;
    this.upto = upto;
  }

  /** @param {number} seq */
  covers(seq) {
    return this.from <= seq && seq <= this.upto;
  }

  /** @param {number} seq @returns {MessageRow | undefined} */
  find(seq) {
    const row = this.rows[this.#place(seq)];
    return row?.seq === seq ? row : undefined;
  }

  /** Hold this row unless a version as new is held. @param {MessageRow} row @returns {boolean} was it newer */
  take(row) {
    const index = this.#place(row.seq);
    const held = this.rows[index];
    if (held?.seq !== row.seq) this.rows.splice(index, 0, row);
    else if (held.changed < row.changed) this.rows[index] = row;
    else return false;
    return true;
  }

  /** Do the two leave no number out between them? @param {Range} other */
  touches(other) {
    return this.from <= other.upto + 1 && other.from <= this.upto + 1;
  }

  /** Become one with a range that it touches. @param {Range} other */
  absorb(other) {
    const [mine, others] = this.rows.length < other.rows.length ? [other.rows, this.rows] : [this.rows, other.rows];
    this.rows = mine;
    for (const row of others) this.take(row);
    this.from = Math.min(this.from, other.from);
    this.upto = Math.max(this.upto, other.upto);
  }

  /** Hold no more than the newest `count` rows. @param {number} count */
  trim(count) {
    if (this.rows.length <= count) return;
    this.rows = this.rows.slice(this.rows.length - count);
    this.from = this.rows[0]?.seq ?? this.from;
  }

  /** @param {number} seq @returns {number} index of the first row at or after it */
  #place(seq) {
    let low = 0;
    let high = this.rows.length;
    // Nearly every row is newer than all that are held.
    if (this.#seqAt(high - 1) < seq) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#seqAt(middle) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {number} index */
  #seqAt(index) {
    return this.rows[index]?.seq ?? -1;
  }
}
