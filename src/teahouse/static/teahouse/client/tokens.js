/**
 * Which token is shown when: asks the page for another one before the last one ends, and shows it; the chat makes it.
 */

/**
 * @typedef {string | null} Token
 * @typedef {Token | (() => Token | Promise<Token>)} TokenSource   a function is asked for a newer one when it is time
 *
 * @typedef {object} TokensParts
 * @property {() => TokenSource} source
 * @property {import("./clock.js").Clock} clock
 * @property {() => import("./connection.js").Line | null} line
 */

/** What part of a token's time passes before it is renewed. */
const SHARE = 0.8;
/** Browsers count no further than to 2^31 milliseconds. */
const LONGEST = 2 ** 31 - 1;
const SHORTEST = 1_000;

export class Tokens {
  /** What a function gave last, while it is good. @type {Token} */
  #held = null;
  #freshUntil = 0;
  #timer = null;
  /** A refused token was given up, and no other was taken since: two in a row are no accident. */
  #refused = false;

  /** @param {TokensParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** The token to show now; a promise where the page has to fetch it. @returns {Token | Promise<Token>} */
  current() {
    const source = this.parts.source();
    if (typeof source !== "function") return source;
    if (this.#held && this.parts.clock.now() < this.#freshUntil) return this.#held;
    const asked = source();
    return asked instanceof Promise ? asked.then((token) => this.#hold(token)) : this.#hold(asked);
  }

  /** A hello or a refresh was answered. @param {{expires_at?: number}} answer */
  accepted({ expires_at: end }) {
    this.#refused = false;
    this.stop();
    if (end === undefined || typeof this.parts.source() !== "function") return;
    const now = this.parts.clock.now();
    const delay = Math.min(Math.max((end - now) * SHARE, SHORTEST), LONGEST);
    this.#freshUntil = now + delay;
    this.#timer = this.parts.clock.set(() => void this.#renew(), delay);
  }

  /**
   * The server took no more of this token. Is it worth coming back with another one?
   * @param {string | null} code
   */
  refused(code) {
    if (code !== "bad_token" && code !== "token_expired") return false;
    this.#held = null;
    const again = typeof this.parts.source() === "function" && !this.#refused;
    this.#refused = true;
    return again;
  }

  stop() {
    this.parts.clock.clear(this.#timer);
    this.#timer = null;
    this.#freshUntil = 0;
  }

  /** @param {Token} token */
  #hold(token) {
    this.#held = token;
    return token;
  }

  /** Whatever fails here, the server says when the time is over, and the line begins anew. */
  async #renew() {
    this.#held = null;
    try {
      const token = await this.current();
      const line = this.parts.line();
      if (!token || !line?.remembers) return;
      line.ask({ type: "refresh", token }, (refusal, answer) => !refusal && this.accepted(answer));
    } catch {
      // The page could not fetch one now.
    }
  }
}
