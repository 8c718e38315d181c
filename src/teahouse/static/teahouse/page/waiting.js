/**
 * How many reports wait for who looks after the room, beside the way to its page; the room view has one.
 *
 * A report is no entry of the log, so nobody is told of it: it is asked for while the page is in front, now and then.
 */

import { element } from "./elements.js";

const EVERY_MS = 60_000;
/** Whoever goes to and fro between windows does not ask each time. */
const AT_MOST_EVERY_MS = 5_000;

export class WaitingReports {
  #asked = 0;

  /** @param {{link: HTMLElement, room: import("../client/index.js").Room, say: import("./words.js").Say}} parts */
  constructor({ link, room, say }) {
    this.link = link;
    this.room = room;
    this.say = say;
    setInterval(() => this.#look(), EVERY_MS);
    window.addEventListener("focus", () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
    room.on("state", () => this.#moderates || this.#show(0));
  }

  get #moderates() {
    return this.room.state?.can_moderate ?? false;
  }

  #look() {
    if (document.hidden || !this.#moderates || this.room.ended || Date.now() - this.#asked < AT_MOST_EVERY_MS) return;
    this.#asked = Date.now();
    // What fails is asked again soon enough.
    this.room.reports().then((reports) => this.#show(this.#moderates ? reports.length : 0), () => {});
  }

  /** @param {number} count */
  #show(count) {
    this.link.querySelector(".teahouse-waiting")?.remove();
    if (count === 0) return;
    const seen = element("span", { "aria-hidden": "true" }, String(count));
    const heard = element("span", { class: "teahouse-heard" }, this.say("reports waiting", { count }));
    this.link.append(element("span", { class: "teahouse-waiting" }, seen, heard));
  }
}
