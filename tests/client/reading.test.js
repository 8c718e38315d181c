import assert from "node:assert/strict";
import { test } from "node:test";

import { greet, inLobby, makeChat } from "./connected.js";
import { ANN, changes, reset, roomState, row } from "./fakes.js";

/** A member in the lobby, level at 4, who has read up to 2. */
function asMember(fields = {}) {
  const made = inLobby();
  const { room, socket } = made;
  room.watch.greet(roomState({ head: 4, role: "member", read: 2, unread: 2, ...fields }));
  return { ...made, told: () => socket.sent.filter(({ type }) => type === "read").map(({ seq }) => seq) };
}

function answer(socket, seq) {
  socket.ok(socket.last("read"), { room: "lobby", seq });
}

test("a visitor has read nothing, and nothing is told of them", () => {
  const { room, socket } = inLobby();
  room.markRead(4);
  assert.deepEqual([room.readUpto, room.unread, socket.last("read")], [null, null, undefined]);
});

test("what is marked is told to the server, and only forwards", () => {
  const { room, clock, socket, told } = asMember();
  assert.deepEqual([room.readUpto, room.unread], [2, 2]);
  room.markRead(4);
  assert.deepEqual([room.readUpto, room.unread], [4, 0]);
  answer(socket, 4);
  room.markRead(3);
  clock.pass(9_000);
  assert.deepEqual([told(), room.readUpto], [[4], 4]);
});

test("many marks are told once a second, the last one included", () => {
  const { room, clock, socket, told } = asMember();
  for (let seq = 5; seq < 100; seq++) room.markRead(seq);
  assert.deepEqual(told(), [5]);
  answer(socket, 5);
  clock.pass(999);
  assert.deepEqual(told(), [5]);
  clock.pass(1);
  answer(socket, 99);
  clock.pass(9_000);
  assert.deepEqual(told(), [5, 99]);
});

test("a page that goes away tells at once what it has not told", () => {
  const { chat, room, told } = asMember();
  room.markRead(3);
  room.markRead(4);
  chat.rest();
  chat.rest();
  assert.deepEqual(told(), [3, 4]);
  room.markRead(5);
  chat.stop();
  assert.deepEqual(told(), [3, 4, 5]);
});

test("a room that is let go tells first, and then nothing more", () => {
  const { clock, room, told, socket } = asMember();
  room.markRead(3);
  room.markRead(4);
  room.unwatch();
  clock.pass(9_000);
  assert.deepEqual(told(), [3, 4]);
  assert.equal(socket.sent.at(-1).type, "unwatch");
});

test("what a broken line lost is told on the next one, unless the server knows it", () => {
  for (const [read, expected] of [[2, 4], [4, undefined]]) {
    const { network, clock, room, socket } = asMember();
    room.markRead(4);
    socket.drop();
    assert.equal(room.readUpto, 4);
    clock.pass(30_000);
    greet(network, {}, { lobby: roomState({ head: 4, role: "member", read, unread: 4 - read }) });
    assert.notEqual(network.socket, socket);
    assert.equal(network.socket.last("read")?.seq, expected);
  }
});

test("a refusal that may pass is told again a second later, one for good never", () => {
  const { room, clock, socket, told } = asMember();
  room.markRead(3);
  socket.refuse(socket.last("read"), { code: "overloaded", retry: true });
  clock.pass(1_000);
  assert.deepEqual(told(), [3, 3]);
  socket.refuse(socket.last("read"), { code: "not_allowed" });
  clock.pass(9_000);
  assert.deepEqual([told(), room.readUpto], [[3, 3], 2]);
});

test("what comes is unread until it is marked, and what is deleted is not", () => {
  const { room, socket } = asMember({ read: 4, unread: 0 });
  socket.say(changes(4, 6, [row(5), row(6)]));
  assert.equal(room.unread, 2);
  socket.say(changes(6, 7, [row(5, { changed: 7, deleted: true, text: undefined })]));
  assert.equal(room.unread, 1);
  room.markRead(6);
  assert.equal(room.unread, 0);
});

test("where not all is held the server's count stands, with what came since, up to a hundred", () => {
  const { room, socket } = asMember({ read: 1, unread: 98 });
  assert.equal(room.unread, 98);
  socket.say(changes(4, 5, [row(5)]));
  assert.equal(room.unread, 99);
  socket.say(changes(5, 8, [row(6), row(7), row(8)]));
  assert.equal(room.unread, 100);
});

test("what a catch-up is still to bring is counted once", () => {
  const { chat, network } = makeChat();
  const room = chat.room("lobby");
  chat.start();
  greet(network, {}, { lobby: roomState({ head: 9, role: "member", read: 8, unread: 1 }) });
  assert.equal(room.unread, 1);
  network.socket.say(reset(9, [row(8), row(9)], { more: true }));
  assert.equal(room.unread, 1);
});

test("who joins has read what stands, and who leaves has no position", () => {
  const { room, socket } = inLobby();
  socket.say(changes(4, 5, [], { members: [{ person: ANN, changed: 5, role: "member" }] }));
  socket.say(changes(5, 6, [row(6)]));
  assert.deepEqual([room.readUpto, room.unread], [5, 1]);
  socket.say(changes(6, 7, [], { members: [{ person: ANN, changed: 7, role: null }] }));
  assert.deepEqual([room.readUpto, room.unread], [null, null]);
});

test("what one person marked is not told for another, nor in another history", () => {
  const { room, clock, told } = asMember();
  room.markRead(3);
  room.markRead(4);
  room.personChanged();
  clock.pass(5_000);
  assert.deepEqual([told(), room.readUpto], [[3], 2]);
  room.markRead(4);
  room.watch.greet(roomState({ epoch: "e2", head: 1, role: "member", read: 1, unread: 0 }));
  assert.equal(room.readUpto, 1);
});
