import assert from "node:assert/strict";
import { test } from "node:test";

import { Seen } from "../../src/teahouse/static/teahouse/page/seen.js";
import { row } from "./rows.js";

const bo = { author: { id: "bo", name: "Bo", kind: "guest" } };

function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value),
  };
}

/** @param {ReturnType<typeof storage> | null} kept @param {any[]} rows */
function begun(kept, rows, { uid = "ann", epoch = "e1" } = {}) {
  const seen = new Seen(kept, "tea");
  seen.begin(uid, epoch, rows);
  return seen;
}

test("at the first visit nothing is new", () => {
  const seen = begun(storage(), [row(1, bo), row(2, bo)]);
  assert.equal(seen.mark, null);
  assert.equal(seen.count, 0);
});

test("at the next visit what came since is new, but not one's own", () => {
  const kept = storage();
  begun(kept, [row(1, bo)]).look(true, 1);
  const seen = begun(kept, [row(1, bo), row(2), row(3, bo), row(4, { ...bo, deleted: true })]);
  assert.equal(seen.mark, 1);
  assert.equal(seen.count, 1);
});

test("another person or another history begins anew", () => {
  const kept = storage();
  begun(kept, [row(1, bo)]).look(true, 1);
  assert.equal(begun(kept, [row(2, bo)], { uid: "cat" }).mark, null);
  assert.equal(begun(kept, [row(2, bo)], { epoch: "e2" }).mark, null);
});

test("what comes while one looks is seen", () => {
  const seen = begun(storage(), [row(1, bo)]);
  seen.look(true, 1);
  seen.came();
  assert.equal(seen.count, 0);
  assert.equal(seen.mark, null);
});

test("what comes while one does not look is counted, and marked where it began", () => {
  const seen = begun(storage(), [row(1, bo)]);
  seen.look(true, 1);
  seen.look(false, 1);
  seen.came();
  seen.look(false, 2);
  seen.came();
  assert.equal(seen.count, 2);
  assert.equal(seen.mark, 1);
});

test("the mark stays while one reads, and moves when one was away again", () => {
  const seen = begun(storage(), [row(1, bo)]);
  seen.look(false, 1);
  seen.came();
  seen.look(true, 2);
  assert.equal(seen.count, 0);
  assert.equal(seen.mark, 1);
  seen.look(false, 2);
  seen.came();
  assert.equal(seen.mark, 2);
});

test("who posts has read what stands above", () => {
  const seen = begun(storage(), [row(1, bo)]);
  seen.look(false, 1);
  seen.came();
  seen.posted();
  assert.equal(seen.mark, null);
});

test("a reset counts what it brought", () => {
  const seen = begun(storage(), [row(1, bo)]);
  seen.look(true, 1);
  seen.look(false, 1);
  seen.begin("ann", "e1", [row(1, bo), row(700, bo), row(701, bo)]);
  assert.equal(seen.count, 2);
  assert.equal(seen.mark, 1);
});

test("a storage that is missing, forbidden or full harms nothing", () => {
  const forbidden = {
    getItem: () => {
      throw new Error("forbidden");
    },
    setItem: () => {
      throw new Error("full");
    },
  };
  for (const kept of [null, forbidden]) {
    const seen = begun(kept, [row(1, bo)]);
    seen.look(true, 1);
    assert.equal(seen.count, 0);
  }
});
