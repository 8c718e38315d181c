/**
 * Puts the link of a new invitation where it can be pasted from; the page about a room loads it when it shows one.
 */

import { find } from "./elements.js";

const input = find(document, ".site-link", HTMLInputElement);
const copy = find(document, ".site-copy", HTMLButtonElement);

input.addEventListener("focus", () => input.select());
copy.hidden = navigator.clipboard === undefined;
copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(input.value);
    copy.textContent = copy.dataset.copied ?? "";
  } catch {
    // The browser does not allow it: the person can.
    input.focus();
  }
});
input.scrollIntoView({ block: "center" });
input.focus({ preventScroll: true });
input.select();
