import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Refusal } from "../../src/teahouse/static/teahouse/client/protocol.js";
import { Watch } from "../../src/teahouse/static/teahouse/client/watch.js";
import { changes, FakeClock, reset, roomState, row } from "./fakes.js";

let clock, asked, line, told, watch;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  told = [];
  line = { ask: (command, settle) => asked.push({ command, settle }) };
  watch = new Watch({
    name: "lobby",
    clock,
    random: () => 0,
    line: () => line,
    onMoved: (before) => told.push(`moved from ${before}`),
    onReset: (event) => told.push(`reset ${event.reason}`),
    onState: () => told.push("state"),
    onEnded: () => told.push(`ended ${watch.ended.code}`),
  });
});

/** The room is watched, and level at this number. */
function level(seq) {
  watch.ask();
  watch.greet(roomState({ head: seq }));
  watch.hear(reset(seq, [row(seq)]));
  told.length = 0;
}

function positions() {
  return asked.map(({ command }) => command.seq);
}

test("a room without a position is asked for without one", () => {
  watch.begin();
  assert.deepEqual(asked.map(({ command }) => command), [{ type: "watch", room: "lobby" }]);
});

test("what is missing is asked for with the position, once at a time", () => {
  level(4);
  watch.hear(changes(5, 6));
  watch.hear(changes(6, 7));
  assert.deepEqual(asked.map(({ command }) => command), [{ type: "watch", room: "lobby", epoch: "e1", seq: 4 }]);
});

test("a question under way is not joined by another, though the position moved meanwhile", () => {
  level(4);
  watch.hear(changes(5, 6));
  watch.hear(changes(4, 5));
  watch.hear(changes(8, 9));
  assert.deepEqual(positions(), [4]);
});

test("what was heard of once is asked for once, when the server knows nothing of it", () => {
  level(4);
  watch.hear(changes(8, 9));
  asked[0].settle(null, roomState({ head: 5 }));
  watch.hear(changes(4, 5));
  clock.pass(60_000);
  assert.deepEqual(positions(), [4]);
});

test("what was heard of during a question and lies beyond its answer is asked for next", () => {
  level(4);
  watch.hear(changes(5, 6));
  watch.hear(changes(8, 9));
  asked[0].settle(null, roomState({ head: 6 }));
  assert.equal(asked.length, 1, "the answer's pages are still to come");
  watch.hear(changes(4, 6));
  assert.deepEqual(positions(), [4, 6]);
  asked[1].settle(null, roomState({ head: 9 }));
  watch.hear(changes(6, 9));
  assert.equal(asked.length, 2);
});

test("where the last question brought nothing, the next one waits", () => {
  level(4);
  watch.hear({ type: "gap", room: "lobby" });
  asked[0].settle(null, roomState({ head: 4 }));
  watch.hear({ type: "gap", room: "lobby" });
  watch.hear({ type: "gap", room: "lobby" });
  assert.equal(asked.length, 1);
  clock.pass(500);
  assert.equal(asked.length, 2);
});

test("a gap is asked about at once", () => {
  level(4);
  watch.hear({ type: "gap", room: "lobby" });
  assert.deepEqual(positions(), [4]);
});

test("changes of another epoch are ignored, and the server resets who shows the old one", () => {
  level(4);
  watch.hear(changes(4, 5, [row(5)], { epoch: "e2" }));
  assert.deepEqual(positions(), [4]);
  asked[0].settle(null, roomState({ epoch: "e2", head: 5 }));
  watch.hear(reset(5, [row(5)], { epoch: "e2", reason: "epoch" }));
  assert.deepEqual([watch.log.position, told.at(-1)], [{ epoch: "e2", seq: 5 }, "reset epoch"]);
});

test("a question refused for now is asked again later, one refused for good ends the room", () => {
  level(4);
  watch.hear({ type: "gap", room: "lobby" });
  asked[0].settle(new Refusal({ code: "unavailable", retry: true }), null);
  clock.pass(500);
  assert.equal(asked.length, 2);
  asked[1].settle(new Refusal({ code: "not_allowed", text: "no" }), null);
  assert.deepEqual([watch.ended, told], [{ code: "not_allowed", text: "no" }, ["ended not_allowed"]]);
  watch.hear({ type: "gap", room: "lobby" });
  clock.pass(60_000);
  assert.equal(asked.length, 2);
});

test("ended, it can be begun again", () => {
  level(4);
  watch.hear({ type: "ended", room: "lobby", code: "not_allowed", text: "removed" });
  assert.deepEqual(told, ["ended not_allowed"]);
  watch.begin();
  asked[0].settle(null, roomState({ head: 4 }));
  assert.equal(watch.ended, null);
});

test("a room that the server could not go on with for now is asked for again", () => {
  level(4);
  watch.hear({ type: "ended", room: "lobby", code: "unavailable", text: "the database is busy" });
  assert.equal(watch.ended, null);
  clock.pass(500);
  assert.deepEqual(positions(), [4]);
});

test("it tells what the log took, and is silent about what it knew", () => {
  level(4);
  watch.hear(changes(4, 5, [row(5)]));
  watch.hear(changes(4, 5, [row(5)]));
  assert.deepEqual(told, ["moved from 4"]);
});

