/**
 * Reads the messages that the server wrote into the page, so that they stand there before any line to the server does.
 */

/** @typedef {import("../client/index.js").MessageRow} MessageRow */

/** @param {HTMLElement} list @returns {MessageRow[]} */
export function rowsInPage(list) {
  const items = /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(".teahouse-message[data-seq]"));
  return [...items].map(rowOf);
}

/** @param {HTMLElement} item @returns {MessageRow} */
function rowOf(item) {
  const { seq, changed, author = "", kind = "guest", key = "" } = item.dataset;
  const at = Date.parse(item.querySelector("time")?.dateTime ?? "");
  const name = item.querySelector(".teahouse-author")?.textContent ?? "";
  const row = { seq: Number(seq), changed: Number(changed), at, author: { id: author, name, kind }, key };
  if (item.classList.contains("teahouse-deleted")) return { ...row, deleted: true };
  const text = item.querySelector(".teahouse-text")?.textContent ?? "";
  return item.querySelector(".teahouse-edited") ? { ...row, text, edited_at: at } : { ...row, text };
}
