/**
 * Commands that wait for their answer: gives them ids, matches answers, gives up after a while; used by both lines.
 */

import { Refusal } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./clock.js").Clock} Clock
 * @typedef {(refusal: Refusal | null, answer: any) => void} Settle   called once, with the answer when not refused
 */

export class Commands {
  #lastId = 0;
  /** @type {Map<number, {settle: Settle, timer: any}>} */
  #waiting = new Map();

  /** @param {Clock} clock @param {number} seconds after which silence is a refusal with the code `timeout` */
  constructor(clock, seconds = 15) {
    this.clock = clock;
    this.seconds = seconds;
  }

  /**
   * @param {Message} command
   * @param {Settle} settle
   * @param {number} [seconds]
   * @returns {Message & {id: number}} the command with its id, to be sent
   */
  expect(command, settle, seconds = this.seconds) {
    const id = ++this.#lastId;
    const silence = new Refusal({ code: "timeout", text: `no answer within ${seconds} seconds`, retry: true });
    const timer = this.clock.set(() => this.#settle(id, silence, null), seconds * 1000);
    this.#waiting.set(id, { settle, timer });
    return { ...command, id };
  }

  /** @param {Message} message an `ok` or `error`; one that nobody waits for is ignored */
  answer(message) {
    if (typeof message.id !== "number") return;
    if (message.type === "ok") this.#settle(message.id, null, message);
    else this.#settle(message.id, new Refusal(/** @type {any} */ (message)), null);
  }

  /** The line is gone: whether these commands were done is unknown. */
  lose() {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, lost(), null);
  }

  /** @param {number} id @param {Refusal | null} refusal @param {any} answer */
  #settle(id, refusal, answer) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.clock.clear(waiting.timer);
    waiting.settle(refusal, answer);
  }
}

/** @returns {Refusal} what a command gets whose line broke before its answer */
export function lost() {
  return new Refusal({ code: "lost", text: "the line broke before the answer", retry: true });
}
