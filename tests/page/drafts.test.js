import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../src/teahouse/static/teahouse/page/drafts.js";

function storage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    kept,
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value),
    removeItem: (/** @type {string} */ name) => void kept.delete(name),
  };
}

const EMPTY = { text: "", editing: null };
const EDITING = { text: "draft", editing: { seq: 7, changed: 9, text: "half" } };

test("a draft is kept for its person and its room alone", () => {
  const kept = storage();
  new Drafts(kept, "tea").save("ann", EDITING);
  assert.deepEqual(new Drafts(kept, "tea").load("ann"), EDITING);
  assert.deepEqual(new Drafts(kept, "tea").load("bo"), EMPTY);
  assert.deepEqual(new Drafts(kept, "cake").load("ann"), EMPTY);
});

test("nothing is kept for nobody, and nothing of nothing", () => {
  const kept = storage();
  const drafts = new Drafts(kept, "tea");
  drafts.save(null, EDITING);
  assert.equal(kept.kept.size, 0);
  drafts.save("ann", EDITING);
  drafts.save("ann", EMPTY);
  assert.equal(kept.kept.size, 0);
});

test("what somebody else wrote into the storage is no draft", () => {
  for (const item of ["not json", "7", "null", '{"text": 5}', '{"editing": {"seq": "x"}}', '{"editing": []}']) {
    const kept = storage();
    kept.setItem("teahouse:draft:ann:tea", item);
    assert.deepEqual(new Drafts(kept, "tea").load("ann"), EMPTY, item);
  }
});

test("a storage that is missing or full harms nothing", () => {
  const full = { ...storage(), setItem: () => assert.fail("thrown as a quota error") };
  for (const kept of [null, full]) {
    new Drafts(kept, "tea").save("ann", EDITING);
    assert.deepEqual(new Drafts(kept, "tea").load("ann"), EMPTY);
  }
});
