import assert from "node:assert/strict";
import { test } from "node:test";

import { FOREVER } from "../../src/teahouse/static/teahouse/client/protocol.js";
import { inLobby, makeChat } from "./connected.js";
import { ANN, BOB, changes, roomState, settled } from "./fakes.js";

/** What a call says on the wire, without what is not said. */
function said(socket, call) {
  call.catch(() => {});
  const { id: _, ...command } = JSON.parse(JSON.stringify(socket.sent.at(-1)));
  return command;
}

test("each method says its command", () => {
  const { room, socket } = inLobby();
  const lobby = (type, fields = {}) => ({ type, room: "lobby", ...fields });
  assert.deepEqual(said(socket, room.join()), lobby("join"));
  assert.deepEqual(said(socket, room.leave()), lobby("leave"));
  assert.deepEqual(said(socket, room.members()), lobby("members"));
  assert.deepEqual(said(socket, room.remove("u7", "noise")), lobby("remove", { person: "u7", reason: "noise" }));
  assert.deepEqual(said(socket, room.ban("u7")), lobby("ban", { person: "u7" }));
  assert.deepEqual(said(socket, room.ban("u7", { seconds: 60, reason: "spam" })), lobby("ban", { person: "u7", seconds: 60, reason: "spam" }));
  assert.deepEqual(said(socket, room.unban("u7")), lobby("unban", { person: "u7" }));
  assert.deepEqual(said(socket, room.mute("u7", 0)), lobby("mute", { person: "u7", seconds: 0 }));
  assert.deepEqual(said(socket, room.setRole("u7", "owner")), lobby("role", { person: "u7", role: "owner" }));
  assert.deepEqual(said(socket, room.configure({ locked: true })), lobby("configure", { locked: true }));
  assert.deepEqual(said(socket, room.invite()), lobby("invite"));
  assert.deepEqual(said(socket, room.invite({ seconds: 0, uses: 3 })), lobby("invite", { seconds: 0, uses: 3 }));
  assert.deepEqual(said(socket, room.invites()), lobby("invites"));
  assert.deepEqual(said(socket, room.revoke(4)), lobby("revoke", { invite: 4 }));
  assert.deepEqual(said(socket, room.report(4, "an ad")), lobby("report", { seq: 4, reason: "an ad" }));
  assert.deepEqual(said(socket, room.reports()), lobby("reports"));
  assert.deepEqual(said(socket, room.resolve(2, "deleted")), lobby("resolve", { report: 2, outcome: "deleted" }));
  assert.deepEqual(said(socket, room.audit(50)), lobby("audit", { before: 50 }));
});

test("lists are given as lists", async () => {
  const { room, socket } = inLobby();
  for (const [name, list] of [["members", [{ person: BOB }]], ["invites", [{ invite: 1 }]], ["reports", [{ report: 1 }]]]) {
    const answer = room[name]();
    socket.ok(socket.last(name), { room: "lobby", [name]: list });
    assert.deepEqual(await answer, list);
  }
});

test("the chat makes rooms, opens direct ones and takes invitations", async () => {
  const { chat, socket } = inLobby();
  assert.deepEqual(said(socket, chat.create("Kitchen")), { type: "create", title: "Kitchen", kind: "private" });
  assert.deepEqual(said(socket, chat.create("Kitchen", "open")), { type: "create", title: "Kitchen", kind: "open" });
  assert.deepEqual(said(socket, chat.direct("u7")), { type: "direct", person: "u7" });
  const accepted = chat.accept("i.kq3V0Zy");
  socket.ok(socket.last("accept"), { room: "abc", title: "Kitchen", kind: "private", role: "member" });
  assert.equal((await accepted).room, "abc");
});

test("a refusal and a missing line reject", async () => {
  const { room, socket } = inLobby();
  const banned = room.ban("u7");
  socket.refuse(socket.last("ban"), { code: "not_allowed" });
  await assert.rejects(banned, { code: "not_allowed", retry: false });
  const { chat } = makeChat();
  await assert.rejects(chat.create("Kitchen"), { code: "offline", retry: true });
});

test("events about the room and about oneself change its state", () => {
  const { room, socket, clock } = inLobby();
  const states = [];
  room.on("state", ({ state }) => states.push([state.title, state.locked, state.role, state.can_post]));
  const info = { title: "Tea", kind: "open", locked: true, archived: false, slow_seconds: 0, changed: 5 };
  socket.say(changes(4, 5, [], { info }));
  socket.say(changes(5, 6, [], { members: [{ person: BOB, changed: 6, role: "moderator" }] }));
  socket.say(changes(6, 7, [], { members: [{ person: ANN, changed: 7, role: "moderator", muted_until: FOREVER }] }));
  assert.deepEqual(states, [["Tea", true, null, false], ["Tea", true, "moderator", false]]);
  clock.pass(0);
  socket.ok(socket.last("watch"), roomState({ head: 7, role: "moderator", can_moderate: true }));
  assert.equal(room.state.can_moderate, true);
  assert.equal(socket.all("watch").length, 1, "asked once for all of it");
});

test("too often is a wait and no failure: the outbox sends again by itself, when the server said", async () => {
  const { room, socket, clock } = inLobby();
  const posted = room.post("hello");
  socket.refuse(socket.last("post"), { code: "rate_limited", retry: true, retry_after: 12 });
  await settled();
  assert.deepEqual(room.messages.map(({ state }) => state).filter(Boolean), ["pending"]);
  clock.pass(11_999);
  assert.equal(socket.all("post").length, 1);
  clock.pass(1);
  const [first, again] = socket.all("post");
  assert.equal(again.key, first.key);
  socket.ok(again, { room: "lobby", seq: 5, at: 1005, repeat: false });
  assert.equal((await posted).seq, 5);
});
