/**
 * The reading side of a room: shows its messages, loads more where the person scrolls, and knows what they have seen.
 */

import { button, element } from "./elements.js";
import { MessageList } from "./list.js";
import { rowsInPage } from "./page_rows.js";
import { Scroll } from "./scroll.js";
import { Seen } from "./seen.js";
import { isRow } from "./shown.js";

/**
 * @typedef {import("../client/index.js").Room} Room
 * @typedef {import("./shown.js").Message} Message
 * @typedef {import("./shown.js").Person} Person
 *
 * @typedef {object} ReaderParts
 * @property {HTMLElement} scroller
 * @property {Room} room
 * @property {() => Person | null} me
 * @property {Pick<Storage, "getItem" | "setItem"> | null} storage
 * @property {import("./message.js").MessageParts} message
 * @property {number | null} goal        the message that the address names
 * @property {(unseen: number) => void} onRendered    with how many messages of others were not looked at
 */

/** So many pixels before the end of what stands in the page, more is put there. */
const REACH = 700;
/** More messages than this are not held while nobody looks back at them. */
const HELD = 2_000;

export class Reader {
  #ready = false;
  #renderTimer = 0;
  #loading = false;
  #stuck = false;
  /** On the way to a message: what is shown meanwhile is not where the person is led. */
  #going = false;
  /** @type {number | null} */
  #editing = null;

  /** @param {ReaderParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.room = parts.room;
    const { scroller, message, storage } = parts;
    const list = /** @type {HTMLElement} */ (scroller.querySelector(".teahouse-messages"));
    this.pageRows = rowsInPage(list);
    this.list = new MessageList(list, message);
    this.scroll = new Scroll(scroller, list, () => this.#moved());
    this.seen = new Seen(storage, parts.room.name);
    this.older = this.#edge();
    this.toNewest = button("", () => this.goToNewest(), { class: "teahouse-to-newest", icon: "down" });
    this.toNewest.hidden = true;
    // Of no height, at the lower edge of the messages, however high the composer is.
    scroller.after(element("div", { class: "teahouse-edge" }, this.toNewest));
    this.#listen();
    this.render();
    if (parts.goal !== null) this.#point(parts.goal);
  }

  /** What is held of the room, or until then what stood in the page. @returns {readonly Message[]} */
  get messages() {
    const { messages } = this.room;
    return this.#ready ? messages : [...this.pageRows, ...messages.filter((message) => !isRow(message))];
  }

