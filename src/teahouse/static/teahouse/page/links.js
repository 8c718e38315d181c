/**
 * Finds addresses in a message's text and makes links of them, out of nodes only; messages use it.
 */

import { element } from "./elements.js";

// Ends at spaces, quotes, CJK punctuation, and marks that turn the reading direction, which could disguise an address.
const ADDRESS = /https?:\/\/[^\s<>"'`\u2018-\u201f\u3000-\u303f\uff00-\uffef\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** @type {Record<string, string>} */
const CLOSERS = { ")": "(", "]": "[", "}": "{" };
const BRACKETS = "()[]{}";
const TRAIL = ".,;:!?…*_~";

/** @param {string} text @returns {(Node | string)[]} the same text, its web addresses as links */
export function linked(text) {
  return partsOf(text).map(({ text: part, href }) => (href === null ? part : link(part, href)));
}

/** @param {string} text @param {string} href */
function link(text, href) {
  return element("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow ugc", tabindex: "-1" }, text);
}

/**
 * Cut a text where its addresses begin and end.
 * @param {string} text
 * @returns {{text: string, href: string | null}[]} all of the text, in order; only http and https have an href
 */
export function partsOf(text) {
  /** @type {{text: string, href: string | null}[]} */
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTrail(match[0]);
    const href = hrefOf(address);
    if (href === null) continue;
    if (match.index > done) parts.push({ text: text.slice(done, match.index), href: null });
    parts.push({ text: address, href });
    done = match.index + address.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done), href: null });
  return parts;
}

/** What ends a sentence does not belong to the address, nor does a bracket that was opened before it. @param {string} address */
function withoutTrail(address) {
  /** @type {Record<string, number>} how often each bracket stands in what is left */
  const brackets = {};
  for (const letter of address) if (BRACKETS.includes(letter)) brackets[letter] = (brackets[letter] ?? 0) + 1;
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    const opener = CLOSERS[last];
    const belongs = opener ? (brackets[opener] ?? 0) >= (brackets[last] ?? 0) : !TRAIL.includes(last);
    if (belongs) break;
    if (opener) brackets[last] = (brackets[last] ?? 0) - 1;
  }
  return address.slice(0, end);
}

/** @param {string} address @returns {string | null} null for what is no address, or pretends to be another's (user@host) */
function hrefOf(address) {
  try {
    const url = new URL(address);
    const web = url.protocol === "http:" || url.protocol === "https:";
    return web && url.hostname !== "" && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}
