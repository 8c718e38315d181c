import assert from "node:assert/strict";
import { test } from "node:test";

import { greet, inLobby, makeChat, shown } from "./connected.js";
import { changes, reset, roomState, row, settled, welcome } from "./fakes.js";

test("it connects at once, says hello with every room's position, and is online", () => {
  const { chat, network, states } = makeChat();
  chat.room("lobby");
  chat.room("群聊");
  chat.start();
  assert.deepEqual(states, ["connecting"]);
  const hello = greet(network);
  assert.deepEqual(hello.rooms, [{ room: "lobby" }, { room: "群聊" }]);
  assert.deepEqual(states, ["connecting", "online"]);
});

test("a broken line comes back after a random delay from the first try on, with the positions", () => {
  const { chat, clock, network, states, socket } = inLobby({ random: () => 0.5 });
  socket.drop();
  assert.deepEqual([states.at(-1), chat.state.retryAt], ["waiting", clock.now() + 750]);
  clock.pass(749);
  assert.equal(network.sockets.length, 1);
  clock.pass(1);
  assert.equal(network.sockets.length, 2);
  assert.deepEqual(greet(network).rooms, [{ room: "lobby", epoch: "e1", seq: 4 }]);
  assert.deepEqual(states, ["connecting", "online", "waiting", "connecting", "online"]);
});

/** The delays in milliseconds before each of the next tries, none of which succeeds. */
function delaysOf({ chat, clock, network }, count) {
  return Array.from({ length: count }, () => {
    const delay = chat.state.retryAt - clock.now();
    clock.pass(delay);
    network.socket.drop();
    return delay;
  });
}

test("each failed try doubles the ceiling, and only half a minute on line ends the back-off", () => {
  const made = inLobby({ random: () => 1 });
  made.socket.drop();
  assert.deepEqual(delaysOf(made, 6), [1000, 2000, 4000, 8000, 16000, 20000]);
  made.clock.pass(20_000);
  greet(made.network);
  made.clock.pass(29_000);
  made.network.socket.drop();
  assert.equal(made.chat.state.retryAt - made.clock.now(), 20_000);
  made.clock.pass(20_000);
  greet(made.network);
  made.clock.pass(30_000);
  made.network.socket.drop();
  assert.equal(made.chat.state.retryAt - made.clock.now(), 1000);
});

test("the server's own delay is kept to, and waking up does not shorten it", () => {
  const { chat, clock, network, socket } = inLobby();
  socket.say({ type: "bye", code: 4200, reason: "the server restarts", retry_after: 3.2 });
  socket.drop(4200, "restart");
  const { state, retryAt, code, text } = chat.state;
  assert.deepEqual([state, retryAt - clock.now(), code, text], ["waiting", 3200, "restart", "the server restarts"]);
  chat.wake();
  clock.pass(3_199);
  assert.equal(network.sockets.length, 1);
  clock.pass(1);
  assert.equal(network.sockets.length, 2);
});

for (const code of [4000, 4003, 4042]) {
  test(`close code ${code} means: do not come back, and why is told`, () => {
    const { chat, clock, network, socket } = inLobby();
    socket.drop(code, "go away");
    clock.pass(600_000);
    chat.wake();
    assert.equal(network.sockets.length, 1);
    assert.deepEqual([chat.state.state, chat.state.text], ["stopped", "go away"]);
    assert.equal(chat.state.code, { 4000: "protocol_error", 4003: "not_allowed", 4042: "4042" }[code]);
  });
}

test("close codes that ask to back off skip the short delays", () => {
  const { chat, clock, socket } = inLobby({ random: () => 1 });
  socket.drop(4100, "overloaded");
  assert.equal(chat.state.retryAt - clock.now(), 4000);
});

test("close codes that ask to come back soon do not", () => {
  const { chat, clock, socket } = inLobby({ random: () => 1 });
  socket.drop(4201, "token expired");
  assert.equal(chat.state.retryAt - clock.now(), 1000);
});

test("a hello refused for good stops, one refused for now is said again", () => {
  const { chat, clock, network } = makeChat();
  chat.start();
  network.socket.open();
  network.socket.refuse(network.socket.last("hello"), { code: "overloaded", retry: true, retry_after: 2 });
  assert.deepEqual([chat.state.state, chat.state.code], ["waiting", "overloaded"]);
  assert.equal(network.requests.length, 0, "a socket that answers is not blocked");
  clock.pass(2000);
  network.socket.open();
  network.socket.refuse(network.socket.last("hello"), { code: "bad_token", text: "forged" });
  const { state, code, text } = chat.state;
  assert.deepEqual([state, code, text], ["stopped", "bad_token", "forged"]);
});

test("a hello over which the server broke is said again", () => {
  const { chat, clock, network } = makeChat();
  chat.start();
  network.socket.open();
  network.socket.refuse(network.socket.last("hello"), { code: "internal_error" });
  assert.equal(chat.state.state, "waiting");
  clock.pass(500);
  assert.equal(network.sockets.length, 2);
});

test("stopped by the page, it can be started again", () => {
  const { chat, clock, network, states, socket } = inLobby();
  chat.stop();
  clock.pass(600_000);
  assert.deepEqual([socket.closed, states.at(-1), chat.state.code, clock.timers], [true, "stopped", null, 0]);
  chat.start();
  assert.deepEqual(greet(network).rooms, [{ room: "lobby", epoch: "e1", seq: 4 }]);
});

