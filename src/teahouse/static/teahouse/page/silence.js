/**
 * Why one cannot write now, and for how long: a locked or archived room, a mute, slow mode; the room view tells the composer.
 */

import { FOREVER } from "../client/index.js";
import { element } from "./elements.js";

/**
 * @typedef {import("../client/protocol.js").RoomState} RoomState
 *
 * @typedef {object} SilenceParts
 * @property {HTMLFormElement} form
 * @property {import("./words.js").Say} say
 * @property {import("./times.js").Times} times
 * @property {(waits: boolean) => void} onWait    slow mode: must the next message wait
 */

export class Silence {
  /** When the next message may be posted, by this machine's clock. */
  #next = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  /** What is heard: without the seconds, which would be read out one by one. */
  #heard = element("span", { class: "teahouse-heard" });
  #seen = element("span", { "aria-hidden": "true" });

  /** @param {SilenceParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.line = element("p", { class: "teahouse-why", role: "status" }, this.#heard, this.#seen);
    parts.form.querySelector(".teahouse-why")?.remove();
    parts.form.prepend(this.line);
  }

  /** @param {RoomState} state @param {number} last   when one posted last, as far as one knows; 0 for never */
  show(state, last) {
    const slow = state.can_moderate ? 0 : (state.slow_seconds ?? 0) * 1000;
    // The server's clock may be another: longer than the room asks nobody waits.
    this.#next = slow > 0 && last > 0 ? Math.min(last, Date.now()) + slow : 0;
    clearInterval(this.#ticking);
    const why = reasonOf(state, Date.now(), this.parts);
    if (why) this.#tell(why, why);
    if (!why) this.#tick();
    if (!why && this.#waits) this.#ticking = setInterval(() => this.#tick(), 1000);
  }

  /** It is watched no more: another line says why. */
  end() {
    clearInterval(this.#ticking);
    this.#tell("", "");
  }

  get #waits() {
    return this.#next > Date.now();
  }

  #tick() {
    const { say, onWait } = this.parts;
    const seconds = Math.ceil((this.#next - Date.now()) / 1000);
    if (!this.#waits) clearInterval(this.#ticking);
    this.#tell(this.#waits ? say("slow", { seconds }) : "", this.#waits ? say("slow mode") : "");
    onWait(this.#waits);
  }

  /** @param {string} seen @param {string} heard */
  #tell(seen, heard) {
    this.line.hidden = seen === "";
    this.#seen.textContent = seen;
    if (this.#heard.textContent !== heard) this.#heard.textContent = heard;
  }
}

/**
 * @param {RoomState} state
 * @param {number} now
 * @param {{say: import("./words.js").Say, times: import("./times.js").Times}} parts
 * @returns {string} why nothing can be posted, whoever waits; empty when it can
 */
export function reasonOf(state, now, { say, times }) {
  if (state.archived) return say("refused.room_archived");
  if (state.locked) return say("refused.room_locked");
  const until = state.muted_until ?? 0;
  if (until > now && !state.can_post) {
    if (until === FOREVER) return say("refused.muted");
    const sameDay = times.dayOf(until) === times.dayOf(now);
    return say("muted until", { time: (sameDay ? times.clock : times.moment).format(until) });
  }
  return state.can_post ? "" : say("read only");
}
