/**
 * One message in the page: made once, then only what changed is written anew; the list has one of these for each.
 */

import { button, element } from "./elements.js";
import { hueOf, initialOf } from "./faces.js";
import { linked } from "./links.js";
import { friendly } from "./words.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 *
 * @typedef {object} MessageParts
 * @property {import("./words.js").Say} say
 * @property {import("./times.js").Times} times
 * @property {string} url                      the room's page
 * @property {(uid: string) => string} personUrl    the page about somebody in the room
 * @property {(shown: Shown) => void} onRetry
 * @property {(shown: Shown) => void} onRewrite   take it back into the composer
 * @property {(shown: Shown) => void} onDiscard
 */

export class MessageView {
  item = element("li", { class: "teahouse-message", tabindex: "-1" });
  #avatar = element("span", { class: "teahouse-avatar", "aria-hidden": "true" });
  #author = element("a", { class: "teahouse-author", dir: "auto", tabindex: "-1" });
  #kind = element("span", { class: "teahouse-kind" });
  #time = element("time");
  #permalink = element("a", { class: "teahouse-permalink", tabindex: "-1" }, this.#time);
  #meta = element("p", { class: "teahouse-meta" }, this.#author, " ", this.#kind, " ", this.#permalink);
  #text = element("p", { class: "teahouse-text", dir: "auto" });
  #fate = element("p", { class: "teahouse-fate" });
  /** @type {Shown | null} */
  #shown = null;
  #continued = false;

  /** @param {MessageParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.item.append(this.#avatar, this.#meta, this.#text);
  }

  /** @returns {Shown} what it shows */
  get shown() {
    if (!this.#shown) throw new Error("a message shows nothing before the first `show`");
    return this.#shown;
  }

  /** @param {Shown} shown @param {boolean} continued   does it follow one of the same author */
  show(shown, continued) {
    const before = this.#shown;
    if (before && continued === this.#continued && same(before, shown)) return;
    this.#shown = shown;
    this.#continued = continued;
    this.#showPlace(shown, continued);
    this.#showAuthor(shown, continued);
    this.#showTime(shown);
    if (!before || before.text !== shown.text || before.deleted !== shown.deleted) this.#showText(shown);
    this.#text.toggleAttribute("data-edited", shown.editedAt !== null && !shown.deleted);
    if (shown.editedAt !== null) this.#text.dataset.edited = this.parts.say("edited");
    this.#showFate(shown);
  }

  /** @param {Shown} shown @param {boolean} continued */
  #showPlace({ seq, key, changed, author, mine, deleted, fate }, continued) {
    const { classList, dataset } = this.item;
    classList.toggle("teahouse-mine", mine);
    classList.toggle("teahouse-deleted", deleted);
    classList.toggle("teahouse-continued", continued);
    classList.toggle("teahouse-pending", fate === "pending");
    classList.toggle("teahouse-failed", fate === "failed");
    Object.assign(dataset, { key, author: author.id, changed: String(changed) });
    if (seq === null) delete dataset.seq;
    else dataset.seq = String(seq);
  }

  /** @param {Shown} shown @param {boolean} continued */
  #showAuthor({ author, mine }, continued) {
    const { say, personUrl } = this.parts;
    this.item.style.setProperty("--teahouse-hue", String(hueOf(author.id)));
    this.#avatar.textContent = initialOf(author.name);
    this.#author.textContent = author.name;
    // Where the name is only heard, a link could get the focus and not be seen.
    if (!mine && !continued) this.#author.href = personUrl(author.id);
    else {
      this.#author.removeAttribute("href");
      this.#author.tabIndex = -1;
    }
    const kind = author.kind === "guest" || author.kind === "bot" ? say(author.kind) : "";
    this.#kind.textContent = kind;
    this.#kind.hidden = kind === "";
  }

  /** @param {Shown} shown */
  #showTime({ at, seq }) {
    const { times, url } = this.parts;
    this.#time.dateTime = new Date(at).toISOString();
    this.#time.title = times.full.format(at);
    this.#time.textContent = times.clock.format(at);
    if (seq === null) this.#permalink.removeAttribute("href");
    else this.#permalink.href = `${url}?around=${seq}#m${seq}`;
  }

  /** @param {Shown} shown */
  #showText({ text, deleted }) {
    if (deleted) this.#text.textContent = this.parts.say("deleted");
    else this.#text.replaceChildren(...linked(text));
  }

  /** @param {Shown} shown */
  #showFate(shown) {
    const { say, onRetry, onRewrite, onDiscard } = this.parts;
    if (shown.fate === null) {
      this.#fate.remove();
      return;
    }
    if (shown.fate === "pending") {
      this.#fate.replaceChildren(say("sending"));
    } else {
      this.#fate.replaceChildren(
        element("span", { class: "teahouse-problem" }, `${say("failed")}: ${friendly(say, shown.problem ?? {})}`),
        " ",
        button(say("send again"), () => onRetry(this.shown)),
        button(say("rewrite"), () => onRewrite(this.shown)),
        button(say("discard"), () => onDiscard(this.shown)),
      );
    }
    this.#text.after(this.#fate);
  }
}

/** @param {Shown} one @param {Shown} other @returns {boolean} would they look the same */
function same(one, other) {
  return (
    one.changed === other.changed &&
    one.seq === other.seq &&
    one.at === other.at &&
    one.fate === other.fate &&
    one.mine === other.mine &&
    one.text === other.text &&
    one.deleted === other.deleted &&
    one.author.name === other.author.name &&
    one.author.kind === other.author.kind
  );
}