test("starting twice opens one socket", () => {
  const { chat, network } = makeChat();
  chat.start();
  chat.start();
  assert.equal(network.sockets.length, 1);
});

test("waking up checks the line at once, and replaces a dead one", () => {
  const { chat, clock, network, socket } = inLobby();
  chat.wake();
  assert.deepEqual(socket.last("ping"), { type: "ping" });
  clock.pass(5_000);
  assert.equal(chat.state.state, "waiting");
  chat.wake();
  assert.equal(network.sockets.length, 2, "and a try that is due later comes now");
});

test("a living line is kept on waking up", () => {
  const { chat, clock, network, socket } = inLobby();
  chat.wake();
  socket.say({ type: "pong" });
  clock.pass(20_000);
  assert.deepEqual([chat.state.state, network.sockets.length], ["online", 1]);
});

test("a machine that slept looks at once", () => {
  const { clock, socket } = inLobby();
  clock.jump += 8 * 3_600_000;
  clock.pass(5_000);
  assert.equal(socket.all("ping").length, 1);
});

test("what was posted while the line was broken goes out in order on the next", () => {
  const { clock, network, room, socket } = inLobby();
  room.post("one");
  socket.drop();
  room.post("two");
  clock.pass(500);
  greet(network);
  assert.deepEqual(network.socket.all("post").map(({ text }) => text), ["one", "two"]);
  assert.equal(network.socket.all("post")[0].key, socket.last("post").key);
});

test("a line that dies while its old socket is still talking hears nothing from it", () => {
  const { clock, network, room, socket } = inLobby();
  const old = socket.onmessage;
  clock.pass(40_000);
  old({ data: JSON.stringify(changes(4, 5, [row(5)])) });
  assert.deepEqual(shown(room), ["text 4"]);
  clock.pass(500);
  assert.equal(network.sockets.length, 2);
});

async function blocked() {
  const made = makeChat();
  const room = made.chat.room("lobby");
  made.chat.start();
  made.network.socket.drop();
  await settled();
  return { ...made, room };
}

function hello(head = 4) {
  return { type: "ok", id: 1, ...welcome({ rooms: [roomState({ head })] }) };
}

test("when the first handshake fails and HTTP works, it polls and says so", async () => {
  const { network, room, states } = await blocked();
  assert.equal(network.request.command.type, "hello");
  assert.equal(states.at(-1), "waiting");
  network.request.answer(hello(), [reset(4, [row(4)])]);
  await settled();
  assert.equal(states.at(-1), "polling");
  assert.deepEqual(shown(room), ["text 4"]);
});

test("while it polls it keeps trying the socket without a flicker, and returns to it", async () => {
  const { clock, network, states } = await blocked();
  network.request.answer(hello(), [reset(4, [row(4)])]);
  await clock.passSlowly(500);
  assert.equal(network.sockets.length, 2);
  network.socket.drop();
  await clock.passSlowly(500);
  assert.equal(network.sockets.length, 3);
  greet(network);
  assert.deepEqual(states, ["connecting", "waiting", "polling", "online"]);
  const requests = network.requests.length;
  await clock.passSlowly(60_000);
  assert.equal(network.requests.length, requests, "and polls no more");
});

test("when neither works it waits, and asks HTTP again with each try until the server is back", async () => {
  const { clock, network, states } = await blocked();
  network.request.reject(new TypeError("failed to fetch"));
  await clock.passSlowly(500);
  network.socket.drop();
  await settled();
  assert.equal(network.requests.length, 2);
  assert.deepEqual(states, ["connecting", "waiting", "connecting", "waiting"]);
});

test("after sockets have worked, only the third failing handshake makes it ask HTTP", async () => {
  const { clock, network, socket } = inLobby();
  socket.drop();
  for (const requests of [0, 0, 1]) {
    await clock.passSlowly(500);
    network.socket.drop();
    await settled();
    assert.equal(network.requests.length, requests);
  }
});

test("when polling fails twice it says that it waits", async () => {
  const { chat, clock, network, states } = await blocked();
  network.request.answer(hello(), [reset(4, [row(4)])]);
  await clock.passSlowly(2_700);
  network.request.reject(new TypeError("failed to fetch"));
  await clock.passSlowly(100);
  assert.equal(states.at(-1), "polling");
  await clock.passSlowly(2_700);
  network.request.reject(new TypeError("failed to fetch"));
  await settled();
  assert.ok(["waiting", "connecting"].includes(states.at(-1)), states.at(-1));
  assert.equal(chat.connection.line, null);
});

test("a hello that HTTP refuses for good stops everything, with the reason", async () => {
  const { chat, clock, network } = await blocked();
  network.request.answer({ type: "error", id: 1, code: "origin_refused", text: "another site", retry: false });
  await clock.passSlowly(60_000);
  assert.deepEqual([chat.state.state, chat.state.code, network.sockets.length], ["stopped", "origin_refused", 1]);
});

test("where sockets are forbidden altogether it polls", async () => {
  const { chat, network, states } = makeChat();
  network.socketsForbidden = true;
  chat.room("lobby");
  chat.start();
  await settled();
  network.request.answer(hello(), [reset(4)]);
  await settled();
  assert.equal(states.at(-1), "polling");
});

test("a handshake that hangs is given up after ten seconds", async () => {
  const { chat, clock, network } = makeChat();
  chat.start();
  await clock.passSlowly(10_000);
  assert.equal(chat.state.state, "waiting");
  assert.equal(network.requests.length, 1);
});
