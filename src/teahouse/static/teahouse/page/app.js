/**
 * Brings every room in the page to life, all on one connection; the templates load it.
 */

import { browserStorage, openChat } from "../client/index.js";
import { RoomView } from "./room_view.js";
import { wordsOfPage } from "./words.js";

/** @typedef {import("../client/index.js").Chat} Chat */

/** A guest's token is also their cookie, as the server sets it. */
const COOKIE = "teahouse_guest";
/** As long as browsers keep one; the server looks at the token's own age. */
const COOKIE_SECONDS = 400 * 24 * 3600;
/** Where cookies are blocked. */
const TOKEN = "teahouse:token";

const storage = /** @type {Storage | null} */ (browserStorage());
/** By address. @type {Map<string, Chat>} */
const chats = new Map();

start(/** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-teahouse-room]")));

/** @param {NodeListOf<HTMLElement>} sections */
function start(sections) {
  const say = wordsOfPage();
  const views = [...sections].map((section) => {
    const own = isOwnPage(section);
    const goal = own ? goalOf(location) : null;
    return new RoomView({ section, chat: chatOf(section), say, storage, goal, onUnseen: own ? countInTitle : () => {} });
  });
  const own = views.find((view) => isOwnPage(view.section));
  if (own) followAddress(own);
  stayAwake();
  for (const chat of chats.values()) chat.start();
}

/** @param {HTMLElement} section @returns {Chat} one for all sections of one server */
function chatOf({ dataset }) {
  const { socket = "", api, me, meName = "", meKind = "" } = dataset;
  const standing = chats.get(socket);
  if (standing) return standing;
  const person = me ? { id: me, name: meName, kind: meKind } : null;
  const chat = openChat({ socket, api, csrf: () => csrfToken(dataset.csrf), me: person, token: person ? null : keptToken() });
  chat.on("token", (token) => keepToken(chat, token));
  chats.set(socket, chat);
  return chat;
}

/** A login in another tab changes the token: the cookie knows, unless the site hides it. @param {string} [inPage] */
function csrfToken(inPage = "") {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? inPage;
}

/** @returns {string | null} whom a guest without a cookie was the last time */
function keptToken() {
  try {
    return storage?.getItem(TOKEN) ?? null;
  } catch {
    return null;
  }
}

/**
 * A host's page gives guests no cookie, so they get it here: then they are the same in every page, and can take a nickname.
 * @param {Chat} chat @param {string} token
 */
function keepToken(chat, token) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${COOKIE}=${token}; path=/; max-age=${COOKIE_SECONDS}; samesite=lax${secure}`;
  if (document.cookie.split("; ").includes(`${COOKIE}=${token}`)) {
    chat.token = null;
    return;
  }
  try {
    storage?.setItem(TOKEN, token);
  } catch {
    // The next page meets another guest.
  }
}

/** Is the page the room's own, whose address can name a message? @param {HTMLElement} section */
function isOwnPage({ dataset }) {
  return dataset.url !== undefined && new URL(dataset.url, location.href).pathname === location.pathname;
}

/** @param {Location | URL} address @returns {number | null} the message that it names */
function goalOf({ search, hash }) {
  const query = new URLSearchParams(search);
  const named = hash.match(/^#m(\d+)$/)?.[1] ?? query.get("around") ?? query.get("before") ?? query.get("after");
  const seq = named === null ? NaN : Number(named);
  return Number.isSafeInteger(seq) ? seq : null;
}

/** So that a tab tells of what came while another was in front. @param {number} count */
function countInTitle(count) {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = count > 0 ? `(${count}) ${title}` : title;
}

/** Permalinks into the room lead there without leaving the page. @param {RoomView} view */
function followAddress(view) {
  const go = () => {
    const goal = goalOf(location);
    if (goal === null) view.reader.goToNewest();
    else void view.reader.goTo(goal);
  };
  view.section.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.teahouse-permalink") : null;
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!(link instanceof HTMLAnchorElement) || !link.href || !plain) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    go();
  });
  window.addEventListener("popstate", go);
}

/** Machines sleep, tabs freeze, networks come and go: at each sign of it the line is looked at. */
function stayAwake() {
  const wake = () => chats.forEach((chat) => chat.wake());
  for (const sign of ["online", "offline", "pageshow", "focus"]) window.addEventListener(sign, wake);
  const rest = () => chats.forEach((chat) => chat.rest());
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
  window.addEventListener("pagehide", rest);
}
