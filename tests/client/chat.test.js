import assert from "node:assert/strict";
import { test } from "node:test";

import { greet, inLobby, makeChat, shown } from "./connected.js";
import { ANN, BOB, changes, FakeStorage, reset, roomState, row, settled, welcome } from "./fakes.js";

test("several rooms share one socket, and each hears its own", () => {
  const { chat, network } = makeChat();
  const [lobby, tea] = [chat.room("lobby"), chat.room("tea & cake")];
  chat.start();
  greet(network);
  network.socket.say(reset(1, [row(1, { text: "in the lobby" })]));
  network.socket.say(reset(1, [row(1, { text: "at tea" })], { room: "tea & cake" }));
  network.socket.say(changes(1, 2, [row(2, { text: "nowhere" })], { room: "elsewhere" }));
  assert.deepEqual([shown(lobby), shown(tea), network.sockets.length], [["in the lobby"], ["at tea"], 1]);
});

test("one bad room does not spoil the others", () => {
  const { chat, network } = makeChat();
  const [lobby, secret] = [chat.room("lobby"), chat.room("secret")];
  const ends = [];
  secret.on("ended", ({ code }) => ends.push(code));
  chat.start();
  greet(network, {}, { secret: { room: "secret", error: { code: "no_such_room", text: "no", retry: false } } });
  network.socket.say(reset(1, [row(1)]));
  assert.deepEqual([shown(lobby), ends], [["text 1"], ["no_such_room"]]);
});

test("a room that ended is not asked for again by itself", () => {
  const { chat, clock, network, room, socket } = inLobby();
  chat.room("tea");
  socket.say({ type: "ended", room: "lobby", code: "not_allowed", text: "removed" });
  socket.drop();
  clock.pass(500);
  assert.deepEqual(greet(network).rooms, [{ room: "tea" }]);
  room.watchAgain();
  assert.deepEqual(network.socket.last("watch"), { type: "watch", id: 2, room: "lobby", epoch: "e1", seq: 4 });
});

test("a room that could not be entered for now is asked for again", () => {
  const { chat, clock, network } = makeChat();
  chat.room("lobby");
  chat.start();
  greet(network, {}, { lobby: { room: "lobby", error: { code: "unavailable", text: "busy", retry: true } } });
  clock.pass(500);
  assert.deepEqual(network.socket.last("watch"), { type: "watch", id: 2, room: "lobby" });
});

test("a room opened on a standing line is watched at once", () => {
  const { chat, socket } = inLobby();
  const tea = chat.room("tea");
  socket.ok(socket.last("watch"), roomState({ room: "tea", head: 1 }));
  socket.say(reset(1, [row(1)], { room: "tea" }));
  assert.deepEqual(shown(tea), ["text 1"]);
});

test("a room opened while hello is under way is watched after it", () => {
  const { chat, network } = makeChat();
  chat.room("lobby");
  chat.start();
  network.socket.open();
  chat.room("tea");
  greet(network);
  assert.deepEqual(network.socket.all("watch").map(({ room }) => room), ["tea"]);
});

test("a room is one by any spelling, and heard under the address that the server gives it", () => {
  const { chat, network } = makeChat();
  const room = chat.room("ＳTRASSE");
  assert.equal(chat.room(" strasse "), room);
  chat.start();
  greet(network, {}, { strasse: roomState({ room: "street" }) });
  network.socket.say(reset(1, [row(1)], { room: "street" }));
  assert.deepEqual([room.address, shown(room)], ["street", ["text 1"]]);
  network.socket.say({ type: "ping" });
  assert.deepEqual(network.socket.last("pong").rooms, [{ room: "street", epoch: "e1", seq: 1 }]);
});

test("who we are is what the server says", () => {
  const { chat, network } = makeChat({ me: { id: "u-ann", name: "Ann", kind: "user" } });
  const people = [];
  chat.on("me", ({ name }) => people.push(name));
  chat.start();
  greet(network);
  assert.deepEqual([people, chat.me], [[], ANN]);
  network.socket.drop();
  chat.wake();
  greet(network, { me: { ...ANN, name: "Anna" } });
  assert.deepEqual([people, chat.me.name], [["Anna"], "Anna"]);
});

test("the outbox of one login is neither shown nor sent under another, and waits for its own", () => {
  const { chat, clock, network, room, socket } = inLobby();
  socket.drop();
  room.post("ann's");
  assert.deepEqual(shown(room), ["text 4", "ann's:pending"]);
  clock.pass(500);
  greet(network, { me: BOB });
  assert.deepEqual([shown(room), network.socket.all("post")], [["text 4"], []]);
  room.post("bob's");
  network.socket.drop();
  chat.wake();
  greet(network, { me: ANN });
  assert.deepEqual(network.socket.all("post").map(({ text }) => text), ["ann's"]);
  assert.deepEqual(shown(room), ["text 4", "ann's:pending"]);
});

test("after a reload what was on its way is shown at once and sent again, under its key", () => {
  const storage = new FakeStorage();
  const before = inLobby({ storage });
  before.room.post("one");
  before.room.post("two");
  const after = makeChat({ storage, me: ANN });
  const room = after.chat.room("lobby");
  assert.deepEqual(shown(room), ["one:pending", "two:pending"]);
  after.chat.start();
  greet(after.network);
  const keys = (socket) => socket.all("post").map(({ key }) => key);
  assert.deepEqual(keys(after.network.socket), keys(before.socket));
});

