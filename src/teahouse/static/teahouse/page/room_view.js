/**
 * One section of the page that shows one room: puts its reading and its writing side together; `app` makes them.
 */

import { Announcer } from "./announcer.js";
import { Composer } from "./composer.js";
import { Drafts } from "./drafts.js";
import { element, find } from "./elements.js";
import { closesByItself } from "./fold.js";
import { nicknameForm, showNickname } from "./nickname.js";
import { Reader } from "./reader.js";
import { Roving } from "./roving.js";
import { isRow, shown } from "./shown.js";
import { Silence } from "./silence.js";
import { StatusLine } from "./status.js";
import { Times } from "./times.js";
import { Toolbar } from "./toolbar.js";
import { WaitingReports } from "./waiting.js";
import { friendly } from "./words.js";

/**
 * @typedef {import("../client/index.js").Chat} Chat
 * @typedef {import("../client/index.js").Room} Room
 * @typedef {import("./shown.js").Shown} Shown
 *
 * @typedef {object} ViewParts
 * @property {HTMLElement} section
 * @property {Chat} chat
 * @property {import("./words.js").Say} say
 * @property {Storage | null} storage
 * @property {number | null} goal     the message that the page's address names, in this room
 * @property {(count: number) => void} onUnseen   how many messages of others came and were not looked at
 */

export class RoomView {
  /** @type {Composer | null} */
  composer = null;

  /** @param {ViewParts} parts */
  constructor({ section, chat, say, storage, goal, onUnseen }) {
    this.section = section;
    // Without scripts the style alone keeps the end in view, with them the page does.
    section.classList.add("teahouse-live");
    this.chat = chat;
    this.say = say;
    this.storage = storage;
    this.onUnseen = onUnseen;
    this.room = chat.room(section.dataset.teahouseRoom ?? "");
    this.times = new Times(section.lang || document.documentElement.lang || "en");
    this.title = find(section, ".teahouse-title", HTMLElement);
    this.status = new StatusLine(find(section, ".teahouse-status", HTMLElement), say, () => this.#connectNow());
    this.announcer = new Announcer(section, say);
    this.scroller = find(section, ".teahouse-scroll", HTMLElement);
    this.list = find(section, ".teahouse-messages", HTMLElement);
    this.roving = new Roving(this.list, { onLeave: () => this.composer?.focus() });
    this.toolbar = this.#makeToolbar();
    this.empty = find(section, ".teahouse-hollow", HTMLElement);
    this.notice = element("p", { class: "teahouse-refusal", role: "alert", hidden: true });
    this.scroller.after(this.notice);
    this.reader = this.#makeReader(goal);
    this.composer = this.#makeComposer();
    this.silence = this.#makeSilence();
    this.waiting = new WaitingReports({ link: find(section, ".teahouse-about", HTMLElement), room: this.room, say });
    this.you = this.#makeNickname();
    const day = section.querySelector("details.teahouse-day");
    if (day instanceof HTMLDetailsElement) closesByItself(day);
    this.#listen();
  }

  #makeToolbar() {
    return new Toolbar({
      list: this.list,
      say: this.say,
      viewOf: (item) => this.reader.list.viewOf(item),
      onEdit: (message) => this.composer?.edit(message),
      onDelete: (message) => this.#delete(message),
      onDiscard: ({ key }) => this.#discard(key),
      moderates: () => this.room.state?.can_moderate ?? false,
      onReport: ({ seq }, reason) => this.room.report(Number(seq), reason),
    });
  }