  /** Show a message wherever in the room it stands. @param {number} seq @returns {Promise<boolean>} is it there */
  async goTo(seq) {
    this.#going = true;
    const found = await this.room.around(seq).catch(() => false);
    this.#going = false;
    if (!this.#ready) this.#becomeReady();
    if (found) this.#point(seq);
    return found;
  }

  /** Show the end of the room, and follow it. */
  goToNewest() {
    this.room.latest();
    this.list.stretch.toEnd(this.messages);
    this.scroll.following = true;
    this.render();
    this.scroll.toEnd();
    this.#moved();
  }

  /** The person posted: they stand at the end again, and know all that is above. */
  posted() {
    this.seen.posted();
    this.goToNewest();
  }

  /** Mark the message that is being edited. @param {number | null} seq */
  markEditing(seq) {
    this.#editing = seq;
    this.render();
  }

  /** Show what is new at the next frame: all that came with one write is shown at once. */
  renderSoon() {
    if (this.#renderTimer !== 0) return;
    const render = () => {
      this.#renderTimer = 0;
      this.render();
    };
    // Frames stop while a page is hidden.
    this.#renderTimer = document.hidden ? setTimeout(render, 200) : requestAnimationFrame(render);
  }

  render() {
    const { messages } = this;
    const { list, scroll, room } = this;
    list.stretch.hold(messages, scroll.following);
    scroll.open = list.stretch.open && !(this.#ready && room.hasNewer);
    scroll.following &&= scroll.open;
    scroll.keep(() => {
      list.show({ messages, me: this.parts.me(), newAfter: this.seen.mark, whole: this.#ready && !room.hasOlder });
      this.#showEdge();
      this.#showEditing();
    });
    this.#look();
    this.parts.onRendered(this.seen.count);
    this.#fill();
  }

  #listen() {
    const { room } = this;
    room.on("change", ({ seqs }) => (seqs === null && this.#ready && !this.#going ? this.#otherStretch() : this.renderSoon()));
    room.on("reset", () => this.#begun());
    document.addEventListener("visibilitychange", () => this.render());
  }

  /** A picture was begun: the first goes where the address points, or to what is new. */
  #begun() {
    const { room, parts } = this;
    this.seen.begin(parts.me()?.id ?? null, room.log.epoch ?? "", room.log.newest.rows);
    if (this.#ready) return;
    if (parts.goal !== null) void this.goTo(parts.goal);
    else this.#becomeReady();
  }

  #becomeReady() {
    this.#ready = true;
    this.list.stretch.toEnd(this.messages);
    this.render();
    const mark = this.list.newMark;
    if (mark && this.scroll.following && !this.scroll.shows(mark)) {
      this.scroll.toElement(mark);
      this.#moved();
    }
  }

  /** Other messages than before are held: the person stays where they are if that is among them. */
  #otherStretch() {
    const first = this.list.items.find((item) => this.scroll.shows(item));
    const stays = first?.dataset.seq !== undefined && this.messages.some((row) => isRow(row) && row.seq === Number(first.dataset.seq));
    if (stays && !this.scroll.following) this.renderSoon();
    else this.goToNewest();
  }

  /** @param {number} seq */
  #point(seq) {
    this.list.stretch.toward(this.messages, seq);
    this.scroll.following = false;
    this.render();
    const item = this.list.find(seq)?.item;
    if (!item) return;
    this.scroll.toElement(item);
    item.classList.remove("teahouse-pointed");
    void item.offsetWidth;
    item.classList.add("teahouse-pointed");
    this.#moved();
  }

  #moved() {
    this.#look();
    this.#fill();
  }

  /** Put more into the page where the person comes near the end of what stands there. */
  #fill() {
    const { scroll, list } = this;
    if (this.parts.scroller.clientHeight === 0) return;
    if (scroll.above < REACH) {
      if (list.stretch.growUp(this.messages)) this.renderSoon();
      else if (this.#ready && this.room.hasOlder) this.#load(() => this.room.older());
    }
    if (scroll.below < REACH) {
      if (list.stretch.growDown(this.messages)) this.renderSoon();
      else if (this.#ready && this.room.hasNewer) this.#load(() => this.room.newer());
    }
  }

  /** @param {() => Promise<boolean>} page */
  #load(page) {
    if (this.#loading || this.#stuck) return;
    this.#loading = true;
    page()
      .catch(() => (this.#stuck = true))
      .finally(() => {
        this.#loading = false;
        this.renderSoon();
      });
  }

  /** The line is there again: what could not be loaded can be now. */
  unstick() {
    if (!this.#stuck) return;
    this.#stuck = false;
    this.renderSoon();
  }

  #look() {
    const looking = this.#ready && !document.hidden && this.scroll.following;
    const last = this.room.log.newest.rows.at(-1)?.seq ?? 0;
    this.seen.look(looking, last);
    if (looking) this.room.markRead(last);
    if (looking && this.messages.length > HELD) this.room.trim(HELD / 2);
    this.#showToNewest();
  }

  #showToNewest() {
    const { count } = this.seen;
    const { say } = this.parts.message;
    const away = !this.scroll.following && (this.scroll.below > this.parts.scroller.clientHeight / 2 || !this.scroll.open);
    this.toNewest.hidden = !away && (count === 0 || this.scroll.following);
    const label = count > 0 ? say("new messages count", { count }) : say("newest");
    if (this.toNewest.getAttribute("aria-label") === label) return;
    this.toNewest.setAttribute("aria-label", label);
    this.toNewest.title = label;
    this.toNewest.querySelector("span")?.remove();
    if (count > 0) this.toNewest.prepend(element("span", {}, count > 99 ? "99+" : String(count)));
  }

  /** What stands above the first message: the server's link becomes one that loads in place. @returns {HTMLAnchorElement} */
  #edge() {
    const { scroller, message } = this.parts;
    scroller.querySelectorAll(".teahouse-newer, .teahouse-newest").forEach((link) => link.remove());
    const standing = scroller.querySelector(".teahouse-older");
    const link = standing instanceof HTMLAnchorElement ? standing : element("a", { class: "teahouse-older", href: message.url });
    link.textContent = message.say("older");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.#stuck = false;
      this.#fill();
    });
    this.list.list.before(link);
    return link;
  }

  #showEdge() {
    const { say } = this.parts.message;
    const [start] = this.list.stretch.bounds(this.messages);
    this.older.hidden = !this.#ready || (start === 0 && !this.room.hasOlder);
    this.older.textContent = this.#stuck ? say("older") : say("loading");
  }

  #showEditing() {
    this.list.list.querySelector(".teahouse-edited-now")?.classList.remove("teahouse-edited-now");
    if (this.#editing !== null) this.list.find(this.#editing)?.item.classList.add("teahouse-edited-now");
  }
}
