/**
 * What of a message the page shows, whether it stands in the log, is on its way, or was written into the page by the server.
 */

/**
 * @typedef {import("../client/index.js").MessageRow} MessageRow
 * @typedef {import("../client/index.js").Entry} Entry
 * @typedef {MessageRow | Entry} Message
 * @typedef {{id: string, name: string, kind: string}} Person
 *
 * @typedef {object} Shown
 * @property {string} id            the same while a message is pending, sent and in the log
 * @property {number | null} seq    null while it is on its way
 * @property {number} changed       its version, 0 while it is on its way
 * @property {number} at            milliseconds since 1970
 * @property {Person} author
 * @property {boolean} mine
 * @property {string} text
 * @property {boolean} deleted
 * @property {number | null} editedAt
 * @property {"pending" | "failed" | null} fate   null: it is in the log, or was acknowledged
 * @property {string} key
 * @property {{code: string, text: string} | null} problem   why a failed one was refused
 */

const NOBODY = { id: "", name: "", kind: "guest" };
const GROUP_MILLISECONDS = 5 * 60_000;

/** @param {Message} message @param {Person | null} me @returns {Shown} */
export function shown(message, me) {
  return isRow(message) ? standing(message, me) : onItsWay(message, me);
}

/** @param {Message} message @returns {message is MessageRow} */
export function isRow(message) {
  return "author" in message;
}

/**
 * Does a message follow the one before so closely that the author need not be named again?
 * @param {Shown | null} before
 * @param {Shown} message
 */
export function continues(before, message) {
  if (before === null || before.author.id !== message.author.id || before.author.name !== message.author.name) return false;
  return Math.abs(message.at - before.at) < GROUP_MILLISECONDS;
}

/** @param {MessageRow} row @param {Person | null} me @returns {Shown} */
function standing(row, me) {
  return {
    id: `${row.author.id}/${row.key}`,
    seq: row.seq,
    changed: row.changed,
    at: row.at,
    author: row.author,
    mine: row.author.id === me?.id,
    text: row.text ?? "",
    deleted: row.deleted ?? false,
    editedAt: row.edited_at ?? null,
    fate: null,
    key: row.key,
    problem: null,
  };
}

/** @param {Entry} entry @param {Person | null} me @returns {Shown} */
function onItsWay(entry, me) {
  const author = me ?? NOBODY;
  return {
    id: `${author.id}/${entry.key}`,
    seq: null,
    changed: 0,
    at: entry.order,
    author,
    mine: true,
    text: entry.text,
    deleted: false,
    editedAt: null,
    fate: entry.state === "sent" ? null : entry.state,
    key: entry.key,
    problem: entry.state === "failed" ? { code: entry.code ?? "refused", text: entry.problem ?? "" } : null,
  };
}
