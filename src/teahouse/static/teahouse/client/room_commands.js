/**
 * What one asks of a room beside its messages: be a member, look after it, invite, report; a room extends it.
 */

import { Emitter } from "./emitter.js";
import { Refusal } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").MemberRow} MemberRow
 * @typedef {import("./protocol.js").Person} Person
 *
 * @typedef {{title?: string, kind?: "open" | "private", locked?: boolean, archived?: boolean,
 *   slow_seconds?: number}} Settings
 * @typedef {{invite: number, made_at: number, maker: string, expires_at: number | null,
 *   uses_left: number | null}} Invite
 * @typedef {{report: number, at: number, reason: string, reporter: Person,
 *   message: import("./protocol.js").MessageRow}} Report
 * @typedef {{audit: number, action: string, at: number, actor: Person, person?: Person, seq?: number,
 *   details?: Record<string, any>}} Deed
 */

/** @extends {Emitter<import("./room.js").RoomEvents>} */
export class RoomCommands extends Emitter {
  /** @param {import("./room.js").RoomParts} parts */
  constructor(parts) {
    super();
    this.parts = parts;
    this.name = parts.name;
  }

  /** Become a member. */
  join() {
    return this.ask({ type: "join" });
  }

  /** Be a member no more. */
  leave() {
    return this.ask({ type: "leave" });
  }

  /** Who is in it; for moderators also who is banned or muted. @returns {Promise<MemberRow[]>} */
  members() {
    return this.ask({ type: "members" }).then(({ members }) => members);
  }

  /** End somebody's membership. @param {string} person by id, as everywhere here @param {string} [reason] */
  remove(person, reason) {
    return this.ask({ type: "remove", person, reason });
  }

  /**
   * Keep somebody out.
   * @param {string} person
   * @param {{seconds?: number, reason?: string}} [how]   for good when no seconds are said
   */
  ban(person, { seconds, reason } = {}) {
    return this.ask({ type: "ban", person, seconds, reason });
  }

  /** Let somebody in again. @param {string} person */
  unban(person) {
    return this.ask({ type: "unban", person });
  }

  /** Let somebody only read. @param {string} person @param {number} seconds 0 ends it @param {string} [reason] */
  mute(person, seconds, reason) {
    return this.ask({ type: "mute", person, seconds, reason });
  }

  /** Give a member a role. @param {string} person @param {"owner" | "moderator" | "member"} role */
  setRole(person, role) {
    return this.ask({ type: "role", person, role });
  }

  /** Change what the room is. @param {Settings} settings what is not named stays */
  configure(settings) {
    return this.ask({ ...settings, type: "configure" });
  }

  /**
   * Make an invitation. Its `code` is kept nowhere; asked again under the same `key`, it is the same one.
   * A week and any number unless said; 0 seconds: for good.
   * @param {{seconds?: number, uses?: number, key?: string}} [limits]
   * @returns {Promise<Invite & {code: string}>}
   */
  invite({ seconds, uses, key } = {}) {
    return this.ask({ type: "invite", seconds, uses, key });
  }

  /** The invitations that are good, the newest first. @returns {Promise<Invite[]>} */
  invites() {
    return this.ask({ type: "invites" }).then(({ invites }) => invites);
  }

  /** Take an invitation back. @param {number} invite its number */
  revoke(invite) {
    return this.ask({ type: "revoke", invite });
  }

  /** Ask the moderators to look at a message. @param {number} seq @param {string} [reason] */
  report(seq, reason) {
    return this.ask({ type: "report", seq, reason });
  }

  /** The reports that wait, the oldest first. @returns {Promise<Report[]>} */
  reports() {
    return this.ask({ type: "reports" }).then(({ reports }) => reports);
  }

  /** Take a report from the queue. @param {number} report its number @param {string} [outcome] what came of it */
  resolve(report, outcome) {
    return this.ask({ type: "resolve", report, outcome });
  }

  /**
   * A page of what was done by rights that not everybody has, the newest first.
   * @param {number} [before]    an `audit` number
   * @returns {Promise<{audit: Deed[], more: boolean}>}
   */
  audit(before) {
    return this.ask({ type: "audit", before });
  }

  /** Ask anything of the room. @param {Message} command without its name @returns {Promise<any>} or a Refusal */
  ask(command) {
    return askLine(this.parts.line(), { ...command, room: this.name });
  }
}

/**
 * @param {import("./connection.js").Line | null} line
 * @param {Message} command
 * @returns {Promise<any>} the answer; rejects with a Refusal, `offline` where there is no line
 */
export function askLine(line, command) {
  return new Promise((resolve, reject) => {
    if (line) line.ask(command, (refusal, answer) => (refusal ? reject(refusal) : resolve(answer)));
    else reject(new Refusal({ code: "offline", text: "there is no line to the server now", retry: true }));
  });
}
