import assert from "node:assert/strict";
import { test } from "node:test";

import { inLobby, shown } from "./connected.js";
import { ANN, BOB, changes, reset, row, settled } from "./fakes.js";

function listen(room) {
  const heard = [];
  room.on("change", ({ seqs }) => heard.push(["change", seqs]));
  room.on("message", ({ text }) => heard.push(["message", text]));
  room.on("reset", ({ reason }) => heard.push(["reset", reason]));
  room.on("member", ({ person, role }) => heard.push(["member", person.name, role]));
  room.on("state", ({ state }) => heard.push(["state", state.role, state.can_post]));
  room.on("ended", ({ code }) => heard.push(["ended", code]));
  return heard;
}

test("a post is shown at once, as pending, then sent, then as the log has it, never twice and never gone", () => {
  const { room, socket } = inLobby();
  const seen = [];
  room.on("change", () => seen.push(shown(room).slice(1).join()));
  room.post("hello");
  socket.ok(socket.last("post"), { room: "lobby", seq: 5, at: 1005, repeat: false });
  socket.say(changes(4, 5, [row(5, { author: ANN, key: socket.last("post").key, text: "hello" })]));
  assert.deepEqual(seen, ["hello:pending", "hello:sent", "hello"]);
});

test("the same when the log is faster than the answer", async () => {
  const { room, socket, storage } = inLobby();
  const seen = [];
  room.on("change", () => seen.push(shown(room).slice(1).join()));
  const post = room.post("hello");
  socket.say(changes(4, 5, [row(5, { author: ANN, key: socket.last("post").key, text: "hello" })]));
  assert.equal((await post).seq, 5);
  socket.ok(socket.last("post"), { room: "lobby", seq: 5, at: 1005, repeat: false });
  assert.equal(storage.length, 0);
  assert.equal(seen.at(-1), "hello");
  assert.ok(!seen.includes("hello,hello:pending") && !seen.includes("hello,hello:sent"));
});

test("another person's message with the same key is not one's own", () => {
  const { room, socket } = inLobby();
  room.post("mine");
  socket.say(changes(4, 5, [row(5, { author: BOB, key: socket.last("post").key, text: "bob's" })]));
  assert.deepEqual(shown(room), ["text 4", "bob's", "mine:pending"]);
});

test("an acknowledged message that the log has passed is shown no more as on its way", () => {
  const { room, socket } = inLobby();
  room.post("hello");
  socket.say(reset(900, [row(900)], { reason: "behind", more: true }));
  socket.ok(socket.last("post"), { room: "lobby", seq: 5, at: 1005, repeat: true });
  assert.deepEqual(shown(room), ["text 900"]);
});

test("an acknowledged message of a history that is no more is not shown for ever", () => {
  const { room, socket } = inLobby();
  room.post("hello");
  socket.ok(socket.last("post"), { room: "lobby", seq: 900, at: 1005, repeat: false });
  socket.say(reset(5, [row(5)], { epoch: "e2", reason: "epoch" }));
  assert.deepEqual(shown(room), ["text 5"]);
});

test("a post refused for good stands as failed, until it is retried or discarded", async () => {
  const { room, socket } = inLobby();
  const posts = [room.post("one"), room.post("two")];
  for (const command of socket.all("post")) socket.refuse(command, { code: "not_allowed", text: "no" });
  await Promise.allSettled(posts);
  assert.deepEqual(shown(room), ["text 4", "one:failed", "two:failed"]);
  const [one, two] = room.messages.slice(1);
  room.retry(one.key);
  room.discard(two.key);
  assert.deepEqual(shown(room), ["text 4", "one:pending"]);
  assert.equal(socket.last("post").key, one.key);
  assert.throws(() => room.retry("no such key"), { code: "no_such_message" });
});

test("who listens hears what happened, and which rows are new", () => {
  const { room, socket } = inLobby();
  const heard = listen(room);
  socket.say(changes(4, 7, [row(5), row(4, { changed: 6, text: "edited" })], {
    members: [{ person: BOB, changed: 7, role: "member" }],
  }));
  assert.deepEqual(heard, [["change", [5, 4]], ["message", "text 5"], ["member", "Bob", "member"]]);
});

test("an edit of an old message is no new message", () => {
  const { room, socket } = inLobby();
  const heard = listen(room);
  socket.say(changes(4, 5, [row(4, { changed: 5, text: "edited" })]));
  assert.deepEqual(heard, [["change", [4]]]);
});