test("the same state twice is told once, another role is told", () => {
  level(4);
  watch.greet(roomState({ head: 5 }));
  assert.deepEqual(told, []);
  watch.setOwn({ role: "member", changed: 5 });
  watch.setOwn({ role: "member", changed: 5 });
  assert.deepEqual([told, watch.state.role], [["state"], "member"]);
});

test("it is behind until it stands at the head of the right epoch", () => {
  assert.equal(watch.behind, false);
  watch.greet(roomState({ head: 4 }));
  assert.equal(watch.behind, true);
  watch.hear(reset(3));
  assert.equal(watch.behind, true);
  watch.hear(changes(3, 4));
  assert.equal(watch.behind, false);
});

test("without a line it waits for the next hello", () => {
  level(4);
  line = null;
  watch.hear(changes(5, 6));
  clock.pass(60_000);
  assert.equal(asked.length, 0);
});

test("a line that is lost while it asks leaves the asking to the next hello", () => {
  level(4);
  watch.hear(changes(5, 6));
  watch.stop();
  asked[0].settle(new Refusal({ code: "lost", retry: true }), null);
  clock.pass(60_000);
  assert.equal(asked.length, 1);
});

test("what an event says of the room holds at once, and what one may do is asked soon after", () => {
  level(4);
  watch.setInfo({ title: "Lobby", kind: "open", locked: true, archived: false, slow_seconds: 0, changed: 5 });
  assert.deepEqual([told, watch.state.locked, watch.state.can_post], [["state"], true, false]);
  assert.deepEqual(positions(), []);
  clock.pass(2_000);
  assert.deepEqual(positions(), [4]);
  asked[0].settle(null, roomState({ head: 5, locked: true, can_post: false, can_moderate: true }));
  assert.equal(watch.state.can_moderate, true);
});

test("a room that is open again is written in when the server says so", () => {
  level(4);
  watch.greet(roomState({ head: 4, locked: true, can_post: false }));
  watch.setInfo({ title: "Tea", kind: "private", locked: false, archived: false, slow_seconds: 9, changed: 5 });
  const { title, kind, locked, slow_seconds, can_post } = watch.state;
  assert.deepEqual({ title, kind, locked, slow_seconds, can_post }, { title: "Tea", kind: "private", locked: false, slow_seconds: 9, can_post: false });
  clock.pass(2_000);
  asked[0].settle(null, roomState({ head: 5, slow_seconds: 9 }));
  assert.equal(watch.state.can_post, true);
});

test("those who hear one thing do not all ask at once", () => {
  const random = [0.1, 0.9];
  for (const share of random) {
    watch.parts.random = () => share;
    level(4);
    asked.length = 0;
    watch.setInfo({ title: "Tea", kind: "open", locked: false, archived: false, slow_seconds: 0, changed: 5 });
    clock.pass(share * 2_000 - 1);
    assert.equal(asked.length, 0);
    clock.pass(1);
    assert.equal(asked.length, 1);
    asked[0].settle(null, roomState({ head: 4 }));
  }
});

test("who is muted is silent at once, and asks again when it is over, a little late or early", () => {
  level(4);
  const until = clock.now() + 60_000;
  watch.setOwn({ role: "member", changed: 5, muted_until: until });
  assert.deepEqual([watch.state.can_post, watch.state.muted_until], [false, until]);
  clock.pass(0);
  asked[0].settle(null, roomState({ head: 5, role: "member", can_post: false, muted_until: until }));
  clock.pass(59_999);
  assert.equal(asked.length, 1);
  clock.pass(1);
  assert.equal(asked.length, 2, "by this clock it is over");
  asked[1].settle(null, roomState({ head: 5, role: "member", can_post: false, muted_until: until }));
  clock.pass(2_000);
  asked[2].settle(null, roomState({ head: 5, role: "member", can_post: true, muted_until: until }));
  clock.pass(600_000);
  assert.deepEqual([asked.length, watch.state.can_post], [3, true]);
});

test("who is muted for good does not ask", () => {
  level(4);
  watch.greet(roomState({ head: 4, can_post: false, muted_until: Number.MAX_SAFE_INTEGER }));
  clock.pass(10 ** 9);
  assert.equal(asked.length, 0);
});

test("an answer that was asked for before a change does not stand for it", () => {
  level(4);
  watch.hear(changes(5, 6));
  watch.setOwn({ role: "moderator", changed: 5 });
  clock.pass(0);
  assert.equal(asked.length, 1);
  asked[0].settle(null, roomState({ head: 6, role: "member" }));
  watch.hear(changes(4, 6));
  clock.pass(2_000);
  assert.equal(asked.length, 2);
  asked[1].settle(null, roomState({ head: 6, role: "moderator", can_moderate: true }));
  assert.equal(watch.state.can_moderate, true);
});

test("a room that ended asks for no rights", () => {
  level(4);
  watch.setOwn({ role: null, changed: 5 });
  watch.hear({ type: "ended", room: "lobby", code: "banned", text: "you are banned" });
  clock.pass(10 ** 6);
  assert.equal(asked.length, 0);
  assert.equal(watch.ended.code, "banned");
});
