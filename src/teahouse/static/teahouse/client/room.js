/**
 * One room as a page sees it: its messages with those on their way, what one can do, what happens; the chat makes it.
 */

import { Pages } from "./pages.js";
import { Refusal } from "./protocol.js";
import { Reading } from "./reading.js";
import { RoomCommands } from "./room_commands.js";
import { Sender } from "./sender.js";
import { Watch } from "./watch.js";

/**
 * @typedef {import("./protocol.js").MessageRow} MessageRow
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {import("./sender.js").Sent} Sent
 *
 * @typedef {object} RoomEvents
 * @property {{seqs: number[] | null}} change    rows that are new or newer; null: another stretch is shown, look at all
 * @property {MessageRow} message                someone posted, oneself included; not for history
 * @property {{reason: string}} reset            the picture was begun anew
 * @property {import("./protocol.js").MemberRow} member
 * @property {Room} state                        how it stands, and what one may do in it
 * @property {{code: string, text: string}} ended   no longer watched, or refused
 *
 * @typedef {object} RoomParts
 * @property {string} name
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./clock.js").Clock} clock
 * @property {() => number} random
 * @property {() => import("./connection.js").Line | null} line
 * @property {() => import("./protocol.js").Limits} limits
 * @property {(room: Room) => void} onUnwatch
 */

export class Room extends RoomCommands {
  /** @type {(MessageRow | Entry)[] | null} */
  #messages = null;
  /** @type {Pages} */
  #pages;

