/**
 * Reads new messages out to those who hear the page: only what came just now, many at once as a number.
 */

import { element } from "./elements.js";

const GATHER_MILLISECONDS = 700;
const MOST_READ = 3;

export class Announcer {
  /** @type {string[]} */
  #waiting = [];
  #region = element("div", { class: "teahouse-heard", "aria-live": "polite" });

  /** @param {HTMLElement} section @param {import("./words.js").Say} say */
  constructor(section, say) {
    this.say = say;
    section.append(this.#region);
  }

  /** @param {string} author @param {string} text */
  came(author, text) {
    if (this.#waiting.push(`${author}: ${text}`) === 1) setTimeout(() => this.#read(), GATHER_MILLISECONDS);
  }

  #read() {
    const many = this.#waiting.length > MOST_READ;
    const lines = many ? [this.say("new messages count", { count: this.#waiting.length })] : this.#waiting;
    this.#region.replaceChildren(...lines.map((line) => element("p", {}, line)));
    this.#waiting = [];
  }
}