test("a reset says so, and everything is to be looked at", () => {
  const { room, socket } = inLobby();
  const heard = listen(room);
  socket.say(reset(900, [row(900)], { reason: "behind" }));
  assert.deepEqual(heard, [["reset", "behind"], ["change", null]]);
  assert.deepEqual(shown(room), ["text 900"]);
});

test("one's own role follows the log", () => {
  const { room, socket } = inLobby();
  const heard = listen(room);
  socket.say(changes(4, 5, [], { members: [{ person: ANN, changed: 5, role: "member" }] }));
  assert.deepEqual(heard.filter(([name]) => name === "state"), [["state", "member", true]]);
});

test("an end is told, with its code", () => {
  const { room, socket } = inLobby();
  const heard = listen(room);
  socket.say({ type: "ended", room: "lobby", code: "not_allowed", text: "removed" });
  assert.deepEqual([heard, room.ended], [[["ended", "not_allowed"]], { code: "not_allowed", text: "removed" }]);
});

test("an edit shows the version that is held", async () => {
  const { room, socket } = inLobby();
  socket.say(changes(4, 6, [row(4, { changed: 6 })]));
  const edit = room.edit(4, "better");
  assert.deepEqual(socket.last("edit"), { type: "edit", id: 2, room: "lobby", seq: 4, changed: 6, text: "better" });
  socket.ok(socket.last("edit"), { room: "lobby", seq: 4, changed: 7, at: 1 });
  assert.equal((await edit).changed, 7);
});

test("an edit may show the version that was seen when it began", () => {
  const { room, socket } = inLobby();
  socket.say(changes(4, 6, [row(4, { changed: 6 })]));
  room.edit(4, "better", 4).catch(() => {});
  assert.equal(socket.last("edit").changed, 4);
});

test("a conflict rejects with the message as it stands, and the picture shows it", async () => {
  const { room, socket } = inLobby();
  const edit = room.edit(4, "mine");
  const standing = row(4, { changed: 9, text: "theirs" });
  socket.refuse(socket.last("edit"), { code: "conflict", message: standing });
  await assert.rejects(edit, (refusal) => refusal.code === "conflict" && refusal.standing.text === "theirs");
  assert.deepEqual(shown(room), ["theirs"]);
});

test("deleting, joining and leaving are answered", async () => {
  const { room, socket } = inLobby();
  const answers = [room.delete(4), room.join(), room.leave()];
  assert.deepEqual(socket.last("delete"), { type: "delete", id: 2, room: "lobby", seq: 4, changed: 4 });
  socket.ok(socket.last("delete"), { seq: 4, changed: 5 });
  socket.ok(socket.last("join"), { role: "member" });
  socket.ok(socket.last("leave"), { role: null });
  assert.deepEqual((await Promise.all(answers)).map(({ role }) => role), [undefined, "member", null]);
});

test("what cannot be asked now is refused at once, as offline or unknown", async () => {
  const { room, socket } = inLobby();
  await assert.rejects(room.edit(99, "text"), { code: "no_such_message" });
  socket.drop();
  await assert.rejects(room.edit(4, "text"), { code: "offline", retry: true });
  await assert.rejects(room.older(), { code: "offline" });
});

test("older messages come page by page, asked for once however often one scrolls", async () => {
  const { room, socket } = inLobby();
  const pages = [room.older(), room.older()];
  assert.deepEqual(socket.all("history"), [{ type: "history", id: 2, room: "lobby", before: 4 }]);
  socket.ok(socket.last("history"), { epoch: "e1", messages: [row(2), row(3)], more_before: true, more_after: true });
  assert.deepEqual(await Promise.all(pages), [true, true]);
  assert.deepEqual(shown(room), ["text 2", "text 3", "text 4"]);
  const last = room.older();
  socket.ok(socket.last("history"), { epoch: "e1", messages: [row(1)], more_before: false, more_after: true });
  assert.equal(await last, false);
  assert.equal(await room.older(), false);
  assert.equal(socket.all("history").length, 2);
});

test("a page that fails can be asked for again", async () => {
  const { room, socket } = inLobby();
  const page = room.older();
  socket.refuse(socket.last("history"), { code: "unavailable", retry: true });
  await assert.rejects(page, { code: "unavailable" });
  room.older();
  assert.equal(socket.all("history").length, 2);
});

