/** Rows and entries as a room hands them to the page; used by the tests of the page's lists. */

const ANN = { id: "ann", name: "Ann", kind: "guest" };

/** @param {number} seq @param {Partial<import("../../src/teahouse/static/teahouse/client/index.js").MessageRow>} [more] */
export function row(seq, more = {}) {
  return { seq, changed: seq, at: 1_000_000 + seq * 1000, author: ANN, key: `key-${seq}`, text: `text ${seq}`, ...more };
}

/** @param {number} first @param {number} last */
export function rows(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => row(first + index));
}

/** @param {string} key @param {"pending" | "sent" | "failed"} [state] @returns {import("../../src/teahouse/static/teahouse/client/index.js").Entry} */
export function entry(key, state = "pending") {
  return { key, uid: "ann", room: "tea", text: `text ${key}`, order: 9_000_000, state };
}