  /** @param {RoomParts} parts */
  constructor(parts) {
    super(parts);
    this.outbox = parts.outbox;
    this.sender = new Sender({ ...parts, room: parts.name, onChange: () => this.#outboxChanged() });
    this.watch = new Watch({
      ...parts,
      onMoved: (before) => this.#moved(before),
      onReset: (reset) => this.#begunAnew(reset),
      onState: () => this.emit("state", this),
      onEnded: () => this.emit("ended", this.ended ?? { code: "", text: "" }),
    });
    this.log = this.watch.log;
    this.reading = new Reading({ ...parts, watch: this.watch });
    this.#pages = new Pages(this.log, (command) => this.ask(command), (seqs) => this.#changed(seqs));
  }

  /** What the server says of it: address, title, kind, role, can_post; null until the first answer. */
  get state() {
    return this.watch.state;
  }

  /** Why it is no longer watched. */
  get ended() {
    return this.watch.ended;
  }

  /** @returns {string} the room's name in answers and events */
  get address() {
    return this.state?.room ?? this.name;
  }

  /** Ascending; at the end of the log, one's own messages on their way follow. @returns {(MessageRow | Entry)[]} */
  get messages() {
    this.#messages ??= [...this.log.shown.rows, ...(this.hasNewer ? [] : this.outbox.entries(this.name))];
    return this.#messages;
  }

  /** Are there older messages than those shown? */
  get hasOlder() {
    return this.#pages.hasOlder;
  }

  /** Is the end of the log not shown? */
  get hasNewer() {
    return this.#pages.hasNewer;
  }

  /** Up to which number the person has read it; null for a visitor, and before the first answer. */
  get readUpto() {
    return this.reading.upto;
  }

  /** How many messages were posted since, 100 for more; null where `readUpto` is. */
  get unread() {
    return this.reading.unread;
  }

  /** The person has read it up to a message. Only forwards, and only for members. @param {number} seq */
  markRead(seq) {
    this.reading.mark(seq);
  }

  /**
   * Settled when it is acknowledged or refused for good, however late; a refusal leaves it `failed`.
   * @param {string} text
   * @returns {Promise<Sent>}
   */
  post(text) {
    return this.sender.post(text);
  }

  /** Send a failed message again. @param {string} key @returns {Promise<Sent>} */
  retry(key) {
    return this.sender.retry(this.#entry(key));
  }

  /** Forget a message that is pending or failed. @param {string} key */
  discard(key) {
    this.sender.discard(this.#entry(key));
  }

  /**
   * Rejects with the code `conflict` when the message changed since, its `standing` the row as it stands now.
   * @param {number} seq
   * @param {string} text
   * @param {number} [changed]    the version that the person saw when they began; else the one that is held now
   */
  edit(seq, text, changed) {
    return this.#touch({ type: "edit", seq, text }, changed);
  }

  /** As `edit`. @param {number} seq */
  delete(seq) {
    return this.#touch({ type: "delete", seq });
  }

  /** Load a page before the shown messages. @returns {Promise<boolean>} are there older ones still */
  older() {
    return this.#pages.older();
  }

  /** Load a page after the shown messages, which `around` loaded. @returns {Promise<boolean>} is there more still */
  newer() {
    return this.#pages.newer();
  }

  /** Show the stretch around a message. @param {number} seq @returns {Promise<boolean>} is that message there */
  around(seq) {
    return this.#pages.around(seq);
  }

  /**
   * Show the stretch around the first message that was posted at a time or later, else the end of the log.
   * @param {Date | number} time    milliseconds since 1970
   * @returns {Promise<number | null>} that message's number; null: nothing was posted so late
   */
  at(time) {
    return this.#pages.at(time);
  }

  /** Show the end of the log again. */
  latest() {
    this.#pages.latest();
  }

  /** Hold no more than the newest `count` messages: for pages that stay open for long. @param {number} count */
  trim(count) {
    const held = this.log.newest.rows.length;
    this.log.trim(count);
    if (this.log.newest.rows.length < held) this.#changed(null);
  }

  /** Watch it again after `ended`. */
  watchAgain() {
    this.watch.begin();
    this.sender.resume();
  }

  /** Watch it no more; `chat.room` makes it anew. */
  unwatch() {
    this.reading.tellNow();
    this.reading.stop();
    this.parts.line()?.ask({ type: "unwatch", room: this.name }, () => {});
    this.watch.stop();
    this.sender.stop();
    this.parts.onUnwatch(this);
  }

  /** @param {boolean} fresh is the line new, or the person */
  lineReady(fresh) {
    if (fresh) this.sender.resume();
    else this.sender.send();
    this.reading.tell();
  }

  /** Other entries than before are ours. */
  personChanged() {
    this.reading.forget();
    this.#settleSeen(this.log.newest.rows);
    this.#changed([]);
  }

  /** @param {import("./protocol.js").Reset} reset */
  #begunAnew(reset) {
    // The numbers of what was acknowledged may be of another history.
    for (const entry of this.outbox.entries(this.name)) if (entry.state === "sent") this.outbox.remove(entry);
    this.#settleSeen(reset.messages);
    this.emit("reset", { reason: reset.reason });
    this.#changed(null);
  }

  /** @param {number} before the position before */
  #moved(before) {
    const { messages, members, info } = this.log.touched;
    this.#settleSeen(messages);
    this.#changed(messages.map((row) => row.seq));
    for (const row of messages) if (row.seq > before && !row.deleted) this.emit("message", row);
    if (info) this.watch.setInfo(info);
    for (const row of members) this.#memberMoved(row);
  }

  /** @param {import("./protocol.js").MemberRow} row */
  #memberMoved(row) {
    if (row.person.id === this.outbox.uid) this.watch.setOwn(row);
    this.emit("member", row);
  }

  /** What the log shows is on its way no more. @param {MessageRow[]} rows */
  #settleSeen(rows) {
    const entries = this.outbox.entries(this.name);
    if (entries.length === 0) return;
    const seen = new Map(rows.filter((row) => row.author.id === this.outbox.uid).map((row) => [row.key, row]));
    for (const entry of entries) {
      const row = seen.get(entry.key);
      if (row) this.sender.seen(entry, row);
      else if (entry.state === "sent" && Number(entry.seq) <= Number(this.log.seq)) this.outbox.remove(entry);
    }
  }

  #outboxChanged() {
    this.#settleSeen([]);
    this.#changed([]);
  }

  /** @param {number[] | null} seqs */
  #changed(seqs) {
    this.#messages = null;
    this.emit("change", { seqs });
  }

  /** @param {string} key @returns {Entry} */
  #entry(key) {
    const entry = this.outbox.get(key);
    if (entry) return entry;
    throw new Refusal({ code: "no_such_message", text: `nothing with the key ${key} is on its way`, field: "key" });
  }

  /** @param {{type: "edit" | "delete", seq: number, text?: string}} command @param {number} [seen] the version */
  async #touch(command, seen) {
    const changed = seen ?? (this.log.shown.find(command.seq) ?? this.log.newest.find(command.seq))?.changed;
    if (changed === undefined) {
      throw new Refusal({ code: "no_such_message", text: `message ${command.seq} is not shown`, field: "seq" });
    }
    try {
      return await this.ask({ ...command, changed });
    } catch (refusal) {
      const standing = refusal instanceof Refusal ? refusal.standing : null;
      if (standing && this.log.takeRow(standing)) this.#changed([standing.seq]);
      throw refusal;
    }
  }
}
