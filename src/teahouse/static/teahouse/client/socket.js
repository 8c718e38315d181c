/**
 * One WebSocket from its handshake to its end: hello, commands and answers, events, heartbeat; the connection makes it.
 */

import { Commands, lost } from "./commands.js";
import { Heartbeat } from "./heartbeat.js";
import { decode, encode, SUBPROTOCOL } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Refusal} Refusal
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./commands.js").Settle} Settle
 * @typedef {import("./connection.js").Dialogue} Dialogue
 *
 * @typedef {object} SocketLike     what a browser's WebSocket has
 * @property {string} protocol
 * @property {(frame: string) => void} send
 * @property {(code?: number, reason?: string) => void} close
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {((event: any) => void) | null} onerror
 *
 * @typedef {object} End                how a line ended
 * @property {boolean} welcomed         was hello answered with ok
 * @property {number | null} code       the server's close code
 * @property {string} reason
 * @property {number | null} retryAfter seconds that the server asked for
 * @property {Refusal | null} refusal   what hello was answered with instead
 */

const OPENING_SECONDS = 10;

export class SocketLine {
  /** Posts that may be under way at once: the server keeps their order. */
  postsAtOnce = 16;
  /** The server knows who said hello, until it is told otherwise. */
  remembers = true;
  #welcomed = false;
  #ended = false;
  /** @type {any} the server's last words */
  #bye = null;
  /** @type {Refusal | null} */
  #refusal = null;

  /**
   * @param {object} parts
   * @param {() => SocketLike} parts.open
   * @param {import("./clock.js").Clock} parts.clock
   * @param {Dialogue} parts.dialogue
   * @param {(line: SocketLine, welcome: Welcome, hello: Message) => void} parts.onWelcome
   * @param {(end: End) => void} parts.onEnd      called once, unless the line was left
   */
  constructor({ open, clock, dialogue, onWelcome, onEnd }) {
    this.dialogue = dialogue;
    this.clock = clock;
    this.onWelcome = onWelcome;
    this.onEnd = onEnd;
    this.commands = new Commands(clock);
    this.heartbeat = new Heartbeat({
      clock,
      ping: () => this.#send({ type: "ping" }),
      onDead: () => this.#end({ code: 1006, reason: "the line is silent" }),
    });
    this.socket = this.#listen(open());
    this.opening = clock.set(() => this.#end({ code: 1006, reason: "no answer to hello" }), OPENING_SECONDS * 1000);
  }

  /** @param {Message} command @param {Settle} settle */
  ask(command, settle) {
    if (this.#ended) settle(lost(), null);
    else this.#send(this.commands.expect(command, settle));
  }

  /** Look at once whether anyone is there. */
  check() {
    this.heartbeat.check();
  }

  /** Begin again with another socket, which the server has no memory of. */
  renew() {
    this.#end({ code: 1006, reason: "begun anew" });
  }

  /** End it from this side; `onEnd` is not called. */
  leave() {
    this.onEnd = () => {};
    this.#end({ code: 1000, reason: "" });
  }

  /** @param {SocketLike} socket */
  #listen(socket) {
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#heard(event.data);
    socket.onclose = (event) => this.#end(event);
    socket.onerror = () => {};
    return socket;
  }

  #opened() {
    // A server that did not choose our protocol takes every frame for a message: it must not get one.
    if (this.socket.protocol !== SUBPROTOCOL) {
      this.#end({ code: 1006, reason: "another protocol" });
      return;
    }
    const hello = this.dialogue.hello();
    if (!(hello instanceof Promise)) {
      this.#sayHello(hello);
      return;
    }
    const failed = () => this.#end({ code: 1006, reason: "no token could be fetched" });
    hello.then((made) => this.#sayHello(made), failed);
  }

  /** @param {Message} hello */
  #sayHello(hello) {
    this.ask(hello, (refusal, welcome) => this.#greeted(refusal, welcome, hello));
  }

  /** @param {Refusal | null} refusal @param {Welcome} welcome @param {Message} hello */
  #greeted(refusal, welcome, hello) {
    if (this.#ended) return;
    if (refusal) {
      this.#refusal = refusal;
      this.#end({ code: 1006, reason: refusal.message });
      return;
    }
    this.#welcomed = true;
    this.clock.clear(this.opening);
    this.heartbeat.start(welcome.ping_seconds ?? 25);
    this.onWelcome(this, welcome, hello);
  }

  /** @param {unknown} frame */
  #heard(frame) {
    if (this.#ended) return;
    this.heartbeat.heard();
    const message = decode(frame);
    if (!message) return;
    if (message.type === "ok" || message.type === "error") this.commands.answer(message);
    else if (message.type === "ping") this.#send({ type: "pong", rooms: this.dialogue.positions() });
    else if (message.type === "bye") this.#bye = message;
    else if (message.type !== "pong") this.dialogue.hear(message);
  }

  /** @param {Message} message */
  #send(message) {
    try {
      this.socket.send(encode(message));
    } catch {
      this.#end({ code: 1006, reason: "the socket is closed" });
    }
  }

  /** @param {{code: number, reason: string}} close */
  #end({ code, reason }) {
    if (this.#ended) return;
    this.#ended = true;
    this.clock.clear(this.opening);
    this.heartbeat.stop();
    this.#closeSocket();
    this.commands.lose();
    // Some servers drop close codes and reasons on the way; what bye said stands, and it says it for people.
    const own = code >= 4000 && code < 5000;
    this.onEnd({
      welcomed: this.#welcomed,
      code: own ? code : (this.#bye?.code ?? null),
      reason: this.#bye?.reason || reason,
      retryAfter: this.#bye?.retry_after ?? this.#refusal?.retryAfter ?? null,
      refusal: this.#refusal,
    });
  }

  #closeSocket() {
    try {
      this.socket.close(1000);
    } catch {
      // It never opened.
    }
  }
}
