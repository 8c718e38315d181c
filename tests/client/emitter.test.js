import assert from "node:assert/strict";
import { test } from "node:test";

import { Emitter } from "../../src/teahouse/static/teahouse/client/emitter.js";

test("all listeners of a name hear it, until they stop", () => {
  const emitter = new Emitter();
  const heard = [];
  emitter.on("change", (detail) => heard.push(["one", detail]));
  const stop = emitter.on("change", (detail) => heard.push(["two", detail]));
  emitter.emit("change", 1);
  stop();
  emitter.emit("change", 2);
  emitter.emit("other", 3);
  assert.deepEqual(heard, [["one", 1], ["two", 1], ["one", 2]]);
});

test("a listener that throws harms no other, and its error surfaces", async (t) => {
  const surfaced = [];
  t.mock.method(globalThis, "queueMicrotask", (run) => surfaced.push(run));
  const emitter = new Emitter();
  const heard = [];
  emitter.on("change", () => {
    throw new Error("broken page");
  });
  emitter.on("change", () => heard.push("second"));
  emitter.emit("change", null);
  assert.deepEqual(heard, ["second"]);
  assert.throws(surfaced[0], /broken page/);
});

test("a listener may stop listening while it is told", () => {
  const emitter = new Emitter();
  const heard = [];
  const stop = emitter.on("change", () => {
    stop();
    heard.push("once");
  });
  emitter.on("change", () => heard.push("other"));
  emitter.emit("change", null);
  emitter.emit("change", null);
  assert.deepEqual(heard, ["once", "other", "other"]);
});
