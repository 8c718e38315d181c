/**
 * Which stretch of a room's messages stands in the page, so that a hundred thousand cost no more than a screenful; pure.
 */

import { isRow } from "./shown.js";

/** @typedef {import("./shown.js").Message} Message */

/** At most so many messages stand in the page. */
export const MOST = 300;
/** So many are added at once at either end. */
export const STEP = 60;

export class Stretch {
  /** The number of the first message in it; 0: from the first that is held. */
  from = 0;
  /** The number of the last; Infinity: to the end, with what is on its way. */
  upto = Infinity;

  /** Does it reach the last message that is held? */
  get open() {
    return this.upto === Infinity;
  }

  /**
   * @param {readonly Message[]} messages   ascending; those without a number follow those with
   * @returns {[number, number]} indexes of the first in it, and after the last
   */
  bounds(messages) {
    return [place(messages, this.from), this.open ? messages.length : place(messages, this.upto + 1)];
  }

  /** Show the end, and as much before as is read at a glance. @param {readonly Message[]} messages */
  toEnd(messages) {
    this.upto = Infinity;
    this.from = firstFrom(messages, messages.length - STEP);
  }

  /** Show the surroundings of a message. @param {readonly Message[]} messages @param {number} seq */
  toward(messages, seq) {
    const index = place(messages, seq);
    this.from = firstFrom(messages, index - STEP);
    this.upto = lastUpto(messages, index + STEP);
  }

  /** @param {readonly Message[]} messages @returns {boolean} was there anything to add before it */
  growUp(messages) {
    const [first] = this.bounds(messages);
    if (first === 0) return false;
    this.from = firstFrom(messages, first - STEP);
    const [start, end] = this.bounds(messages);
    if (end - start > MOST) this.upto = lastUpto(messages, start + MOST - 1);
    return true;
  }

  /** @param {readonly Message[]} messages @returns {boolean} was there anything to add after it */
  growDown(messages) {
    if (this.open) return false;
    const [, last] = this.bounds(messages);
    this.upto = lastUpto(messages, last - 1 + STEP);
    const [start, end] = this.bounds(messages);
    if (end - start > MOST) this.from = firstFrom(messages, end - MOST);
    return true;
  }

  /**
   * Keep it small while messages arrive: whoever follows the end loses the oldest, whoever reads further up the newest.
   * @param {readonly Message[]} messages
   * @param {boolean} following
   */
  hold(messages, following) {
    const [start, end] = this.bounds(messages);
    if (end - start <= MOST) return;
    if (following) this.from = firstFrom(messages, end - MOST / 2);
    else this.upto = lastUpto(messages, start + MOST - 1);
  }
}

/** @param {readonly Message[]} messages @param {number} seq @returns {number} index of the first at or after that number */
function place(messages, seq) {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(messages[middle]) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {Message | undefined} message @returns {number} what has no number yet comes after all that have */
function numberOf(message) {
  return message && isRow(message) ? message.seq : Infinity;
}

/** What has no number yet will stand after what has: a stretch that begins there begins before. @param {readonly Message[]} messages @param {number} index */
function firstFrom(messages, index) {
  let first = index;
  while (first > 0 && numberOf(messages[first]) === Infinity) first -= 1;
  return first > 0 ? numberOf(messages[first]) : 0;
}

/** @param {readonly Message[]} messages @param {number} index */
function lastUpto(messages, index) {
  return numberOf(messages[index]);
}
