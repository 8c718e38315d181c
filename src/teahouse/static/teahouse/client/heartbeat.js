/**
 * Tells a living line from a dead one: any traffic counts, silence ends it, and sleep makes it look at once.
 */

/** @typedef {import("./clock.js").Clock} Clock */

const TICK = 5_000;
const CHECK = 5_000;

export class Heartbeat {
  #ticksOfSilence = 0;
  #lastTick = 0;
  #tickTimer = null;
  #checkTimer = null;
  #ticksAllowed = Infinity;

  /**
   * Silence is counted in ticks and not by the clock, which may jump; a jump forward past a tick means that the
   * machine slept, and is checked.
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {() => void} parts.ping     say something that the other side answers
   * @param {() => void} parts.onDead   called once
   */
  constructor({ clock, ping, onDead }) {
    this.clock = clock;
    this.ping = ping;
    this.onDead = onDead;
  }

  /** @param {number} pingSeconds after which the server breaks its silence; 10 more and the line is dead */
  start(pingSeconds) {
    this.stop();
    // One more than the time divides into: what arrived just before a tick is counted as a whole tick old.
    this.#ticksAllowed = Math.ceil(((pingSeconds + 10) * 1000) / TICK) + 1;
    this.#ticksOfSilence = 0;
    this.#schedule();
  }

  stop() {
    this.clock.clear(this.#tickTimer);
    this.clock.clear(this.#checkTimer);
    this.#tickTimer = this.#checkTimer = null;
  }

  /** Something arrived. */
  heard() {
    this.#ticksOfSilence = 0;
    this.clock.clear(this.#checkTimer);
    this.#checkTimer = null;
  }

  /** Look now: ping, and give up unless something arrives soon. */
  check() {
    if (this.#tickTimer === null || this.#checkTimer !== null) return;
    this.#checkTimer = this.clock.set(() => this.#die(), CHECK);
    this.ping();
  }

  #schedule() {
    this.#lastTick = this.clock.now();
    this.#tickTimer = this.clock.set(() => this.#tick(), TICK);
  }

  #tick() {
    const slept = this.clock.now() - this.#lastTick > 2 * TICK;
    this.#schedule();
    this.#ticksOfSilence += 1;
    if (this.#ticksOfSilence >= this.#ticksAllowed) this.#die();
    else if (slept) this.check();
  }

  #die() {
    this.stop();
    this.onDead();
  }
}
