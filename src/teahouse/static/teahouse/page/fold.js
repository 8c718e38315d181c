/**
 * What unfolds over the messages and folds again by itself; the header of a room has such.
 */

import { find } from "./elements.js";

/** Fold it on Escape and on a press elsewhere. @param {HTMLDetailsElement} details @returns {() => void} folds it now */
export function closesByItself(details) {
  const close = () => {
    details.open = false;
    find(details, "summary", HTMLElement).focus();
  };
  details.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !details.contains(event.target)) details.open = false;
  });
  return close;
}
