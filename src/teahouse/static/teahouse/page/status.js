/**
 * The line that says how the connection stands: quiet when all is well, plain words when not.
 */

import { button, element } from "./elements.js";
import { friendly } from "./words.js";

/** @typedef {import("../client/index.js").State} State */

export class StatusLine {
  /** What is heard: without the seconds, which would be read out one by one. */
  #heard = element("span", { class: "teahouse-heard" });
  #seen = element("span", { "aria-hidden": "true" });
  #again;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  /**
   * @param {HTMLElement} line
   * @param {import("./words.js").Say} say
   * @param {() => void} onAgain    the person wants to try now
   */
  constructor(line, say, onAgain) {
    this.line = line;
    this.say = say;
    this.#again = button(say("connect now"), onAgain);
    line.replaceChildren(this.#heard, this.#seen);
  }

  /** @param {State} state */
  show(state) {
    clearInterval(this.#ticking);
    this.line.dataset.state = state.state;
    // All is well: a dot says so to the eye.
    const quiet = state.state === "online";
    this.#write(quiet ? "" : this.#words(state), this.#words({ ...state, retryAt: null }));
    this.#seen.title = quiet ? this.#words(state) : "";
    const stuck = state.state === "waiting" || state.state === "stopped";
    if (stuck) this.line.append(this.#again);
    else this.#again.remove();
    if (state.state === "waiting") this.#ticking = setInterval(() => (this.#seen.textContent = this.#words(state)), 1000);
  }

  /** @param {string} seen @param {string} heard */
  #write(seen, heard) {
    this.#seen.textContent = seen;
    if (this.#heard.textContent !== heard) this.#heard.textContent = heard;
  }

  /** @param {State} state @returns {string} */
  #words(state) {
    const { say } = this;
    if (state.state === "stopped" && state.code) return `${say("stopped")}. ${friendly(say, state)}`;
    if (state.state !== "waiting") return say(state.state);
    if (globalThis.navigator?.onLine === false) return say("offline");
    if (state.retryAt === null) return say("no connection");
    return say("waiting", { seconds: Math.max(1, Math.ceil((state.retryAt - Date.now()) / 1000)) });
  }
}
