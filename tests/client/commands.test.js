import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Commands } from "../../src/teahouse/static/teahouse/client/commands.js";
import { FakeClock } from "./fakes.js";

let clock, commands, settled;

beforeEach(() => {
  clock = new FakeClock();
  commands = new Commands(clock);
  settled = [];
});

function expect(name) {
  return commands.expect({ type: "post", name }, (refusal) => settled.push([name, refusal?.code ?? "ok"]));
}

test("each command gets an id of its own, and its answer in any order", () => {
  const [one, two] = [expect("one"), expect("two")];
  assert.notEqual(one.id, two.id);
  commands.answer({ type: "ok", id: two.id, seq: 2 });
  commands.answer({ type: "error", id: one.id, code: "not_allowed", text: "no", retry: false });
  assert.deepEqual(settled, [["two", "ok"], ["one", "not_allowed"]]);
});

test("an answer is heard once, and one that nobody waits for is ignored", () => {
  const command = expect("one");
  commands.answer({ type: "ok", id: command.id });
  commands.answer({ type: "ok", id: command.id });
  commands.answer({ type: "ok", id: 99 });
  commands.answer({ type: "error", id: null, code: "not_json", text: "", retry: false });
  assert.equal(settled.length, 1);
});

test("silence is a refusal that may pass, after fifteen seconds", () => {
  expect("one");
  clock.pass(14_999);
  assert.equal(settled.length, 0);
  clock.pass(1);
  assert.deepEqual(settled, [["one", "timeout"]]);
});

test("an answer that comes in time leaves no timer behind", () => {
  commands.answer({ type: "ok", id: expect("one").id });
  assert.equal(clock.timers, 0);
});

test("a lost line settles all that wait, once", () => {
  const one = expect("one");
  expect("two");
  commands.lose();
  commands.answer({ type: "ok", id: one.id });
  assert.deepEqual(settled, [["one", "lost"], ["two", "lost"]]);
  assert.equal(clock.timers, 0);
});
