/**
 * Puts the times of a page into the person's own zone, as a room has them; the pages about a room load it.
 */

import { Times } from "./times.js";

const times = new Times(document.documentElement.lang);
const today = times.dayOf(Date.now());

for (const place of document.querySelectorAll("time[data-moment]")) {
  if (!(place instanceof HTMLTimeElement)) continue;
  const at = Date.parse(place.dateTime);
  place.textContent = (times.dayOf(at) === today ? times.clock : times.moment).format(at);
  place.title = times.full.format(at);
}
