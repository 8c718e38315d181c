import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SocketLine } from "../../src/teahouse/static/teahouse/client/socket.js";
import { FakeClock, FakeSocket, welcome } from "./fakes.js";

let clock, socket, line, heard, welcomes, ends;

beforeEach(() => {
  clock = new FakeClock();
  socket = new FakeSocket();
  [heard, welcomes, ends] = [[], [], []];
  line = new SocketLine({
    open: () => socket,
    clock,
    dialogue: {
      hello: () => ({ type: "hello", version: 1, rooms: [{ room: "lobby", epoch: "e1", seq: 4 }] }),
      positions: () => [{ room: "lobby", epoch: "e1", seq: 9 }],
      hear: (event) => heard.push(event),
      behind: () => false,
    },
    onWelcome: (_, answer) => welcomes.push(answer),
    onEnd: (end) => ends.push(end),
  });
});

function welcomed() {
  socket.open();
  socket.ok(socket.last("hello"), welcome());
}

test("hello is the first word, with all positions", () => {
  socket.open();
  const rooms = [{ room: "lobby", epoch: "e1", seq: 4 }];
  assert.deepEqual(socket.sent, [{ type: "hello", id: 1, version: 1, rooms }]);
  socket.ok(socket.sent[0], welcome());
  assert.equal(welcomes[0].me.id, "u-ann");
});

test("a server that did not choose the protocol hears nothing", () => {
  socket.open("");
  assert.deepEqual(socket.sent, []);
  assert.equal(socket.closed, true);
  assert.deepEqual([ends[0].welcomed, ends[0].code], [false, null]);
});

test("events are heard, answers are not events", () => {
  welcomed();
  socket.say({ type: "gap", room: "lobby" });
  socket.say({ type: "ok", id: 77 });
  socket.say("not json");
  assert.deepEqual(heard, [{ type: "gap", room: "lobby" }]);
});

test("a ping is answered by a pong with the positions", () => {
  welcomed();
  socket.say({ type: "ping" });
  assert.deepEqual(socket.last("pong"), { type: "pong", rooms: [{ room: "lobby", epoch: "e1", seq: 9 }] });
});

test("commands are matched with their answers", () => {
  welcomed();
  const settled = [];
  line.ask({ type: "join", room: "lobby" }, (refusal, answer) => settled.push([refusal, answer.role]));
  socket.ok(socket.last("join"), { role: "member" });
  assert.deepEqual(settled, [[null, "member"]]);
});

test("the end loses what waits, closes the socket and leaves no timer", () => {
  welcomed();
  const codes = [];
  line.ask({ type: "join", room: "lobby" }, (refusal) => codes.push(refusal.code));
  socket.drop(1006);
  line.ask({ type: "join", room: "lobby" }, (refusal) => codes.push(refusal.code));
  assert.deepEqual(codes, ["lost", "lost"]);
  assert.deepEqual(ends, [{ welcomed: true, code: null, reason: "", retryAfter: null, refusal: null }]);
  assert.equal(clock.timers, 0);
});

test("bye says why and when, even where the close code is lost on the way", () => {
  welcomed();
  socket.say({ type: "bye", code: 4200, reason: "the server restarts", retry_after: 3.2 });
  socket.drop(1006);
  assert.deepEqual(ends, [
    { welcomed: true, code: 4200, reason: "the server restarts", retryAfter: 3.2, refusal: null },
  ]);
});

test("a close code speaks for itself", () => {
  welcomed();
  socket.drop(4103, "no pong");
  assert.deepEqual([ends[0].code, ends[0].reason], [4103, "no pong"]);
});

test("no answer to the handshake or to hello within ten seconds is an end", () => {
  socket.open();
  clock.pass(10_000);
  assert.equal(ends.length, 1);
  assert.equal(ends[0].welcomed, false);
  assert.equal(socket.closed, true);
});

test("a refused hello ends the line with its refusal", () => {
  socket.open();
  socket.refuse(socket.last("hello"), { code: "overloaded", retry: true, retry_after: 4 });
  assert.deepEqual([ends[0].refusal.code, ends[0].retryAfter, welcomes.length], ["overloaded", 4, 0]);
});

test("silence ends the line", () => {
  welcomed();
  clock.pass(30_000);
  socket.say({ type: "pong" });
  clock.pass(35_000);
  assert.equal(ends.length, 0);
  clock.pass(5_000);
  assert.equal(ends.length, 1);
});

test("a line that was left says nothing more", () => {
  welcomed();
  line.leave();
  assert.equal(socket.closed, true);
  assert.equal(ends.length, 0);
  assert.equal(clock.timers, 0);
});

test("a socket that throws on sending is at its end", () => {
  welcomed();
  socket.closed = true;
  line.check();
  assert.equal(ends.length, 1);
});
