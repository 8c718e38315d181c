import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST, STEP, Stretch } from "../../src/teahouse/static/teahouse/page/stretch.js";
import { entry, row, rows } from "./rows.js";

/** @param {Stretch} stretch @param {readonly any[]} messages */
function shown(stretch, messages) {
  const [start, end] = stretch.bounds(messages);
  return messages.slice(start, end);
}

test("a new one shows all that is held, and what comes", () => {
  const stretch = new Stretch();
  assert.deepEqual(stretch.bounds(rows(1, 40)), [0, 40]);
  assert.deepEqual(stretch.bounds([...rows(1, 41), entry("a")]), [0, 42]);
});

test("the end is the newest and what is on its way", () => {
  const stretch = new Stretch();
  const messages = [...rows(1, 1000), entry("a"), entry("b")];
  stretch.toEnd(messages);
  assert.equal(shown(stretch, messages).length, STEP);
  assert.equal(shown(stretch, messages).at(-1)?.key, "b");
});

test("growing up never shows more than so many, and lets go of the end", () => {
  const stretch = new Stretch();
  const messages = [...rows(1, 1000), entry("a")];
  stretch.toEnd(messages);
  let first = shown(stretch, messages)[0].seq;
  while (stretch.growUp(messages)) {
    const now = shown(stretch, messages);
    assert.ok(now.length <= MOST);
    assert.equal(now[0].seq, Math.max(1, first - STEP));
    first = now[0].seq;
  }
  assert.equal(first, 1);
  assert.equal(stretch.open, false);
});

test("growing down leads back to the end without passing over a message", () => {
  const stretch = new Stretch();
  const messages = [...rows(1, 1000), entry("a")];
  stretch.toward(messages, 20);
  let last = shown(stretch, messages).at(-1).seq;
  while (stretch.growDown(messages)) {
    const now = shown(stretch, messages);
    assert.ok(now.length <= MOST);
    assert.ok(now[0].seq <= last + 1, "a gap");
    last = now.at(-1).seq ?? Infinity;
  }
  assert.ok(stretch.open);
  assert.equal(shown(stretch, messages).at(-1)?.key, "a");
});

test("older messages that arrive join a stretch that begins the log", () => {
  const stretch = new Stretch();
  stretch.toEnd(rows(100, 140));
  assert.equal(shown(stretch, rows(50, 140)).length, 91);
});

test("who follows the end keeps it while messages come, and not more than so many", () => {
  const stretch = new Stretch();
  for (let last = 1; last <= 2000; last += 1) {
    const messages = rows(1, last);
    stretch.hold(messages, true);
    const now = shown(stretch, messages);
    assert.ok(now.length <= MOST);
    assert.equal(now.at(-1)?.seq, last);
  }
});

test("who reads further up keeps that while messages come", () => {
  const stretch = new Stretch();
  stretch.toward(rows(1, 1000), 950);
  const before = shown(stretch, rows(1, 1000))[0];
  const messages = rows(1, 3000);
  stretch.hold(messages, false);
  assert.deepEqual(shown(stretch, messages)[0], before);
  assert.ok(shown(stretch, messages).length <= MOST);
});

test("numbers with holes are no matter", () => {
  const stretch = new Stretch();
  const messages = [row(3), row(10), row(500), row(501)];
  stretch.toward(messages, 400);
  assert.equal(shown(stretch, messages).length, 4);
});

test("what is on its way alone is shown, and stays when it gets its number", () => {
  const stretch = new Stretch();
  const many = Array.from({ length: 200 }, (_, index) => entry(`e${index}`));
  stretch.toEnd([row(1), ...many]);
  assert.equal(shown(stretch, [row(1), ...rows(2, 200), entry("last")]).at(-1)?.key, "last");
  assert.ok(shown(stretch, [row(1), ...rows(2, 200)]).length >= 199);
});
