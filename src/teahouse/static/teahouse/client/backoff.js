/**
 * How long to wait before trying again: full jitter from the first try, so that no herd returns at once.
 */

export class Backoff {
  #tries = 0;

  /**
   * @param {() => number} random    in [0, 1)
   * @param {{least?: number, most?: number}} [milliseconds]
   */
  constructor(random, { least = 500, most = 20_000 } = {}) {
    this.random = random;
    this.least = least;
    this.most = most;
  }

  /** Milliseconds until the next try: from `least` to a ceiling that doubles with each try, up to `most`. */
  next() {
    this.#tries += 1;
    const ceiling = Math.min(this.most, this.least * 2 ** Math.min(this.#tries, 30));
    return this.least + this.random() * (ceiling - this.least);
  }

  /** Start no lower than where this many tries would have led: the server asked to be spared. @param {number} tries */
  atLeast(tries) {
    this.#tries = Math.max(this.#tries, tries);
  }

  reset() {
    this.#tries = 0;
  }
}
