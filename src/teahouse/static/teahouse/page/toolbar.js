/**
 * What can be done with a message: one bar of buttons that moves to the message under the pointer or the focus.
 */

import { button, element } from "./elements.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./message.js").MessageView} MessageView
 * @typedef {"nothing" | "discard" | "change" | "sure?"} Offer
 *
 * @typedef {object} ToolbarParts
 * @property {HTMLElement} list
 * @property {import("./words.js").Say} say
 * @property {(item: HTMLElement) => MessageView | undefined} viewOf
 * @property {(shown: Shown) => void} onEdit
 * @property {(shown: Shown) => void} onDelete
 * @property {(shown: Shown) => void} onDiscard
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
    this.#bar.addEventListener("keydown", (event) => event.key === "Escape" && this.#offer === "sure?" && this.#thinkBetter());
  }

  /** The list was written anew: what can be done with a message may have changed. */
  refresh() {
    if (!this.#view) return;
    if (!this.#view.item.isConnected) this.#toward(null);
    else if (this.#offer !== "sure?" || offerOf(this.#view.shown) !== "change") this.#show(offerOf(this.#view.shown));
  }

  /** @param {EventTarget | null} target */
  #pointed(target) {
    const item = itemOf(target);
    if (item && !this.#inUse()) this.#toward(item);
  }

  /** A question is not taken away from whoever moves the pointer on the way to its answer, nor a button with the focus. */
  #inUse() {
    return this.#offer === "sure?" || this.#bar.contains(document.activeElement);
  }

  /** @param {HTMLElement | null} item */
  #toward(item) {
    if (item === (this.#view?.item ?? null)) return;
    this.#bar.remove();
    this.#offer = "nothing";
    this.#view = (item && this.parts.viewOf(item)) ?? null;
    if (this.#view) this.#show(offerOf(this.#view.shown));
  }

  /** @param {Offer} offer */
  #show(offer) {
    if (offer === this.#offer || !this.#view) return;
    const focused = this.#bar.contains(document.activeElement);
    // The focus goes to what stays before its button goes.
    if (focused) this.#view.item.focus({ preventScroll: true });
    this.#offer = offer;
    this.#bar.classList.toggle("teahouse-asking", offer === "sure?");
    this.#bar.replaceChildren(...this.#content(offer));
    if (offer === "nothing") this.#bar.remove();
    else this.#view.item.append(this.#bar);
    if (focused && offer === "sure?") this.#bar.querySelector("button")?.focus({ preventScroll: true });
  }

  /** @param {Offer} offer @returns {HTMLElement[]} */
  #content(offer) {
    const { say, onEdit, onDelete, onDiscard } = this.parts;
    /** @param {(shown: Shown) => void} act */
    const withMessage = (act) => () => this.#view && act(this.#view.shown);
    if (offer === "discard") return [button(say("discard"), withMessage(onDiscard), { icon: "close" })];
    if (offer === "change") {
      return [
        button(say("edit"), withMessage(onEdit), { icon: "edit" }),
        button(say("delete"), () => this.#show("sure?"), { icon: "delete" }),
      ];
    }
    if (offer === "nothing") return [];
    // Deleting cannot be undone: it takes a second press, and on another button than the one that has the focus.
    const no = button(say("cancel"), () => this.#thinkBetter());
    const yes = button(say("delete"), withMessage(onDelete), { class: "teahouse-grave" });
    return [element("span", {}, say("delete?")), no, yes];
  }

  #thinkBetter() {
    this.#show("change");
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} the message that it stands in */
function itemOf(target) {
  return target instanceof Element ? target.closest(".teahouse-message") : null;
}

/** @param {Shown} shown @returns {Offer} */
function offerOf({ fate, mine, seq, deleted }) {
  if (fate === "pending") return "discard";
  return mine && seq !== null && !deleted ? "change" : "nothing";
}
