/**
 * The page `enter/`: takes the code out of the address, and says who one will be; the browser runs it there.
 */

import { codeIn, toldBy } from "./codes.js";
import { find } from "./elements.js";

const section = find(document, ".site-enter", HTMLElement);
const input = find(section, "input[name=code]", HTMLInputElement);
const told = find(section, ".site-told", HTMLElement);

function takeFromAddress() {
  const code = codeIn(decodeURIComponent(location.hash));
  if (!code) return;
  // Neither the history nor whoever looks at the screen is to keep it.
  history.replaceState(null, "", location.pathname + location.search);
  input.value = code;
  show();
}

function show() {
  const said = toldBy(codeIn(input.value));
  told.hidden = said === null;
  for (const place of told.querySelectorAll("dd")) {
    const text = (place.dataset.told === "room" ? said?.room : said?.name) ?? "";
    place.textContent = text;
    place.hidden = text === "";
    if (place.previousElementSibling instanceof HTMLElement) place.previousElementSibling.hidden = text === "";
  }
}

input.addEventListener("input", show);
addEventListener("hashchange", takeFromAddress);
takeFromAddress();
