/**
 * The messages of a room as a list that stays short: which of them stand in the page, in what order, and what stands between.
 */

import { element } from "./elements.js";
import { MessageView } from "./message.js";
import { continues, isRow, shown } from "./shown.js";
import { Stretch } from "./stretch.js";

/**
 * @typedef {import("./shown.js").Message} Message
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./shown.js").Person} Person
 *
 * @typedef {object} Picture
 * @property {readonly Message[]} messages   all that are held, ascending
 * @property {Person | null} me
 * @property {number | null} newAfter        the number of the last message that was seen: the mark stands after it
 * @property {boolean} whole                 does the first of them begin the room
 */

export class MessageList {
  stretch = new Stretch();
  /** By the message's id. @type {Map<string, MessageView>} */
  #views = new Map();
  /** By day. @type {Map<string, HTMLElement>} */
  #days = new Map();
  #newMark;
  #beginning;

  /** @param {HTMLElement} list @param {import("./message.js").MessageParts} parts */
  constructor(list, parts) {
    this.list = list;
    this.parts = parts;
    this.#newMark = element("li", { class: "teahouse-mark teahouse-new" }, element("span", {}, parts.say("new messages")));
    this.#beginning = element("li", { class: "teahouse-mark teahouse-beginning" }, parts.say("beginning"));
  }

  /** Make the page show the stretch of this picture. @param {Picture} picture */
  show(picture) {
    const wanted = this.#wanted(picture);
    for (const child of [...this.list.children]) if (!wanted.has(child)) this.#remove(child);
    let place = this.list.firstElementChild;
    for (const child of wanted) {
      if (child === place) place = place.nextElementSibling;
      else this.list.insertBefore(child, place);
    }
  }

  /** @param {number} seq @returns {MessageView | undefined} if it stands in the page */
  find(seq) {
    const item = this.list.querySelector(`[data-seq="${seq}"]`);
    return item instanceof HTMLElement ? this.viewOf(item) : undefined;
  }

  /** @param {HTMLElement} item @returns {MessageView | undefined} */
  viewOf({ dataset }) {
    return this.#views.get(`${dataset.author}/${dataset.key}`);
  }

  /** The messages that stand in the page, in order. @returns {HTMLElement[]} */
  get items() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".teahouse-message")]);
  }

  /** The mark between what was seen and what is new, when it stands in the page. @returns {HTMLElement | null} */
  get newMark() {
    return this.#newMark.isConnected ? this.#newMark : null;
  }

  /** @param {Picture} picture @returns {Set<Element>} what should stand in the list, in order */
  #wanted({ messages, me, newAfter, whole }) {
    const [start, end] = this.stretch.bounds(messages);
    const firstNew = newAfter === null ? -1 : firstNewAfter(newAfter, messages, me);
    /** @type {Set<Element>} */
    const wanted = new Set();
    const views = new Map();
    const days = new Map();
    if (start === 0 && whole && messages.length > 0) wanted.add(this.#beginning);
    let before = start > 0 ? shown(/** @type {Message} */ (messages[start - 1]), me) : null;
    messages.slice(start, end).forEach((message, index) => {
      const next = shown(message, me);
      const day = this.parts.times.dayOf(next.at);
      const newDay = before === null || this.parts.times.dayOf(before.at) !== day;
      if (newDay) wanted.add(days.get(day) ?? days.set(day, this.#dayMark(day, next.at)).get(day));
      if (start + index === firstNew) wanted.add(this.#newMark);
      const view = this.#views.get(next.id) ?? new MessageView(this.parts);
      view.show(next, !newDay && start + index !== firstNew && continues(before, next));
      views.set(next.id, view);
      wanted.add(view.item);
      before = next;
    });
    this.#views = views;
    this.#days = days;
    return wanted;
  }

  /** @param {string} day @param {number} at @returns {HTMLElement} */
  #dayMark(day, at) {
    const mark = this.#days.get(day) ?? element("li", { class: "teahouse-mark teahouse-day" }, element("span"));
    const name = this.parts.times.dayName(at, Date.now(), this.parts.say);
    if (mark.textContent !== name) /** @type {Element} */ (mark.firstChild).textContent = name;
    return mark;
  }

  /** @param {Element} child */
  #remove(child) {
    // Focus that falls out of the page would begin again at its top.
    const focused = child.contains(document.activeElement);
    child.remove();
    if (focused) /** @type {HTMLElement | null} */ (this.list.closest("[tabindex]"))?.focus({ preventScroll: true });
  }
}

/**
 * @param {number} newAfter
 * @param {readonly Message[]} messages
 * @param {Person | null} me
 * @returns {number} index of the first message of someone else past that number, -1 when there is none
 */
function firstNewAfter(newAfter, messages, me) {
  return messages.findIndex((message) => isRow(message) && message.seq > newAfter && message.author.id !== me?.id);
}
