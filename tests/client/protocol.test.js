import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { Commands } from "../../src/teahouse/static/teahouse/client/commands.js";
import {
  CLOSES,
  closeBand,
  decode,
  encode,
  frameBytes,
  MAY_PASS,
  Refusal,
} from "../../src/teahouse/static/teahouse/client/protocol.js";
import { FakeClock } from "./fakes.js";

const golden = new URL("../protocol/golden/", import.meta.url);
const examples = readdirSync(golden)
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({ file: name, ...JSON.parse(readFileSync(new URL(name, golden), "utf8")) }));

function ofKind(kind) {
  const found = examples.filter((example) => example.file.startsWith(`${kind}_`));
  assert.ok(found.length > 3, `the golden examples have no ${kind}_*.json`);
  return found;
}

function textOf(frame) {
  return typeof frame === "string" ? frame : JSON.stringify(frame);
}

test("every golden event is read as it stands", () => {
  for (const { file, frame } of ofKind("event")) {
    const event = decode(textOf(frame));
    assert.deepEqual(event, typeof frame === "string" ? JSON.parse(frame) : frame, file);
    assert.equal(event.id, undefined, file);
  }
});

test("every golden answer reaches the command that waits for it", () => {
  for (const { file, frame } of ofKind("answer")) {
    const answer = decode(textOf(frame));
    if (answer.id === null) continue;
    const commands = new Commands(new FakeClock());
    const settled = [];
    for (let id = 1; id <= answer.id; id++) commands.expect({ type: "post" }, (...result) => settled.push(result));
    commands.answer(answer);
    assert.equal(settled.length, 1, file);
    const [refusal, ok] = settled[0];
    const { code, retry, text } = answer;
    if (answer.type === "ok") assert.deepEqual(ok, answer, file);
    else assert.deepEqual([refusal.code, refusal.retry, refusal.message], [code, retry, text], file);
  }
});

test("every golden command survives encoding", () => {
  for (const { file, frame } of ofKind("command")) {
    const command = JSON.parse(textOf(frame));
    assert.deepEqual(JSON.parse(encode(command)), command, file);
  }
});

test("what is no object with a type is ignored", () => {
  for (const frame of ["", "null", "7", "[]", "{", '"ok"', '{"id":1}', '{"type":7}', new ArrayBuffer(4), undefined]) {
    assert.equal(decode(frame), null, String(frame));
  }
});

test("close codes are understood by their band, known or not", () => {
  assert.deepEqual([4000, 4008, 4099].map(closeBand), ["stay_away", "stay_away", "stay_away"]);
  assert.deepEqual([4100, 4105, 4199].map(closeBand), ["back_off", "back_off", "back_off"]);
  assert.deepEqual([4200, 4202, 4299].map(closeBand), ["soon", "soon", "soon"]);
  assert.deepEqual([1000, 1006, 3999, 4300].map(closeBand), [null, null, null, null]);
});

test("the close codes are those of the protocol's page", () => {
  const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (4\d{3}) \| `?(\w+)`? \|/gm)].map(([, code, name]) => [code, name]);
  assert.deepEqual(Object.entries(CLOSES), rows);
});

test("a refusal carries what the error says", () => {
  const standing = { seq: 4, changed: 9, at: 1, author: { id: "a", name: "A", kind: "user" }, key: "k", text: "now" };
  const fields = { code: "conflict", text: "it changed", retry: false, field: "changed", message: standing };
  const refusal = new Refusal(fields);
  const { code, message, field, retryAfter } = refusal;
  assert.deepEqual([code, message, field, retryAfter], ["conflict", "it changed", "changed", null]);
  assert.equal(refusal.standing, standing);
  assert.equal(new Refusal({ code: "overloaded", retry: true, retry_after: 2 }).retryAfter, 2);
});

test("the codes that may pass are those of the protocol's page", () => {
  const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| yes \|/gm)].map(([, code]) => code);
  assert.deepEqual([...MAY_PASS].sort(), rows.sort());
});

test("the length of a frame is counted in UTF-8", () => {
  assert.equal(frameBytes("aé茶🍵"), 1 + 2 + 3 + 4);
});