test("a message far back is shown with what surrounds it, one's pending ones at the end only", async () => {
  const { room, socket } = inLobby({}, 90);
  room.post("pending");
  const found = room.around(30);
  assert.equal(socket.last("history").around, 30);
  socket.ok(socket.last("history"), { epoch: "e1", messages: [row(29), row(30)], more_before: true, more_after: true });
  assert.equal(await found, true);
  assert.deepEqual([shown(room), room.hasNewer, room.hasOlder], [["text 29", "text 30"], true, true]);
  const newer = room.newer();
  assert.equal(socket.last("history").after, 30);
  socket.ok(socket.last("history"), { epoch: "e1", messages: [row(31)], more_before: true, more_after: true });
  assert.equal(await newer, true);
  room.latest();
  assert.deepEqual(shown(room), ["text 90", "pending:pending"]);
});

test("the messages of a day are shown from its first on, with what surrounds it", async () => {
  const { room, socket } = inLobby({}, 90);
  const found = room.at(new Date(1030));
  assert.deepEqual(socket.last("history"), { type: "history", id: 2, room: "lobby", at: 1030 });
  socket.ok(socket.last("history"), { epoch: "e1", messages: [row(29), row(30), row(31)], more_before: true, more_after: true });
  assert.equal(await found, 30);
  assert.deepEqual([shown(room), room.hasNewer, room.hasOlder], [["text 29", "text 30", "text 31"], true, true]);
  const none = room.at(9999);
  assert.equal(await none, null);
  assert.deepEqual([shown(room), room.hasNewer], [["text 90"], false]);
});

test("a time that is held is shown without asking, and one before all messages is the first of them", async () => {
  const { room, socket } = inLobby({}, 90);
  socket.say(changes(90, 92, [row(91), row(92)]));
  assert.deepEqual([await room.at(1091), await room.at(1090.5), await room.at(2000)], [91, 91, null]);
  assert.equal(socket.all("history").length, 0);
  const found = room.at(-5);
  assert.equal(socket.last("history").at, 0);
  socket.ok(socket.last("history"), { epoch: "e1", messages: [row(1), row(2)], more_before: false, more_after: true });
  assert.equal(await found, 1);
  assert.deepEqual([shown(room), room.hasOlder], [["text 1", "text 2"], false]);
});

test("a page at a time is not taken when another history began meanwhile", async () => {
  const { room, socket } = inLobby({}, 90);
  const found = room.at(1030);
  socket.ok(socket.last("history"), { epoch: "e0", messages: [row(30)], more_before: true, more_after: true });
  assert.equal(await found, null);
  assert.deepEqual(shown(room), ["text 90"]);
});

test("from a stretch far back one is led to a message that stands beside the newest", async () => {
  for (const go of [(room) => room.around(88), (room) => room.at(1088)]) {
    const { room, socket } = inLobby({}, 90);
    const back = room.around(30);
    socket.ok(socket.last("history"), { epoch: "e1", messages: [row(30)], more_before: true, more_after: true });
    await back;
    const found = go(room);
    const page = [row(87), row(88), row(89), row(90)];
    socket.ok(socket.last("history"), { epoch: "e1", messages: page, more_before: true, more_after: false });
    assert.ok(await found);
    assert.deepEqual([shown(room), room.hasNewer], [["text 87", "text 88", "text 89", "text 90"], false]);
  }
});

test("a message that is held is shown without asking", async () => {
  const { room, socket } = inLobby({}, 90);
  assert.equal(await room.around(90), true);
  assert.equal(await room.around(91), false);
  assert.equal(socket.all("history").length, 0);
});

test("a page that stays open for long can let go of what is far up", () => {
  const { room, socket } = inLobby();
  socket.say(changes(4, 7, [row(5), row(6), row(7)]));
  const heard = listen(room);
  room.trim(2);
  room.trim(2);
  assert.deepEqual([shown(room), heard, room.hasOlder], [["text 6", "text 7"], [["change", null]], true]);
});

test("unwatched, it is told to the server, and the room is made anew when asked for", async () => {
  const { chat, room, socket } = inLobby();
  room.unwatch();
  assert.deepEqual(socket.last("unwatch"), { type: "unwatch", id: 2, room: "lobby" });
  socket.say(changes(4, 5, [row(5)]));
  assert.deepEqual(shown(room), ["text 4"]);
  assert.notEqual(chat.room("lobby"), room);
  await settled();
});
