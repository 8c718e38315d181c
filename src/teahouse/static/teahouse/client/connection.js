/**
 * Keeps one line to the server: a socket that comes back by itself, HTTP while sockets are blocked; the chat owns it.
 */

import { Backoff } from "./backoff.js";
import { PollingLine } from "./polling.js";
import { closeBand, CLOSES, staysAway } from "./protocol.js";
import { SocketLine } from "./socket.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Refusal} Refusal
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./socket.js").End} End
 * @typedef {SocketLine | PollingLine} Line
 *
 * @typedef {object} Transport
 * @property {(() => import("./socket.js").SocketLike) | null} openSocket   may throw
 * @property {import("./polling.js").HttpPost | null} post
 *
 * @typedef {object} Dialogue               what a line asks of the chat
 * @property {() => Message | Promise<Message>} hello          the command that begins it
 * @property {(code: string | null) => boolean} anotherToken   a token was refused: is there another one to show
 * @property {() => import("./protocol.js").RoomPosition[]} positions
 * @property {(event: Message) => void} hear
 * @property {() => boolean} behind         does a room stand below the head that the server named
 *
 * @typedef {"connecting" | "online" | "waiting" | "polling" | "stopped"} StateName
 * @typedef {object} State
 * @property {StateName} state
 * @property {number | null} retryAt        when the next try is, in milliseconds since 1970
 * @property {string | null} code           why the line ended or what refused it
 * @property {string | null} text
 *
 * @typedef {object} ConnectionParts
 * @property {Transport} transport
 * @property {import("./clock.js").Clock} clock
 * @property {() => number} random
 * @property {Dialogue} dialogue
 * @property {(state: State) => void} onState
 * @property {(welcome: Welcome, hello: Message, first: boolean) => void} onWelcome
 *   hello was answered, and `line` can be used; `first` for this line
 * @property {() => void} onLost                    `line` is gone
 */

/** A line that lasted so long ends the back-off. */
const STEADY = 30_000;
/** Handshakes that fail, after sockets once worked, before HTTP is tried. */
const FAILURES_BEFORE_HTTP = 3;

export class Connection {
  /** What commands go over; null while there is none. @type {Line | null} */
  line = null;
  /** @type {SocketLine | null} */
  #socket = null;
  /** @type {PollingLine | null} */
  #polling = null;
  #running = false;
  #everWelcomed = false;
  #failures = 0;
  #retryTimer = null;
  /** @type {number | null} */
  #retryAt = null;
  #steadyTimer = null;
  /** The server named the delay: waking up does not shorten it. */
  #mustWait = false;

  /** @param {ConnectionParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.clock = parts.clock;
    this.backoff = new Backoff(parts.random);
    /** @type {State} */
    this.state = { state: "stopped", retryAt: null, code: null, text: null };
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#failures = 0;
    this.backoff.reset();
    this.#connect();
  }

  /** @param {string | null} [code] @param {string | null} [text] why, when not the page's own wish */
  stop(code = null, text = null) {
    if (!this.#running) return;
    this.#running = false;
    this.clock.clear(this.#retryTimer);
    this.clock.clear(this.#steadyTimer);
    this.#retryTimer = null;
    this.#socket?.leave();
    this.#polling?.leave();
    this.#socket = this.#polling = null;
    this.#lose();
    this.#say("stopped", { code, text });
  }

  /** The page woke up, came to the front, or the network returned: look at once. */
  wake() {
    this.line?.check();
    if (this.#retryTimer !== null && !this.#mustWait) this.#connect();
  }

  #connect() {
    this.clock.clear(this.#retryTimer);
    this.#retryTimer = null;
    if (!this.#polling) this.#say("connecting");
    const { openSocket } = this.parts.transport;
    try {
      if (!openSocket) throw new Error("no sockets here");
      this.#socket = new SocketLine({
        open: openSocket,
        clock: this.clock,
        dialogue: this.parts.dialogue,
        onWelcome: (line, welcome, hello) => this.#welcomed(line, welcome, hello),
        onEnd: (end) => this.#ended(end),
      });
    } catch (error) {
      this.#ended({ welcomed: false, code: null, reason: String(error), retryAfter: null, refusal: null });
    }
  }

  /** @param {SocketLine} line @param {Welcome} welcome @param {Message} hello */
  #welcomed(line, welcome, hello) {
    this.#polling?.leave();
    this.#polling = null;
    this.#lose();
    this.#everWelcomed = true;
    this.#failures = 0;
    this.#steadyTimer = this.clock.set(() => this.backoff.reset(), STEADY);
    this.line = line;
    this.parts.onWelcome(welcome, hello, true);
    this.#say("online");
  }

  /** @param {End} end */
  #ended(end) {
    this.#socket = null;
    this.clock.clear(this.#steadyTimer);
    if (end.welcomed) this.#lose();
    // Whoever was answered, be it by a refusal, was reached: that socket was not blocked.
    const reached = end.welcomed || end.refusal !== null || end.code !== null;
    this.#failures = reached ? 0 : this.#failures + 1;
    const code = end.refusal?.code ?? (end.code === null ? null : (CLOSES[end.code] ?? String(end.code)));
    const band = end.code === null ? null : closeBand(end.code);
    const another = this.parts.dialogue.anotherToken(code);
    if ((band === "stay_away" || (end.refusal && staysAway(end.refusal))) && !another) {
      this.stop(code, end.reason);
      return;
    }
    if (band === "back_off") this.backoff.atLeast(2);
    this.#retryLater(end, code);
    if (this.#socketsLookBlocked()) this.#tryPolling();
  }

  /** @param {End} end @param {string | null} code */
  #retryLater({ retryAfter, reason }, code) {
    const delay = retryAfter === null ? this.backoff.next() : retryAfter * 1000;
    this.#mustWait = retryAfter !== null;
    this.#retryTimer = this.clock.set(() => this.#connect(), delay);
    this.#retryAt = this.clock.now() + delay;
    if (!this.line) this.#say("waiting", { retryAt: this.#retryAt, code, text: reason || null });
  }

  #socketsLookBlocked() {
    return this.#failures >= (this.#everWelcomed ? FAILURES_BEFORE_HTTP : 1);
  }

  #tryPolling() {
    const { post } = this.parts.transport;
    if (!post || this.#polling) return;
    this.#polling = new PollingLine({
      post,
      clock: this.clock,
      random: this.parts.random,
      dialogue: this.parts.dialogue,
      onWelcome: (line, welcome, hello) => this.#polled(line, welcome, hello),
      onEnd: (refusal) => this.#pollingEnded(refusal),
    });
  }

  /** @param {PollingLine} line @param {Welcome} welcome @param {Message} hello */
  #polled(line, welcome, hello) {
    const first = this.line !== line;
    this.line = line;
    this.parts.onWelcome(welcome, hello, first);
    if (first) this.#say("polling");
  }

  /** @param {Refusal | null} refusal */
  #pollingEnded(refusal) {
    this.#polling = null;
    if (this.line) {
      this.#lose();
      if (this.#socket) this.#say("connecting");
      else this.#say("waiting", { retryAt: this.#retryAt });
    }
    if (refusal && !this.parts.dialogue.anotherToken(refusal.code)) this.stop(refusal.code, refusal.message);
  }

  #lose() {
    if (!this.line) return;
    this.line = null;
    this.parts.onLost();
  }

  /** @param {StateName} state @param {Partial<State>} [more] */
  #say(state, more = {}) {
    this.state = { retryAt: null, code: null, text: null, ...more, state };
    this.parts.onState(this.state);
  }
}
