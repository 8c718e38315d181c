/**
 * What one person may do with one message; the toolbar shows it.
 */

/** @typedef {"nothing" | "discard" | "change" | "moderate" | "report" | "sure?" | "why?" | "told"} Offer */

/**
 * @param {import("./shown.js").Shown} shown
 * @param {boolean} moderates    may the person delete anybody's message
 * @returns {Offer}
 */
export function offerOf({ fate, mine, seq, deleted }, moderates) {
  if (fate === "pending") return "discard";
  if (seq === null || deleted) return "nothing";
  if (mine) return "change";
  return moderates ? "moderate" : "report";
}
