import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { PollingLine } from "../../src/teahouse/static/teahouse/client/polling.js";
import { ANN, BOB, FakeClock, FakeNetwork, settled, welcome } from "./fakes.js";

let clock, network, line, heard, welcomes, ends, stand;

beforeEach(() => {
  clock = new FakeClock();
  network = new FakeNetwork();
  [heard, welcomes, ends] = [[], [], []];
  stand = { behind: false, seq: 0 };
  line = new PollingLine({
    post: network.transport.post,
    clock,
    random: () => 0.5,
    dialogue: {
      hello: () => ({ type: "hello", version: 1, rooms: [] }),
      positions: () => [{ room: "lobby", epoch: "e1", seq: stand.seq }],
      hear: (event) => heard.push(event.type),
      behind: () => stand.behind,
    },
    onWelcome: (_, answer) => welcomes.push(answer.me.id),
    onEnd: (refusal) => ends.push(refusal?.code ?? null),
  });
});

async function polled(fields = {}, events = []) {
  network.request.answer({ type: "ok", id: network.request.command.id, ...welcome(fields) }, events);
  await settled();
}

async function failed() {
  network.request.reject(new TypeError("failed to fetch"));
  await settled();
}

function asked() {
  return network.requests.map(({ command }) => command.type);
}

test("it polls at once, then every three seconds", async () => {
  await polled();
  await clock.passSlowly(2_999);
  assert.deepEqual(asked(), ["hello"]);
  await clock.passSlowly(1);
  assert.deepEqual(asked(), ["hello", "hello"]);
  assert.deepEqual(welcomes, ["u-ann"]);
});

test("one poll at a time, however slow", async () => {
  line.check();
  await clock.passSlowly(10_000);
  line.check();
  assert.deepEqual(asked(), ["hello"]);
});

test("events come after the answer", async () => {
  await polled({}, [{ type: "changes" }, { type: "gap" }]);
  assert.deepEqual([welcomes, heard], [["u-ann"], ["changes", "gap"]]);
});

test("behind the head it goes round at once, while the position moves", async () => {
  stand.behind = true;
  stand.seq = 100;
  await polled();
  await clock.passSlowly(0);
  assert.deepEqual(asked(), ["hello", "hello"]);
  await polled();
  await clock.passSlowly(2_999);
  assert.deepEqual(asked(), ["hello", "hello"], "a server that has nothing more to say is not hammered");
});

test("a first poll that fails is the end", async () => {
  await failed();
  assert.deepEqual(ends, [null]);
  await clock.passSlowly(60_000);
  assert.equal(network.requests.length, 1);
});

test("later one failing poll is passed over, two are the end", async () => {
  await polled();
  await clock.passSlowly(3_000);
  await failed();
  assert.deepEqual(ends, []);
  await clock.passSlowly(3_000);
  await polled();
  for (let times = 0; times < 2; times++) {
    await clock.passSlowly(3_000);
    await failed();
  }
  assert.deepEqual(ends, [null]);
});

test("an answer that is none of ours is a failure, as is silence for twenty seconds", async () => {
  await polled();
  await clock.passSlowly(3_000);
  network.request.body("<html>captive portal</html>");
  await clock.passSlowly(3_000);
  await clock.passSlowly(20_000);
  assert.deepEqual(ends, [null]);
});

test("a refusal for good is the end and says why; one for now is a failure", async () => {
  await polled();
  await clock.passSlowly(3_000);
  network.request.answer({ type: "error", id: 1, code: "unavailable", text: "busy", retry: true });
  await clock.passSlowly(3_000);
  assert.deepEqual(ends, []);
  network.request.answer({ type: "error", id: 1, code: "bad_token", text: "forged", retry: false });
  await settled();
  assert.deepEqual(ends, ["bad_token"]);
});

test("a command is answered, or refused, and what it changed is polled at once", async () => {
  await polled();
  const settledWith = [];
  line.ask({ type: "edit", room: "lobby" }, (refusal, answer) => settledWith.push(refusal?.code ?? answer.changed));
  network.request.answer({ type: "ok", id: 2, changed: 9 });
  await settled();
  assert.deepEqual([settledWith, asked()], [[9], ["hello", "edit", "hello"]]);
  line.ask({ type: "edit", room: "lobby" }, (refusal) => settledWith.push(refusal.code));
  network.request.answer({ type: "error", id: 3, code: "conflict", text: "", retry: false });
  await settled();
  line.ask({ type: "edit", room: "lobby" }, (refusal) => settledWith.push([refusal.code, refusal.retry]));
  network.request.reject(new TypeError("failed to fetch"));
  await settled();
  assert.deepEqual(settledWith.slice(1), ["conflict", ["lost", true]]);
});

test("a post asks first who we are", async () => {
  await polled();
  line.ask({ type: "post", room: "lobby", text: "hello" }, () => {});
  await settled();
  assert.deepEqual(asked(), ["hello", "hello"]);
  await polled();
  assert.deepEqual(asked(), ["hello", "hello", "post"]);
});

test("a post is not sent under another login", async () => {
  await polled();
  const codes = [];
  line.ask({ type: "post", room: "lobby", text: "ann's" }, (refusal) => codes.push([refusal.code, refusal.retry]));
  await polled({ me: BOB });
  assert.deepEqual([asked(), codes], [["hello", "hello"], [["lost", true]]]);
  assert.deepEqual(welcomes, [ANN.id, BOB.id]);
});

test("a post is not sent while the server cannot be asked", async () => {
  await polled();
  const codes = [];
  line.ask({ type: "post", room: "lobby", text: "ann's" }, (refusal) => codes.push(refusal.code));
  await failed();
  assert.deepEqual([asked(), codes], [["hello", "hello"], ["lost"]]);
});

test("left, it says nothing more and hears nothing more", async () => {
  line.leave();
  await polled({}, [{ type: "changes" }]);
  await clock.passSlowly(60_000);
  assert.deepEqual([welcomes, heard, ends, asked()], [[], [], [], ["hello"]]);
});
