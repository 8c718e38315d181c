import assert from "node:assert/strict";
import { test } from "node:test";

import { Range } from "../../src/teahouse/static/teahouse/client/range.js";
import { row, seeded } from "./fakes.js";

function rangeOf(from, upto, seqs) {
  const range = new Range(from, upto);
  for (const seq of seqs) range.take(row(seq));
  return range;
}

function seqs(range) {
  return range.rows.map(({ seq }) => seq);
}

test("rows stand in order, however they come", () => {
  const random = seeded(7);
  const shuffled = Array.from({ length: 200 }, (_, index) => index).sort(() => random() - 0.5);
  assert.deepEqual(seqs(rangeOf(0, Infinity, shuffled)), Array.from({ length: 200 }, (_, index) => index));
});

test("a newer version takes the place of an older, never the reverse", () => {
  const range = rangeOf(0, Infinity, [3, 5]);
  assert.equal(range.take(row(3, { changed: 9, text: "edited" })), true);
  assert.equal(range.take(row(3, { changed: 7, text: "older" })), false);
  assert.equal(range.take(row(3, { changed: 9, text: "same" })), false);
  assert.equal(range.find(3).text, "edited");
  assert.deepEqual(seqs(range), [3, 5]);
});

test("finding what is not held finds nothing", () => {
  const range = rangeOf(0, Infinity, [3, 5]);
  assert.deepEqual([range.find(4), range.find(2), range.find(9), new Range(0, 5).find(1)], Array(4).fill(undefined));
});

test("ranges touch when no number lies between", () => {
  assert.equal(new Range(1, 4).touches(new Range(5, 9)), true);
  assert.equal(new Range(5, 9).touches(new Range(1, 4)), true);
  assert.equal(new Range(1, 4).touches(new Range(6, 9)), false);
  assert.equal(new Range(2, 3).touches(new Range(1, Infinity)), true);
});

test("two become one, with the newer version of each row", () => {
  const one = rangeOf(1, 6, [1, 4, 6]);
  const other = rangeOf(5, Infinity, [6, 8]);
  other.take(row(6, { changed: 20, text: "edited" }));
  one.absorb(other);
  assert.deepEqual([one.from, one.upto, seqs(one)], [1, Infinity, [1, 4, 6, 8]]);
  assert.equal(one.find(6).text, "edited");
});

test("trimmed, it covers no more than it holds", () => {
  const range = rangeOf(0, Infinity, [1, 4, 6, 8]);
  range.trim(9);
  assert.equal(range.from, 0);
  range.trim(2);
  assert.deepEqual([range.from, seqs(range), range.covers(5)], [6, [6, 8], false]);
});
