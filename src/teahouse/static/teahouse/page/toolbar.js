/**
 * What can be done with a message: one bar of buttons that moves to the message under the pointer or the focus.
 */

import { button, element } from "./elements.js";
import { offerOf } from "./offers.js";
import { friendly } from "./words.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./message.js").MessageView} MessageView
 * @typedef {import("./offers.js").Offer} Offer
 *
 * @typedef {object} ToolbarParts
 * @property {HTMLElement} list
 * @property {import("./words.js").Say} say
 * @property {(item: HTMLElement) => MessageView | undefined} viewOf
 * @property {() => boolean} moderates         may the person delete anybody's message
 * @property {(shown: Shown) => void} onEdit
 * @property {(shown: Shown) => void} onDelete
 * @property {(shown: Shown) => void} onDiscard
 * @property {(shown: Shown, reason: string) => Promise<unknown>} onReport   rejects with a Refusal
 */

export class Toolbar {
  #bar = element("div", { class: "teahouse-tools" });
  /** @type {MessageView | null} */
  #view = null;
  /** @type {Offer} */
  #offer = "nothing";

  /** @param {ToolbarParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { list } = parts;
    list.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#pointed(event.target));
    list.addEventListener("pointerleave", () => this.#inUse() || this.#toward(null));
    list.addEventListener("focusin", (event) => this.#toward(itemOf(event.target)));
    list.addEventListener("focusout", (event) => this.#view && itemOf(event.relatedTarget) !== this.#view.item && this.#toward(null));
    this.#bar.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** The list was written anew, or rights changed: what can be done with a message may be something else. */
  refresh() {
    if (!this.#view) return;
    const possible = this.#possible(this.#view.shown);
    if (!this.#view.item.isConnected) this.#toward(null);
    else if (possible === "nothing" || !(this.#asks || this.#offer === "told")) this.#show(possible);
  }

  /** @param {EventTarget | null} target */
  #pointed(target) {
    const item = itemOf(target);
    if (item && !this.#inUse()) this.#toward(item);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key === "Escape" && this.#asks) this.#thinkBetter();
    // Arrows move in the field, and do not walk through the messages.
    else if (!(event.target instanceof HTMLInputElement)) return;
    event.stopPropagation();
  }

  /** A question waits for its answer. */
  get #asks() {
    return this.#offer === "sure?" || this.#offer === "why?";
  }

  /** A question is not taken away from whoever moves the pointer on the way to its answer, nor a button with the focus. */
  #inUse() {
    return this.#asks || this.#bar.contains(document.activeElement);
  }

  /** @param {Shown} shown @returns {Offer} */
  #possible(shown) {
    return offerOf(shown, this.parts.moderates());
  }

  /** @param {HTMLElement | null} item */
  #toward(item) {
    if (item === (this.#view?.item ?? null)) return;
    this.#bar.remove();
    this.#offer = "nothing";
    this.#view = (item && this.parts.viewOf(item)) ?? null;
    if (this.#view) this.#show(this.#possible(this.#view.shown));
  }

  /** @param {Offer} offer */
  #show(offer) {
    if (offer === this.#offer || !this.#view) return;
    const focused = this.#bar.contains(document.activeElement);
    // The focus goes to what stays before its button goes.
    if (focused) this.#view.item.focus({ preventScroll: true });
    this.#offer = offer;
    this.#bar.classList.toggle("teahouse-asking", this.#asks);
    this.#bar.classList.toggle("teahouse-below", offer === "why?");
    this.#bar.replaceChildren(...this.#content(offer));
    if (offer === "nothing") this.#bar.remove();
    else this.#view.item.append(this.#bar);
    if (offer === "why?") this.#bar.querySelector("input")?.focus();
    else if (focused && this.#asks) this.#bar.querySelector("button")?.focus({ preventScroll: true });
  }

  /** @param {Offer} offer @returns {HTMLElement[]} */
  #content(offer) {
    const { say, onEdit, onDelete, onDiscard } = this.parts;
    /** @param {(shown: Shown) => void} act */
    const withMessage = (act) => () => this.#view && act(this.#view.shown);
    const toDelete = () => button(say("delete"), () => this.#show("sure?"), { icon: "delete" });
    if (offer === "discard") return [button(say("discard"), withMessage(onDiscard), { icon: "close" })];
    if (offer === "change") return [button(say("edit"), withMessage(onEdit), { icon: "edit" }), toDelete()];
    if (offer === "moderate") return [toDelete()];
    if (offer === "report") return [button(say("report"), () => this.#show("why?"), { icon: "report" })];
    if (offer === "nothing") return [];
    if (offer === "why?") return [this.#reportForm()];
    // Deleting cannot be undone: it takes a second press, and on another button than the one that has the focus.
    const yes = button(say("delete"), withMessage(onDelete), { class: "teahouse-grave" });
    return [element("span", {}, say("delete?")), this.#cancel(), yes];
  }

  #reportForm() {
    const { say } = this.parts;
    const reason = element("input", { name: "reason", maxlength: "500", autocomplete: "off", dir: "auto" });
    const send = element("button", { type: "submit", class: "teahouse-grave" }, say("report"));
    const told = element("p", { class: "teahouse-told", role: "status" });
    const form = element("form", { class: "teahouse-report" }, element("label", {}, say("why report?"), reason), this.#cancel(), send, told);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#view) void this.#report(this.#view, reason.value, form, told);
    });
    return form;
  }

  /** @param {MessageView} view @param {string} reason @param {HTMLElement} form @param {HTMLElement} told */
  async #report(view, reason, form, told) {
    const { say, onReport } = this.parts;
    try {
      await onReport(view.shown, reason);
      if (this.#view !== view || this.#offer !== "why?") return;
      // The focus goes to what stays, and the bar may go when the person goes on.
      view.item.focus({ preventScroll: true });
      told.textContent = say("reported");
      form.replaceChildren(told);
      this.#offer = "told";
    } catch (refusal) {
      told.textContent = friendly(say, /** @type {any} */ (refusal));
    }
  }

  #cancel() {
    return button(this.parts.say("cancel"), () => this.#thinkBetter());
  }

  #thinkBetter() {
    if (this.#view) this.#show(this.#possible(this.#view.shown));
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} the message that it stands in */
function itemOf(target) {
  return target instanceof Element ? target.closest(".teahouse-message") : null;
}
