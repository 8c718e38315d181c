import assert from "node:assert/strict";
import { test } from "node:test";

import { hueOf, initialOf } from "../../src/teahouse/static/teahouse/page/faces.js";
import { continues, shown } from "../../src/teahouse/static/teahouse/page/shown.js";
import { friendly, wordsOf } from "../../src/teahouse/static/teahouse/page/words.js";
import { entry, row } from "./rows.js";

const ANN = { id: "ann", name: "Ann", kind: "guest" };

test("a message keeps its identity from pending to the log", () => {
  const pending = shown(entry("k1"), ANN);
  const sent = shown({ ...entry("k1", "sent"), seq: 5 }, ANN);
  const standing = shown(row(5, { key: "k1" }), ANN);
  assert.equal(pending.id, sent.id);
  assert.equal(sent.id, standing.id);
  assert.deepEqual([pending.fate, sent.fate, standing.fate], ["pending", null, null]);
});

test("another's message with the same key is another message", () => {
  const others = shown(row(5, { key: "k1", author: { id: "bo", name: "Bo", kind: "user" } }), ANN);
  assert.notEqual(others.id, shown(row(5, { key: "k1" }), ANN).id);
  assert.equal(others.mine, false);
});

test("a failed one says why", () => {
  const failed = { ...entry("k1", "failed"), code: "too_long", problem: "message is too long" };
  assert.deepEqual(shown(failed, ANN).problem, { code: "too_long", text: "message is too long" });
});

test("messages of one author within minutes belong together", () => {
  const first = shown(row(1), ANN);
  assert.ok(continues(first, shown(row(2), ANN)));
  assert.ok(!continues(null, first));
  assert.ok(!continues(first, shown(row(2, { at: first.at + 6 * 60_000 }), ANN)));
  assert.ok(!continues(first, shown(row(2, { author: { ...ANN, id: "bo" } }), ANN)));
  assert.ok(!continues(first, shown(row(2, { author: { ...ANN, name: "Anna" } }), ANN)), "under another name");
});

test("an initial is what people see as the first letter", () => {
  assert.equal(initialOf("ann"), "A");
  assert.equal(initialOf(" 小薇"), "小");
  assert.equal(initialOf("👩‍🍳 cook"), "👩‍🍳");
  assert.equal(initialOf(""), "?");
});

test("a colour belongs to the person for ever", () => {
  assert.equal(hueOf("p4m2"), hueOf("p4m2"));
  const hues = new Set(Array.from({ length: 200 }, (_, index) => hueOf(`p${index}`)));
  assert.ok(hues.size > 15);
  for (const hue of hues) assert.ok(hue >= 0 && hue < 360);
});

test("words are filled in, and unknown ones are shown by their ids", () => {
  const say = wordsOf({ waiting: "in %(seconds)s s", "refused.not_allowed": "You may not." });
  assert.equal(say("waiting", { seconds: 7 }), "in 7 s");
  assert.equal(say("waiting"), "in %(seconds)s s");
  assert.equal(say("constructor"), "constructor");
  assert.equal(friendly(say, { code: "not_allowed", text: "no" }), "You may not.");
  assert.equal(friendly(say, { code: "unheard_of", message: "said the server" }), "said the server");
});
