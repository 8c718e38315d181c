import assert from "node:assert/strict";
import { test } from "node:test";

import { Times } from "../../src/teahouse/static/teahouse/page/times.js";

const NOW = Date.UTC(2026, 10, 22, 12, 0);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const say = (/** @type {string} */ id) => `<${id}>`;

test("a time is written as the person's own country writes the page's language", () => {
  const at = Date.UTC(2026, 10, 22, 15, 5);
  assert.equal(new Times("en", ["de-DE", "en-GB"], "UTC").clock.format(at), "15:05");
  assert.match(new Times("en", ["en-US"], "UTC").clock.format(at), /^3:05\sPM$/);
  assert.equal(new Times("zh-hans", ["en-US"], "UTC").clock.format(at), "15:05");
});

test("a time is of the person's zone", () => {
  const at = Date.UTC(2026, 10, 22, 23, 30);
  assert.equal(new Times("en", ["en-GB"], "Asia/Shanghai").clock.format(at), "07:30");
  assert.equal(new Times("en", ["en-GB"], "Asia/Shanghai").dayOf(at), "2026-11-23");
});

test("days are named as people name them", () => {
  const times = new Times("en", ["en-GB"], "UTC");
  assert.equal(times.dayName(NOW - HOUR, NOW, say), "<today>");
  assert.equal(times.dayName(NOW - DAY, NOW, say), "<yesterday>");
  assert.equal(times.dayName(NOW - 2 * DAY, NOW, say), "Friday 20 November");
  assert.match(times.dayName(NOW - 400 * DAY, NOW, say), /2025$/);
  assert.equal(times.dayName(NOW + DAY, NOW, say), "Monday 23 November");
});

test("yesterday is yesterday though a clock change made it 25 hours long", () => {
  const times = new Times("en", ["en-GB"], "Europe/Berlin");
  const now = Date.parse("2026-10-26T00:10:00+01:00");
  assert.equal(times.dayName(Date.parse("2026-10-25T00:05:00+02:00"), now, say), "<yesterday>");
});

test("a language that no browser knows harms nothing", () => {
  assert.equal(new Times("not a language!", [], "UTC").dayOf(NOW), "2026-11-22");
});