  /** @param {number | null} goal */
  #makeReader(goal) {
    const { section, say, room, storage, scroller, times } = this;
    return new Reader({
      scroller,
      room,
      storage,
      goal,
      me: () => this.chat.me,
      onRendered: (unseen) => this.#rendered(unseen),
      message: {
        say,
        times,
        url: section.dataset.url ?? "",
        personUrl: (uid) => `${section.dataset.about ?? ""}person/${encodeURIComponent(uid)}/`,
        onRetry: ({ key }) => void this.room.retry(key).catch(() => {}),
        onRewrite: ({ key, text }) => this.#discard(key) && this.composer?.takeBack(text),
        onDiscard: ({ key }) => this.#discard(key),
      },
    });
  }

  #makeComposer() {
    const form = this.section.querySelector(".teahouse-composer");
    if (!(form instanceof HTMLFormElement)) return null;
    return new Composer({
      form,
      drafts: new Drafts(this.storage, this.room.name),
      say: this.say,
      limit: () => this.chat.limits.message_length,
      onPost: (text) => this.#post(text),
      onEdit: ({ seq, changed }, text) => this.room.edit(seq, text, changed),
      lastOwn: () => this.#lastOwn(),
      onEditing: (seq) => this.reader.markEditing(seq),
    });
  }

  #makeSilence() {
    const { composer, say, times } = this;
    return composer && new Silence({ form: composer.form, say, times, onWait: (waits) => composer.wait(waits) });
  }

  #makeNickname() {
    const details = this.section.querySelector("details.teahouse-you");
    if (!(details instanceof HTMLDetailsElement)) return null;
    nicknameForm(details, { say: this.say, onRenamed: () => this.#greetAnew() });
    return details;
  }

  #listen() {
    const { chat, room } = this;
    chat.on("state", (state) => this.#stateChanged(state));
    chat.on("me", () => this.#meChanged());
    room.on("state", () => this.#roomChanged());
    room.on("ended", (ended) => this.#ended(ended));
    room.on("message", (row) => this.#came(row));
    room.on("change", ({ seqs }) => this.#forgetDeleted(seqs ?? []));
    if (chat.me) this.#meChanged();
    this.status.show(chat.state);
  }

  /** @param {import("../client/index.js").State} state */
  #stateChanged(state) {
    this.status.show(state);
    if (state.state === "online" || state.state === "polling") this.reader.unstick();
  }

  #meChanged() {
    const { me } = this.chat;
    if (!me) return;
    this.composer?.belongTo(me.id);
    if (this.you) showNickname(this.you, me.name);
    this.reader.render();
  }

  #roomChanged() {
    const { state } = this.room;
    if (!state) return;
    this.title.textContent = state.title;
    this.composer?.allow(state.can_post);
    this.silence?.show(state, this.#lastPosted());
    this.toolbar.refresh();
    this.notice.hidden = true;
  }

  /** @param {{code: string, text: string}} ended */
  #ended(ended) {
    this.composer?.allow(false);
    this.silence?.end();
    this.notice.textContent = friendly(this.say, ended);
    this.notice.hidden = false;
  }

  /** @param {import("../client/index.js").MessageRow} row */
  #came(row) {
    if (row.author.id === this.chat.me?.id) return;
    this.reader.seen.came();
    this.announcer.came(row.seq, row.author.name, row.text ?? "");
  }

  /** @param {number[]} seqs */
  #forgetDeleted(seqs) {
    for (const seq of seqs) if (this.room.log.newest.find(seq)?.deleted) this.announcer.forget(seq);
  }

  /** @param {string} text */
  #post(text) {
    this.room.post(text).then(() => this.#posted(), () => {});
    this.reader.posted();
  }

  /** In a slow room the next one waits. */
  #posted() {
    const { state, ended } = this.room;
    if (state && !ended) this.silence?.show(state, Date.now());
  }

  #lastPosted() {
    return this.#lastOwn()?.at ?? 0;
  }

  /** @param {Shown} message */
  #delete({ seq }) {
    if (seq === null) return;
    this.room.delete(seq).catch((refusal) => this.composer?.tell(friendly(this.say, refusal)));
  }

  /** @param {string} key @returns {boolean} was it still there */
  #discard(key) {
    try {
      this.room.discard(key);
      return true;
    } catch {
      return false;
    }
  }

  /** @returns {Shown | null} the last message of one's own that stands in the log, and can be edited */
  #lastOwn() {
    const { me } = this.chat;
    const own = [...this.room.messages].reverse().find((row) => isRow(row) && row.author.id === me?.id && !row.deleted);
    return own ? shown(own, me) : null;
  }

  /** @param {number} unseen */
  #rendered(unseen) {
    this.roving.refresh();
    this.toolbar.refresh();
    this.empty.hidden = this.list.childElementCount > 0;
    this.onUnseen(unseen);
  }

  #connectNow() {
    if (this.chat.state.state === "stopped") this.chat.start();
    else this.chat.wake();
  }

  /** The server knows people by the connection: under another name one connects anew. */
  #greetAnew() {
    this.chat.stop();
    this.chat.start();
  }
}
