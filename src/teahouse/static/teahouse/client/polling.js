/**
 * The line where sockets are blocked: hello again and again over HTTP, commands in between; the connection makes it.
 */

import { lost } from "./commands.js";
import { isMessage, Refusal, staysAway } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./commands.js").Settle} Settle
 * @typedef {import("./connection.js").Dialogue} Dialogue
 * @typedef {(command: Message) => Promise<any>} HttpPost   the parsed body; rejects when there is none
 */

const POLL = 3_000;
const SILENCE = 20_000;

export class PollingLine {
  /** HTTP requests may overtake each other, posts may not. */
  postsAtOnce = 1;
  /** Each request says itself who it is of. */
  remembers = false;
  #left = false;
  #failures = 0;
  #timer = null;
  #lastId = 0;
  /** @type {Promise<void> | null} */
  #poll = null;
  /** @type {string | null} who the last hello said we are */
  #person = null;
  /** Where the rooms stood when the last poll began: going round at once makes sense only while they move. */
  #stood = "";

  /**
   * @param {object} parts
   * @param {HttpPost} parts.post
   * @param {import("./clock.js").Clock} parts.clock
   * @param {() => number} parts.random
   * @param {Dialogue} parts.dialogue
   * @param {(line: PollingLine, welcome: Welcome, hello: Message) => void} parts.onWelcome    with each poll
   * @param {(refusal: Refusal | null) => void} parts.onEnd     two polls failed one after the other, or the first
   */
  constructor({ post, clock, random, dialogue, onWelcome, onEnd }) {
    this.post = post;
    this.clock = clock;
    this.random = random;
    this.dialogue = dialogue;
    this.onWelcome = onWelcome;
    this.onEnd = onEnd;
    void this.#pollNow();
  }

  /** @param {Message} command @param {Settle} settle */
  ask(command, settle) {
    const asked = command.type === "post" ? this.#askAsOneself(command) : this.#request(command);
    asked.then(
      (answer) => {
        settle(null, answer);
        this.check();
      },
      (refusal) => settle(refusal, null),
    );
  }

  /** Poll at once. */
  check() {
    void this.#pollNow();
  }

  /** Requests have no memory of each other. */
  renew() {}

  leave() {
    this.#left = true;
    this.clock.clear(this.#timer);
  }

  /**
   * Cookies decide who posts, and another tab may have logged in as someone else: who we are is asked again before.
   * @param {Message} command
   */
  async #askAsOneself(command) {
    const person = this.#person;
    await this.#pollNow();
    if (this.#failures > 0 || this.#person !== person) throw lost();
    return this.#request(command);
  }

  #pollNow() {
    this.#poll ??= this.#pollOnce().finally(() => {
      this.#poll = null;
      this.#schedule();
    });
    return this.#poll;
  }

  async #pollOnce() {
    this.clock.clear(this.#timer);
    this.#stood = JSON.stringify(this.dialogue.positions());
    try {
      const said = this.dialogue.hello();
      const hello = said instanceof Promise ? await said : said;
      await this.#request(hello, (welcome) => {
        this.#person = welcome.me.id;
        this.#failures = 0;
        this.onWelcome(this, welcome, hello);
      });
    } catch (refusal) {
      this.#failed(/** @type {Refusal} */ (refusal));
    }
  }

  /** @param {Refusal} refusal */
  #failed(refusal) {
    if (this.#left) return;
    this.#failures += 1;
    const final = refusal instanceof Refusal && staysAway(refusal);
    if (this.#person !== null && this.#failures < 2 && !final) return;
    this.leave();
    this.onEnd(final ? refusal : null);
  }

  #schedule() {
    if (this.#left) return;
    const moving = this.dialogue.behind() && JSON.stringify(this.dialogue.positions()) !== this.#stood;
    const delay = moving ? 0 : POLL * (0.9 + 0.2 * this.random());
    this.#timer = this.clock.set(() => void this.#pollNow(), delay);
  }

  /**
   * @param {Message} command
   * @param {(answer: any) => void} [onAnswer]   called before the events that came with the answer are heard
   * @returns {Promise<any>} the answer; rejects with a Refusal
   */
  async #request(command, onAnswer) {
    const body = await this.#exchange({ ...command, id: ++this.#lastId });
    if (this.#left || !isMessage(body?.answer)) throw lost();
    if (body.answer.type !== "ok") throw new Refusal(body.answer);
    onAnswer?.(body.answer);
    for (const event of body.events ?? []) this.dialogue.hear(event);
    return body.answer;
  }

  /** @param {Message} command @returns {Promise<any>} */
  #exchange(command) {
    return new Promise((resolve, reject) => {
      const silence = this.clock.set(() => reject(lost()), SILENCE);
      this.post(command)
        .then(resolve, () => reject(lost()))
        .finally(() => this.clock.clear(silence));
    });
  }
}
