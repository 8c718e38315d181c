/**
 * The words of the wire, protocol v1: frames, refusals and what a close code means; used by every module of the client.
 */

export const VERSION = 1;
export const SUBPROTOCOL = "teahouse.v1";

/**
 * @typedef {{id: string, name: string, kind: string}} Person
 * @typedef {{epoch?: string | null, seq?: number | null}} Position
 * @typedef {{room: string} & Position} RoomPosition
 *
 * @typedef {object} MessageRow
 * @property {number} seq        the message's place, for ever
 * @property {number} changed    its version
 * @property {number} at         milliseconds since 1970
 * @property {Person} author
 * @property {string} key
 * @property {string} [text]     absent when deleted
 * @property {number} [edited_at]
 * @property {boolean} [deleted]
 *
 * @typedef {object} MemberRow
 * @property {Person} person
 * @property {number} changed
 * @property {string | null} role         null: who left, was removed, or only visits
 * @property {number} [banned_until]      milliseconds since 1970; absent when they may come in
 * @property {number} [muted_until]       the same of who may only read
 *
 * @typedef {{title: string, kind: string, locked: boolean, archived: boolean, slow_seconds: number,
 *   changed: number}} RoomInfo           the room itself, for everyone alike
 * @typedef {{type: "changes", room: string, epoch: string, after: number, upto: number,
 *   messages?: MessageRow[], members?: MemberRow[], info?: RoomInfo, rights?: string[]}} Changes
 * @typedef {{type: "reset", room: string, epoch: string, upto: number, reason: string,
 *   messages: MessageRow[], more: boolean}} Reset
 * @typedef {{type: "gap", room: string}} Gap
 * @typedef {{type: "ended", room: string, code: string, text: string}} Ended
 * @typedef {Changes | Reset | Gap | Ended} RoomEvent
 *
 * @typedef {object} RoomState
 * @property {string} room       the room's address
 * @property {string} title
 * @property {string} kind
 * @property {string} epoch
 * @property {number} head
 * @property {string | null} role
 * @property {boolean} can_post
 * @property {number | null} [read]     up to which number the room is read; null for a visitor
 * @property {number | null} [unread]   how many messages were posted since, 100 for more
 * @property {boolean} [locked]         nobody posts
 * @property {boolean} [archived]       nothing changes, and no list shows it
 * @property {number} [slow_seconds]    so long one waits between two messages
 * @property {number} [muted_until]     milliseconds since 1970: until then one only reads; `FOREVER` for good
 * @property {boolean} [can_moderate]
 * @property {boolean} [can_invite]
 *
 * @typedef {{code: string, text: string, retry: boolean, field?: string, retry_after?: number,
 *   message?: MessageRow}} ErrorFields
 * @typedef {{room: string, error: ErrorFields}} RoomRefused
 * @typedef {{message_length: number, frame_bytes: number, page: number}} Limits
 * @typedef {{version: number, me: Person, token?: string, expires_at?: number, ping_seconds: number, limits: Limits,
 *   rooms: (RoomState | RoomRefused)[]}} Welcome          the answer to hello
 * @typedef {{epoch: string, messages: MessageRow[], more_before: boolean, more_after: boolean}} HistoryPage
 *
 * @typedef {{type: string, id?: number | null, [field: string]: any}} Message   anything said on the wire
 */

/** A time that never comes. */
export const FOREVER = Number.MAX_SAFE_INTEGER;

/** Limits that hold until the server says its own. @type {Limits} */
export const LIMITS = Object.freeze({ message_length: 4000, frame_bytes: 65536, page: 50 });

/** A command that was refused, by the server or (codes `lost`, `timeout`, `offline`, `discarded`) by the line. */
export class Refusal extends Error {
  /** @param {Partial<ErrorFields> & {code: string}} fields */
  constructor(fields) {
    super(fields.text ?? fields.code);
    this.name = "Refusal";
    this.code = fields.code;
    /** Can the same command succeed later? */
    this.retry = fields.retry ?? false;
    /** Seconds to wait before. @type {number | null} */
    this.retryAfter = fields.retry_after ?? null;
    /** The field that is wrong. @type {string | null} */
    this.field = fields.field ?? null;
    /** With `conflict`: the message as it stands now. @type {MessageRow | null} */
    this.standing = fields.message ?? null;
  }
}

/** Codes of refusals that may pass, for events, which do not say so themselves. @type {ReadonlySet<string>} */
export const MAY_PASS = new Set(["overloaded", "rate_limited", "unavailable"]);

/**
 * Does a refused hello mean: do not come back? Not when the server broke over it, as its close code says too.
 * @param {Refusal} refusal
 */
export function staysAway(refusal) {
  return !refusal.retry && refusal.code !== "internal_error";
}

/** @param {Message} command @returns {string} one frame */
export function encode(command) {
  return JSON.stringify(command);
}

/**
 * Read one frame. What is no object with a type is null: a client ignores what it does not understand.
 * @param {unknown} frame
 * @returns {Message | null}
 */
export function decode(frame) {
  if (typeof frame !== "string") return null;
  try {
    const message = JSON.parse(frame);
    return isMessage(message) ? message : null;
  } catch {
    return null;
  }
}

/** @param {any} value @returns {value is Message} */
export function isMessage(value) {
  return typeof value === "object" && value !== null && typeof value.type === "string";
}

/** @param {string} frame @returns {number} its length in UTF-8 */
export function frameBytes(frame) {
  return new TextEncoder().encode(frame).length;
}

/** Close codes of protocol v1. An unknown code is understood by its band. @type {Readonly<Record<number, string>>} */
export const CLOSES = Object.freeze({
  4000: "protocol_error",
  4001: "version_unsupported",
  4002: "bad_token",
  4003: "not_allowed",
  4004: "bad_room_name",
  4005: "message_refused",
  4006: "binary_frame",
  4007: "origin_refused",
  4008: "no_such_room",
  4100: "overloaded",
  4101: "rate_limited",
  4102: "slow",
  4103: "no_pong",
  4104: "no_hello",
  4105: "internal_error",
  4200: "restart",
  4201: "token_expired",
  4202: "resync",
  4203: "login_changed",
});

/**
 * What a close code asks of the client.
 * @param {number} code
 * @returns {"stay_away" | "back_off" | "soon" | null} null: no code of ours, the line broke
 */
export function closeBand(code) {
  if (code >= 4000 && code < 4100) return "stay_away";
  if (code >= 4100 && code < 4200) return "back_off";
  if (code >= 4200 && code < 4300) return "soon";
  return null;
}
