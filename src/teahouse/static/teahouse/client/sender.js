/**
 * Sends a room's outbox in order: several at once where the line keeps order, all again after a refusal that may pass.
 */

import { Backoff } from "./backoff.js";
import { encode, frameBytes, Refusal } from "./protocol.js";

/**
 * @typedef {import("./outbox.js").Outbox} Outbox
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {import("./connection.js").Line} Line
 * @typedef {{key: string, seq: number, at: number, repeat: boolean}} Sent
 *
 * @typedef {object} SenderParts
 * @property {Outbox} outbox
 * @property {string} room                  as the outbox names it
 * @property {import("./clock.js").Clock} clock
 * @property {() => number} random
 * @property {() => Line | null} line       the line to post over, when there is one
 * @property {() => import("./protocol.js").Limits} limits
 * @property {(key: string) => void} onChange   an entry's state changed
 */

export class Sender {
  /** Posts under way, by key. @type {Map<string, Entry>} */
  #underWay = new Map();
  /** A post was refused for now: nothing goes out until all under way are answered and the wait is over. */
  #held = false;
  /**
   * Refused for now: on this line the server takes no other post before the first of them comes again.
   * @type {Set<Entry>}
   */
  #awaited = new Set();
  /** It waits for one that was discarded, or that another tab has posted: it would refuse all others for ever. */
  #stuck = false;
  /** Seconds that the refusals asked for. */
  #retryAfter = 0;
  #timer = null;
  /** @type {Map<string, {resolve: (sent: Sent) => void, reject: (refusal: Refusal) => void}>} */
  #promises = new Map();

  /** @param {SenderParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.outbox = parts.outbox;
    this.backoff = new Backoff(parts.random);
  }

  /** @param {string} text @returns {Promise<Sent>} settled when acknowledged or refused for good, however late */
  post(text) {
    const entry = this.outbox.add(this.parts.room, text);
    const promise = this.#promiseOf(entry);
    this.parts.onChange(entry.key);
    this.send();
    return promise;
  }

  /** @param {Entry} entry @returns {Promise<Sent>} */
  retry(entry) {
    this.outbox.markPending(entry);
    const promise = this.#promiseOf(entry);
    this.parts.onChange(entry.key);
    this.send();
    return promise;
  }

  /** @param {Entry} entry */
  discard(entry) {
    this.outbox.remove(entry);
    this.#settle(entry, new Refusal({ code: "discarded", text: "discarded before it was sent" }), null);
    this.parts.onChange(entry.key);
  }

  /**
   * The log shows this key: whatever was answered, it is posted.
   * @param {Entry} entry
   * @param {{seq: number, at: number}} row
   */
  seen(entry, { seq, at }) {
    this.outbox.remove(entry);
    this.#settle(entry, null, { key: entry.key, seq, at, repeat: false });
  }

  /** The line is new: what is under way on another counts as not sent, and its answers are not heard. */
  resume() {
    this.#underWay = new Map();
    this.#awaited.clear();
    this.#stuck = false;
    this.#release();
    this.send();
  }

  /** The room is no longer watched. */
  stop() {
    this.#release();
    this.#held = true;
  }

  /** Send what can be sent, in order. */
  send() {
    const line = this.#openLine();
    if (!line) return;
    for (const entry of this.outbox.entries(this.parts.room)) {
      if (this.#held || this.#underWay.size >= line.postsAtOnce) return;
      if (this.#underWay.has(entry.key) || !this.outbox.stillStands(entry)) continue;
      this.#sendEntry(line, entry);
    }
  }

  /** The line, where it may take our next post. @returns {Line | null} */
  #openLine() {
    if (this.#held) return null;
    if (this.#stuck) this.parts.line()?.renew();
    this.#stuck = false;
    return this.parts.line();
  }

  /** @param {Line} line @param {Entry} entry */
  #sendEntry(line, entry) {
    const post = { type: "post", room: this.parts.room, key: entry.key, text: entry.text };
    const limit = this.parts.limits().frame_bytes;
    if (frameBytes(encode({ ...post, id: Number.MAX_SAFE_INTEGER })) > limit) {
      // The server would close the socket, and again after each return.
      this.#fail(entry, new Refusal({ code: "message_too_long", text: `more than ${limit} bytes`, field: "text" }));
      return;
    }
    this.#awaited.delete(entry);
    const underWay = this.#underWay.set(entry.key, entry);
    line.ask(post, (refusal, answer) => {
      if (underWay === this.#underWay) this.#answered(entry, refusal, answer);
    });
  }

  /** @param {Entry} entry @param {Refusal | null} refusal @param {any} answer */
  #answered(entry, refusal, answer) {
    this.#underWay.delete(entry.key);
    if (!refusal) {
      this.backoff.reset();
      this.#acknowledge(entry, answer);
    } else if (!refusal.retry) {
      this.#fail(entry, refusal);
    } else {
      this.#hold(entry, refusal);
    }
    if (this.#held && this.#underWay.size === 0) this.#releaseLater();
    this.send();
  }

  /** @param {Entry} entry @param {any} answer */
  #acknowledge(entry, answer) {
    this.outbox.markSent(entry, answer.seq);
    const { seq, at, repeat } = answer;
    this.#settle(entry, null, { key: entry.key, seq, at, repeat });
    this.parts.onChange(entry.key);
  }

  /** @param {Entry} entry @param {Refusal} refusal */
  #fail(entry, refusal) {
    this.outbox.markFailed(entry, refusal);
    this.#settle(entry, refusal, null);
    this.parts.onChange(entry.key);
  }

  /** @param {Entry} entry @param {Refusal} refusal for now */
  #hold(entry, refusal) {
    this.#held = true;
    this.#retryAfter = Math.max(this.#retryAfter, refusal.retryAfter ?? 0);
    this.#stuck ||= [...this.#awaited].some((awaited) => !this.outbox.stillStands(awaited));
    this.#awaited.add(entry);
  }

  #releaseLater() {
    const delay = Math.max(this.backoff.next(), this.#retryAfter * 1000);
    this.parts.clock.clear(this.#timer);
    this.#timer = this.parts.clock.set(() => {
      this.#release();
      this.send();
    }, delay);
  }

  #release() {
    this.parts.clock.clear(this.#timer);
    this.#timer = null;
    this.#held = false;
    this.#retryAfter = 0;
  }

  /** @param {Entry} entry @returns {Promise<Sent>} */
  #promiseOf(entry) {
    const promise = new Promise((resolve, reject) => this.#promises.set(entry.key, { resolve, reject }));
    // A page that watches the messages' states instead need not catch.
    promise.catch(() => {});
    return promise;
  }

  /** @param {Entry} entry @param {Refusal | null} refusal @param {Sent | null} sent */
  #settle(entry, refusal, sent) {
    const promise = this.#promises.get(entry.key);
    this.#promises.delete(entry.key);
    if (refusal) promise?.reject(refusal);
    else if (sent) promise?.resolve(sent);
  }
}
