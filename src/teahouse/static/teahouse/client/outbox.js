/**
 * Messages on their way, kept in storage over a reload and belonging to the person who wrote them; rooms send from it.
 */

import { makeKey } from "./keys.js";

/**
 * @typedef {object} Storage        what the browser's localStorage has; each method may throw
 * @property {number} length
 * @property {(index: number) => string | null} key
 * @property {(name: string) => string | null} getItem
 * @property {(name: string, value: string) => void} setItem
 * @property {(name: string) => void} removeItem
 *
 * @typedef {object} Entry
 * @property {string} key
 * @property {string | null} uid    who wrote it; null until the first hello says who we are
 * @property {string} room          as the room was asked for
 * @property {string} text
 * @property {number} order         ascending in the order of writing
 * @property {"pending" | "sent" | "failed"} state   sent: acknowledged, and waiting to be seen in the log
 * @property {number} [seq]         of a sent one
 * @property {string} [code]        why a failed one was refused
 * @property {string} [problem]     the same for people
 */

const PREFIX = "teahouse:outbox:";

export class Outbox {
  /** Who the entries are shown and sent for. @type {string | null} */
  uid = null;
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** Keys that were written in this tab, and so are sent whatever another tab does. @type {Set<string>} */
  #own = new Set();
  #lastOrder = 0;

  /**
   * @param {object} parts
   * @param {Storage | null} parts.storage    null: nothing outlives the page
   * @param {import("./clock.js").Clock} parts.clock
   * @param {() => string} [parts.newKey]
   */
  constructor({ storage, clock, newKey = () => makeKey() }) {
    this.storage = storage;
    this.clock = clock;
    this.newKey = newKey;
  }

  /**
   * From now on this is who we are. What was written before anyone was known becomes theirs; what another person wrote
   * stays stored, and is neither shown nor sent.
   * @param {string} uid
   */
  belongTo(uid) {
    if (uid === this.uid) return;
    this.uid = uid;
    for (const entry of this.#entries.values()) {
      if (entry.uid !== null) continue;
      entry.uid = uid;
      this.#store(entry);
    }
    this.#load(uid);
  }

  /** @param {string} room @param {string} text @returns {Entry} */
  add(room, text) {
    this.#lastOrder = Math.max(this.#lastOrder + 1, this.clock.now());
    /** @type {Entry} */
    const entry = { key: this.newKey(), uid: this.uid, room, text, order: this.#lastOrder, state: "pending" };
    this.#entries.set(entry.key, entry);
    this.#own.add(entry.key);
    this.#store(entry);
    return entry;
  }

  /** @param {string} room @returns {Entry[]} ours, in the order of writing */
  entries(room) {
    return [...this.#entries.values()]
      .filter((entry) => entry.uid === this.uid && entry.room === room)
      .sort((one, other) => one.order - other.order);
  }

  /** @param {string} key @returns {Entry | undefined} */
  get(key) {
    const entry = this.#entries.get(key);
    return entry?.uid === this.uid ? entry : undefined;
  }

  /** Is it still to be sent? Not when another tab has sent or discarded it. @param {Entry} entry */
  stillStands(entry) {
    const elsewhere = !this.#own.has(entry.key) && this.#read(this.#name(entry)) === null;
    if (elsewhere) this.#entries.delete(entry.key);
    return !elsewhere && this.#entries.has(entry.key) && entry.state === "pending";
  }

  /**
   * It is in the log: nothing is kept over a reload, and the page shows it until the log does.
   * @param {Entry} entry
   * @param {number} seq
   */
  markSent(entry, seq) {
    this.#unstore(entry);
    entry.state = "sent";
    entry.seq = seq;
  }

  /** @param {Entry} entry @param {import("./protocol.js").Refusal} refusal */
  markFailed(entry, refusal) {
    Object.assign(entry, { state: "failed", code: refusal.code, problem: refusal.message });
    if (this.#own.has(entry.key) || this.#read(this.#name(entry)) !== null) this.#store(entry);
  }

  /**
   * A failed one is pending again, under the same key: sending twice is safe, and a lost answer may hide a success.
   * @param {Entry} entry
   */
  markPending(entry) {
    entry.state = "pending";
    delete entry.code;
    delete entry.problem;
    this.#own.add(entry.key);
    this.#store(entry);
  }

  /** @param {Entry} entry */
  remove(entry) {
    this.#entries.delete(entry.key);
    this.#unstore(entry);
  }

  /** @param {string} uid */
  #load(uid) {
    for (const name of this.#names(`${PREFIX}${uid}:`)) {
      const entry = parseEntry(this.#read(name));
      if (!entry || entry.uid !== uid || this.#entries.has(entry.key)) continue;
      this.#entries.set(entry.key, entry);
      this.#lastOrder = Math.max(this.#lastOrder, entry.order);
    }
  }

  /** @param {string} prefix @returns {string[]} */
  #names(prefix) {
    try {
      const count = this.storage?.length ?? 0;
      const names = Array.from({ length: count }, (_, index) => this.storage?.key(index) ?? "");
      return names.filter((name) => name.startsWith(prefix));
    } catch {
      return [];
    }
  }

  /** One item for each entry: tabs of one person never write over each other's. @param {Entry} entry */
  #name(entry) {
    return `${PREFIX}${entry.uid}:${entry.key}`;
  }

  /** @param {string} name @returns {string | null} */
  #read(name) {
    try {
      return this.storage?.getItem(name) ?? null;
    } catch {
      return null;
    }
  }

  /** A full or forbidden storage costs only what a reload would have kept. @param {Entry} entry */
  #store(entry) {
    if (entry.uid === null) return;
    try {
      this.storage?.setItem(this.#name(entry), JSON.stringify(entry));
    } catch {
      this.#own.add(entry.key);
    }
  }

  /** @param {Entry} entry */
  #unstore(entry) {
    try {
      this.storage?.removeItem(this.#name(entry));
    } catch {
      // Sent again after a reload, its key makes it a repeat.
    }
  }
}

/** @param {string | null} item @returns {Entry | null} what is no entry of ours is passed over */
function parseEntry(item) {
  try {
    const entry = JSON.parse(item ?? "null");
    const whole = [entry?.key, entry?.uid, entry?.room, entry?.text].every((field) => typeof field === "string");
    return whole && typeof entry.order === "number" && entry.state !== "sent" ? entry : null;
  } catch {
    return null;
  }
}
