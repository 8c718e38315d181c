/**
 * The chat: one person's rooms on one line to the server; what a page talks to. No DOM: the page tells it when it woke.
 */

import { systemClock } from "./clock.js";
import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import { Outbox } from "./outbox.js";
import { LIMITS, VERSION } from "./protocol.js";
import { Room } from "./room.js";
import { askLine } from "./room_commands.js";
import { Tokens } from "./tokens.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").Person} Person
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {{room: string, title: string, kind: string, role: string}} Entrance    `room` is the address to watch
 *
 * @typedef {object} ChatEvents
 * @property {import("./connection.js").State} state
 * @property {Person} me                                   who we are, when it is known or changes
 * @property {string} token                                a guest without a cookie: keep it to be the same guest again
 *
 * @typedef {object} ChatParts
 * @property {import("./connection.js").Transport} transport
 * @property {import("./outbox.js").Storage | null} [storage]     null: nothing on its way outlives the page
 * @property {import("./clock.js").Clock} [clock]
 * @property {() => number} [random]
 * @property {() => string} [newKey]
 * @property {Person | null} [me]            who the page says we are; the server's word decides
 * @property {import("./tokens.js").TokenSource} [token]    a function is asked when a token is needed, or soon ends
 * @property {string | null} [name]          nickname of a guest who comes without a cookie or token
 */

/** @extends {Emitter<ChatEvents>} */
export class Chat extends Emitter {
  /** @type {Person | null} */
  me = null;
  limits = LIMITS;
  /** By name. @type {Map<string, Room>} */
  rooms = new Map();

  /** @param {ChatParts} parts */
  constructor({ transport, storage = null, clock = systemClock, random = Math.random, newKey, ...who }) {
    super();
    this.clock = clock;
    this.random = random;
    this.token = who.token ?? null;
    this.name = who.name ?? null;
    /** @type {Tokens} */
    this.tokens = new Tokens({ source: () => this.token, clock, line: () => this.connection.line });
    this.outbox = new Outbox({ storage, clock, newKey });
    /** @type {Connection} */
    this.connection = this.#connect(transport);
    if (who.me) this.#become(who.me);
  }

  /** How the line stands; the same as the last `state` event. */
  get state() {
    return this.connection.state;
  }

  /** Watch a room, by its name in any spelling. @param {string} name @returns {Room} the same one each time */
  room(name) {
    const spelt = name.normalize("NFKC").toLowerCase().normalize("NFKC").trim().replace(/\s+/g, " ");
    return this.rooms.get(spelt) ?? this.#open(spelt);
  }

  /**
   * Make a room that one owns. A private one has an address that nobody can guess, and its title need not be unique.
   * @param {string} title
   * @param {"private" | "open"} [kind]
   * @returns {Promise<Entrance>}
   */
  create(title, kind = "private") {
    return askLine(this.connection.line, { type: "create", title, kind });
  }

  /** Open the one room of oneself and somebody else. @param {string} person by id @returns {Promise<Entrance>} */
  direct(person) {
    return askLine(this.connection.line, { type: "direct", person });
  }

  /** Become a member by an invitation. @param {string} code @returns {Promise<Entrance>} */
  accept(code) {
    return askLine(this.connection.line, { type: "accept", code });
  }

  start() {
    this.connection.start();
  }

  /** Close the line. What is on its way stays in the outbox. */
  stop() {
    this.rest();
    this.tokens.stop();
    this.connection.stop();
  }

  /** Tell it that the page came to the front, the network returned, or the machine woke: it looks at once. */
  wake() {
    this.connection.wake();
  }

  /** Tell it that the page goes to the back, perhaps for good: the server learns at once what was read. */
  rest() {
    this.rooms.forEach((room) => room.reading.tellNow());
  }

  /** @param {string} name */
  #open(name) {
    const room = new Room({
      name,
      outbox: this.outbox,
      clock: this.clock,
      random: this.random,
      line: () => this.connection.line,
      limits: () => this.limits,
      onUnwatch: () => this.rooms.delete(name),
    });
    this.rooms.set(name, room);
    room.watchAgain();
    return room;
  }

  /** @param {import("./connection.js").Transport} transport */
  #connect(transport) {
    return new Connection({
      transport,
      clock: this.clock,
      random: this.random,
      dialogue: {
        hello: () => this.#hello(),
        positions: () => this.#positions(),
        hear: (event) => this.#hear(event),
        anotherToken: (code) => this.tokens.refused(code),
        behind: () => [...this.rooms.values()].some((room) => room.watch.behind),
      },
      onState: (state) => this.emit("state", state),
      onWelcome: (welcome, hello, first) => this.#welcomed(welcome, hello, first),
      onLost: () => this.rooms.forEach((room) => room.watch.stop()),
    });
  }

  /** @returns {Message | Promise<Message>} */
  #hello() {
    const token = this.tokens.current();
    return token instanceof Promise ? token.then((fetched) => this.#helloWith(fetched)) : this.#helloWith(token);
  }

  /** @param {string | null} token @returns {Message} */
  #helloWith(token) {
    const rooms = [...this.rooms.values()].filter((room) => !room.ended).map((room) => room.watch.ask());
    return { type: "hello", version: VERSION, ...(token && { token }), ...(this.name && { name: this.name }), rooms };
  }

  #positions() {
    return [...this.rooms.values()]
      .filter((room) => room.log.epoch !== null)
      .map((room) => ({ room: room.address, ...room.log.position }));
  }

  /** @param {Welcome} welcome @param {Message} hello @param {boolean} first */
  #welcomed(welcome, hello, first) {
    this.limits = { ...LIMITS, ...welcome.limits };
    this.tokens.accepted(welcome);
    if (welcome.token && typeof this.token !== "function") this.#keepToken(welcome.token);
    const other = this.#become(welcome.me);
    welcome.rooms.forEach((result, index) => this.#result(hello.rooms[index]?.room, result));
    const asked = new Set(hello.rooms.map((/** @type {{room: string}} */ { room }) => room));
    for (const room of [...this.rooms.values()]) {
      if (!asked.has(room.name) && !room.ended) room.watch.begin();
      room.lineReady(first || other);
    }
  }

  /** @param {string} token */
  #keepToken(token) {
    if (token === this.token) return;
    this.token = token;
    this.emit("token", token);
  }

  /** @param {Person} me @returns {boolean} is it another person than before */
  #become(me) {
    const other = this.me?.id !== me.id;
    const same = !other && this.me?.name === me.name && this.me?.kind === me.kind;
    this.me = me;
    this.outbox.belongTo(me.id);
    if (other) this.rooms.forEach((room) => room.personChanged());
    if (!same) this.emit("me", me);
    return other;
  }

  /** @param {string | undefined} name @param {Welcome["rooms"][number]} result */
  #result(name, result) {
    const room = name === undefined ? undefined : this.rooms.get(name);
    if ("error" in result) room?.watch.refuse(result.error);
    else room?.watch.greet(result);
  }

  /** @param {Message} event */
  #hear(event) {
    for (const room of [...this.rooms.values()]) if (room.address === event.room) room.watch.hear(event);
  }
}
