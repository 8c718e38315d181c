/**
 * Reads new messages out to those who hear the page: only what came just now, many at once as a number.
 */

import { element } from "./elements.js";

const GATHER_MILLISECONDS = 700;
const MOST_READ = 3;

export class Announcer {
  /** @type {{seq: number, line: string}[]} */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #region = element("div", { class: "teahouse-heard", "aria-live": "polite" });

  /** @param {HTMLElement} section @param {import("./words.js").Say} say */
  constructor(section, say) {
    this.say = say;
    section.append(this.#region);
  }

  /** @param {number} seq @param {string} author @param {string} text */
  came(seq, author, text) {
    this.#waiting.push({ seq, line: `${author}: ${text}` });
    this.#timer ??= setTimeout(() => this.#read(), GATHER_MILLISECONDS);
  }

  /** A deleted text stays nowhere in the page. @param {number} seq */
  forget(seq) {
    this.#waiting = this.#waiting.filter((message) => message.seq !== seq);
    this.#region.querySelector(`[data-heard="${seq}"]`)?.remove();
  }

  #read() {
    this.#timer = null;
    const many = this.#waiting.length > MOST_READ;
    const count = this.say("new messages count", { count: this.#waiting.length });
    const lines = this.#waiting.map(({ seq, line }) => element("p", { "data-heard": String(seq) }, line));
    this.#region.replaceChildren(...(many ? [element("p", {}, count)] : lines));
    this.#waiting = [];
  }
}
