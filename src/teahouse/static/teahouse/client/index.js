/**
 * The client library's door: the chat with a browser's socket, fetch, storage and clock; pages import this module only.
 */

import { Chat } from "./chat.js";
import { SUBPROTOCOL } from "./protocol.js";

export { Chat } from "./chat.js";
export { Room } from "./room.js";
export { FOREVER, Refusal } from "./protocol.js";

/**
 * @typedef {import("./chat.js").ChatParts} ChatParts
 * @typedef {import("./protocol.js").MessageRow} MessageRow
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {import("./connection.js").State} State
 * @typedef {import("./connection.js").Transport} Transport
 *
 * @typedef {object} Addresses
 * @property {string} socket      of `/ws/`: an address or a path of this site
 * @property {string} [api]       of `api/v1/`: what it falls back on where sockets are blocked
 * @property {string | (() => string)} [csrf]     Django's token, for the api with cookies
 * @property {import("./tokens.js").TokenSource} [token]    instead of cookies
 */

/**
 * A chat as browsers can have it. It does nothing until `start()`.
 * @param {Addresses & Partial<ChatParts>} options
 * @returns {Chat}
 */
export function openChat({ socket, api, csrf, ...parts }) {
  // A guest without cookies is told its token on the way, and shows it from then on.
  const token = () => chat.tokens.current();
  const transport = browserTransport({ socket, api, csrf, token });
  /** @type {Chat} */
  const chat = new Chat({ transport, storage: browserStorage(), ...parts });
  return chat;
}

/** @param {Addresses} addresses @returns {Transport} */
export function browserTransport({ socket, api, csrf, token }) {
  return {
    openSocket: "WebSocket" in globalThis ? () => new WebSocket(socketUrl(socket), SUBPROTOCOL) : null,
    post: api === undefined ? null : (command) => postCommand(api, csrf, token, command),
  };
}

/** @returns {Storage | null} null where the browser forbids it */
export function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/** @param {string} address */
function socketUrl(address) {
  const url = new URL(address, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}

/**
 * @param {string} api
 * @param {Addresses["csrf"]} csrf
 * @param {Addresses["token"]} token
 * @param {import("./protocol.js").Message} command
 * @returns {Promise<any>}
 */
async function postCommand(api, csrf, token, command) {
  const bearer = typeof token === "function" ? await token() : token;
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (csrf !== undefined) headers["X-CSRFToken"] = typeof csrf === "function" ? csrf() : csrf;
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const response = await fetch(api, { method: "POST", headers, body: JSON.stringify(command), cache: "no-store" });
  return response.json();
}
