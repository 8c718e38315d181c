import assert from "node:assert/strict";
import { test } from "node:test";

import { makeKey } from "../../src/teahouse/static/teahouse/client/keys.js";

const ALLOWED = /^[A-Za-z0-9_.:-]{1,64}$/;

test("crypto.randomUUID makes the key where there is one", () => {
  assert.equal(makeKey({ randomUUID: () => "3f1c-uuid" }), "3f1c-uuid");
});

test("random bytes make it on pages without a secure context", () => {
  const key = makeKey({ getRandomValues: (bytes) => bytes.fill(0xab) });
  assert.equal(key, "ab".repeat(16));
});

test("without any crypto a key is still made", () => {
  assert.equal(makeKey({}, () => 0.999), "ff".repeat(16));
});

test("keys differ, and hold only what a key may", () => {
  const sources = [globalThis.crypto, { getRandomValues: (bytes) => crypto.getRandomValues(bytes) }, {}];
  const keys = sources.flatMap((source) => Array.from({ length: 100 }, () => makeKey(source)));
  assert.equal(new Set(keys).size, 300);
  for (const key of keys) assert.match(key, ALLOWED);
});