test("after a reload what the log already shows is not shown twice", () => {
  const storage = new FakeStorage();
  const before = inLobby({ storage });
  before.room.post("one");
  const { key } = before.socket.last("post");
  const after = inLobby({ storage }, 4);
  after.socket.say(reset(5, [row(5, { author: ANN, key, text: "one" })], { reason: "behind" }));
  assert.deepEqual([shown(after.room), storage.length], [["one"], 0]);
});

test("on a reload under another login nothing is shown before the server was heard", () => {
  const storage = new FakeStorage();
  inLobby({ storage }).room.post("ann's");
  const { chat } = makeChat({ storage, me: BOB });
  assert.deepEqual(shown(chat.room("lobby")), []);
  const { chat: unknown } = makeChat({ storage });
  assert.deepEqual(shown(unknown.room("lobby")), []);
});

test("a guest without a cookie is the same guest on the next line", () => {
  const { chat, network } = makeChat({ name: "Gast" });
  const tokens = [];
  chat.on("token", (token) => tokens.push(token));
  chat.start();
  assert.equal(greet(network, { token: "signed" }).name, "Gast");
  network.socket.drop();
  chat.wake();
  assert.equal(greet(network, { token: "signed" }).token, "signed");
  assert.deepEqual(tokens, ["signed"]);
});

test("a token may be asked for anew at each hello", () => {
  let hour = 1;
  const { chat, network } = makeChat({ token: () => `token ${hour}` });
  chat.start();
  assert.equal(greet(network).token, "token 1");
  hour = 2;
  network.socket.drop(4201, "token expired");
  chat.wake();
  assert.equal(greet(network).token, "token 2");
});

test("the server's limits hold", async () => {
  const { room, socket } = inLobby({ welcome: { limits: { message_length: 4000, frame_bytes: 200, page: 50 } } });
  await assert.rejects(room.post("x".repeat(200)), { code: "message_too_long" });
  assert.equal(socket.all("post").length, 0);
});

async function polling() {
  const made = makeChat();
  const room = made.chat.room("lobby");
  made.network.socketsForbidden = true;
  made.chat.start();
  await settled();
  const poll = async (fields = {}, events = []) => {
    assert.equal(made.network.request.command.type, "hello");
    made.network.request.answer({ type: "ok", ...welcome({ rooms: [roomState({ head: 4 })], ...fields }) }, events);
    await settled();
  };
  await poll({}, [reset(4, [row(4)])]);
  return { ...made, room, poll, answer: async (fields) => (made.network.request.answer(fields), settled()) };
}

test("without sockets one posts over HTTP, in order, one after the other", async () => {
  const { network, room, poll, answer } = await polling();
  room.post("one");
  room.post("two");
  await poll();
  assert.equal(network.request.command.text, "one");
  await answer({ type: "ok", seq: 5, at: 1, repeat: false });
  const posted = row(5, { author: ANN, key: room.messages[1].key, text: "one" });
  await poll({ rooms: [roomState({ head: 5 })] }, [changes(4, 5, [posted])]);
  assert.equal(network.request.command.text, "two");
  assert.deepEqual(shown(room), ["text 4", "one", "two:pending"]);
});

test("without sockets a lost request is sent again with its key", async () => {
  const { clock, network, room, poll } = await polling();
  room.post("one");
  await poll();
  const { key } = network.request.command;
  network.request.reject(new TypeError("failed to fetch"));
  await clock.passSlowly(500);
  await poll();
  assert.deepEqual([network.request.command.type, network.request.command.key], ["post", key]);
});

test("a login in another tab does not make this tab's posts the other person's", async () => {
  const { clock, network, room, poll } = await polling();
  room.post("ann's");
  await poll({ me: BOB });
  await clock.passSlowly(2_000);
  assert.deepEqual(network.requests.filter(({ command }) => command.type === "post"), []);
  assert.deepEqual(shown(room), ["text 4"]);
});

test("a slow post over HTTP is not sent twice while polls go on", async () => {
  const { clock, network, room, poll } = await polling();
  room.post("one");
  await poll();
  await clock.passSlowly(3_000);
  await poll();
  await clock.passSlowly(3_000);
  await poll();
  assert.equal(network.requests.filter(({ command }) => command.type === "post").length, 1);
});

test("a slow post of one login does not hold up the next one's", async () => {
  const { clock, network, room, poll } = await polling();
  room.post("ann's");
  await poll();
  await clock.passSlowly(3_000);
  await poll({ me: BOB });
  room.post("bob's");
  await poll({ me: BOB });
  assert.equal(network.request.command.text, "bob's");
});

test("a post under way over HTTP is sent again on the socket that takes over, before later ones", async () => {
  const { chat, clock, network, room, poll } = await polling();
  room.post("one");
  await poll();
  room.post("two");
  network.socketsForbidden = false;
  const over = network.request;
  chat.wake();
  greet(network, {}, { lobby: roomState({ head: 4 }) });
  assert.deepEqual(network.socket.all("post").map(({ text }) => text), ["one", "two"]);
  over.answer({ type: "error", code: "not_allowed", text: "late", retry: false });
  await clock.passSlowly(1_000);
  assert.deepEqual(shown(room), ["text 4", "one:pending", "two:pending"]);
});
