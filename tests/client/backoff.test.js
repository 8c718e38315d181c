import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../src/teahouse/static/teahouse/client/backoff.js";

test("the first delay is spread over half a second, so that no herd returns at once", () => {
  assert.equal(new Backoff(() => 0).next(), 500);
  assert.equal(new Backoff(() => 0.5).next(), 750);
  assert.ok(new Backoff(() => 0.999).next() > 990);
});

test("the ceiling doubles with each try, up to twenty seconds", () => {
  const backoff = new Backoff(() => 1);
  const delays = Array.from({ length: 8 }, () => backoff.next());
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
});

test("the least delay never grows: jitter is full", () => {
  const backoff = new Backoff(() => 0);
  assert.deepEqual(Array.from({ length: 8 }, () => backoff.next()), Array(8).fill(500));
});

test("after a reset it begins again", () => {
  const backoff = new Backoff(() => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 1000);
});

test("being asked to spare the server skips the short delays", () => {
  const backoff = new Backoff(() => 1);
  backoff.atLeast(2);
  assert.equal(backoff.next(), 4000);
  backoff.atLeast(1);
  assert.equal(backoff.next(), 8000);
});

test("a thousand tries overflow nothing", () => {
  const backoff = new Backoff(() => 1);
  const delays = Array.from({ length: 1100 }, () => backoff.next());
  assert.equal(delays.at(-1), 20000);
});
