import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { RoomLog } from "../../src/teahouse/static/teahouse/client/room_log.js";
import { ANN, changes, reset, row } from "./fakes.js";

let log;

beforeEach(() => {
  log = new RoomLog();
});

function shown() {
  return log.shown.rows.map(({ seq, changed }) => (seq === changed ? seq : `${seq}@${changed}`));
}

function page(messages, fields = {}) {
  return { epoch: "e1", messages, more_before: true, more_after: true, ...fields };
}

test("it has no position until the first reset", () => {
  assert.deepEqual(log.position, {});
  assert.equal(log.apply(reset(3, [row(2), row(3)])), "applied");
  assert.deepEqual(log.position, { epoch: "e1", seq: 3 });
  assert.deepEqual(shown(), [2, 3]);
});

test("changes that follow are applied, and move the position", () => {
  log.apply(reset(3, [row(3)]));
  assert.equal(log.apply(changes(3, 5, [row(4), row(3, { changed: 5 })])), "applied");
  assert.deepEqual(shown(), ["3@5", 4]);
  assert.deepEqual(log.touched.messages.map(({ seq }) => seq), [4, 3]);
  assert.equal(log.seq, 5);
});

test("a hole is reported, and nothing of what lies beyond it is taken", () => {
  log.apply(reset(3, [row(3)]));
  assert.equal(log.apply(changes(4, 5, [row(5)])), "missing");
  assert.deepEqual(shown(), [3]);
  assert.deepEqual([log.seq, log.heard], [3, 5]);
});

test("twice, late or overlapping gives the same picture", () => {
  log.apply(reset(3, [row(3)]));
  const events = [changes(3, 4, [row(4)]), changes(4, 5, [row(3, { changed: 5, text: "edited" })])];
  const both = changes(3, 5, [row(4), row(3, { changed: 5, text: "edited" })]);
  for (const event of [...events, ...events, both]) log.apply(event);
  assert.deepEqual(shown(), ["3@5", 4]);
  assert.equal(log.apply(events[0]), "stale");
  assert.equal(log.seq, 5);
});

test("a deleted text never comes back", () => {
  log.apply(reset(4, [row(3)]));
  log.apply(changes(4, 5, [row(3, { changed: 5, text: undefined, deleted: true })]));
  assert.equal(log.apply(changes(2, 3, [row(3)])), "stale");
  assert.equal(log.shown.find(3).deleted, true);
  assert.equal(log.shown.find(3).text, undefined);
});

test("changes before the first reset, or of another epoch, are ignored and asked about", () => {
  assert.equal(log.apply(changes(0, 1, [row(1)])), "missing");
  log.apply(reset(3, [row(3)]));
  assert.equal(log.apply(changes(3, 4, [row(4)], { epoch: "e2" })), "missing");
  assert.deepEqual([shown(), log.seq, log.epoch], [[3], 3, "e1"]);
});

test("a reset forgets everything", () => {
  log.apply(reset(9, [row(8), row(9)], { more: true }));
  log.apply(changes(9, 10, [], { members: [{ person: ANN, changed: 10, role: "member" }] }));
  log.addPage(log.awaitPage("around", 2), page([row(2)]));
  log.apply(reset(700, [row(699)], { more: true, reason: "behind" }));
  assert.deepEqual([shown(), log.aside, log.members.size, log.seq], [[699], null, 0, 700]);
});

test("a reset to another epoch is taken, and shown to the server once more", () => {
  log.apply(reset(9, [row(9)]));
  assert.equal(log.apply(reset(4, [row(2)], { epoch: "e2", reason: "epoch" })), "missing");
  assert.deepEqual([log.position, shown()], [{ epoch: "e2", seq: 4 }, [2]]);
});

test("a reset because one is ahead leads back", () => {
  log.apply(reset(9, [row(9)]));
  assert.equal(log.apply(reset(4, [row(2)], { reason: "ahead" })), "missing");
  assert.deepEqual([log.seq, shown()], [4, [2]]);
});

test("a reset come late leads nowhere", () => {
  const late = reset(3, [row(3)]);
  log.apply(late);
  log.apply(changes(3, 4, [row(4)]));
  assert.equal(log.apply(late), "stale");
  assert.deepEqual([log.seq, shown()], [4, [3, 4]]);
});

test("rows of messages that are not held are passed over: their page will have them", () => {
  log.apply(reset(9, [row(8), row(9)], { more: true }));
  assert.equal(log.apply(changes(9, 10, [row(4, { changed: 10 })])), "applied");
  assert.deepEqual(shown(), [8, 9]);
});

test("older pages go before what is shown, until the beginning", () => {
  log.apply(reset(9, [row(8), row(9)], { more: true }));
  assert.equal(log.addPage(log.awaitPage("before", 8), page([row(4), row(6)])), true);
  assert.deepEqual([shown(), log.shown.from], [[4, 6, 8, 9], 4]);
  log.addPage(log.awaitPage("before", 4), page([row(1)], { more_before: false }));
  assert.deepEqual([shown(), log.shown.from], [[1, 4, 6, 8, 9], 0]);
  log.apply(changes(9, 10, [row(1, { changed: 10 })]));
  assert.equal(shown()[0], "1@10");
});

test("a page that is older than an event heard meanwhile does not undo it", () => {
  log.apply(reset(9, [row(8), row(9)], { more: true }));
  const awaited = log.awaitPage("before", 8);
  log.apply(changes(9, 10, [row(4, { changed: 10, text: undefined, deleted: true })]));
  log.addPage(awaited, page([row(4), row(6)]));
  assert.deepEqual(shown(), ["4@10", 6, 8, 9]);
  assert.equal(log.shown.find(4).text, undefined);
});

test("a page asked for before a reset is not taken after it", () => {
  log.apply(reset(9, [row(9)], { more: true }));
  const awaited = log.awaitPage("before", 9);
  log.apply(reset(9, [row(9)], { more: true, reason: "behind" }));
  assert.equal(log.addPage(awaited, page([row(4)])), false);
  assert.deepEqual(shown(), [9]);
});

test("a page of another epoch is not taken", () => {
  log.apply(reset(9, [row(9)], { more: true }));
  assert.equal(log.addPage(log.awaitPage("before", 9), page([row(4)], { epoch: "e2" })), false);
  assert.deepEqual(shown(), [9]);
});

test("a message far back is shown with its surroundings, and changes with the log", () => {
  log.apply(reset(90, [row(89), row(90)], { more: true }));
  log.addPage(log.awaitPage("around", 30), page([row(29), row(30), row(31)]));
  log.apply(changes(90, 92, [row(91), row(30, { changed: 92 })]));
  assert.deepEqual(shown(), [29, "30@92", 31]);
  log.dropAside();
  assert.deepEqual(shown(), [89, 90, 91]);
});

test("reading on from far back arrives at the end, and is one range again", () => {
  log.apply(reset(90, [row(89), row(90)], { more: true }));
  log.addPage(log.awaitPage("around", 30), page([row(30), row(31)]));
  log.addPage(log.awaitPage("after", 31), page([row(40), row(50)]));
  assert.deepEqual(shown(), [30, 31, 40, 50]);
  log.addPage(log.awaitPage("after", 50), page([row(60), row(89)]));
  assert.equal(log.aside, null);
  assert.deepEqual([shown(), log.shown.from], [[30, 31, 40, 50, 60, 89, 90], 30]);
});

test("a page that no longer fits what is shown is let go", () => {
  log.apply(reset(90, [row(88), row(89), row(90)], { more: true }));
  const awaited = log.awaitPage("before", 88);
  log.trim(1);
  assert.deepEqual(shown(), [88, 89, 90], "nothing is trimmed while a page is awaited");
  log.forgoPage(awaited);
  const late = log.awaitPage("after", 31);
  assert.equal(log.addPage(late, page([row(40)])), false);
  log.trim(1);
  assert.deepEqual([shown(), log.shown.from], [[90], 90]);
});

test("pages awaited when another stretch was let go are not taken: they may be older than it was", () => {
  log.apply(reset(90, [row(90)], { more: true }));
  log.addPage(log.awaitPage("around", 30), page([row(30)]));
  const awaited = log.awaitPage("before", 30);
  log.addPage(log.awaitPage("around", 10), page([row(9), row(10)]));
  assert.equal(log.addPage(awaited, page([row(28)])), false);
  assert.deepEqual(shown(), [9, 10]);
});

test("a page around a message does not undo what the stretch that it touches heard meanwhile", () => {
  log.apply(reset(90, [row(90)], { more: true }));
  log.addPage(log.awaitPage("around", 30), page([row(29), row(30)]));
  const awaited = log.awaitPage("around", 31);
  log.apply(changes(90, 91, [row(30, { changed: 91, text: undefined, deleted: true })]));
  assert.equal(log.addPage(awaited, page([row(30), row(31), row(32)])), true);
  assert.deepEqual(shown(), [29, "30@91", 31, 32]);
  assert.equal(log.shown.find(30).text, undefined);
});

test("an empty page that says there is more claims nothing", () => {
  log.apply(reset(90, [row(90)], { more: true }));
  log.addPage(log.awaitPage("before", 90), page([]));
  assert.deepEqual([shown(), log.shown.from], [[90], 90]);
  log.addPage(log.awaitPage("before", 90), page([], { more_before: false }));
  assert.equal(log.shown.from, 0);
});

test("an empty room is held whole", () => {
  assert.equal(log.apply(reset(0)), "applied");
  assert.deepEqual([log.shown.from, log.position], [0, { epoch: "e1", seq: 0 }]);
  assert.equal(log.apply(changes(0, 1, [row(1)])), "applied");
  assert.deepEqual(shown(), [1]);
});

test("members stand as their newest row says", () => {
  const member = (after, upto, changed, role) =>
    changes(after, upto, [], { members: [{ person: ANN, changed, role }] });
  log.apply(reset(0));
  log.apply(member(0, 3, 3, "member"));
  log.apply(member(3, 5, 5, null));
  log.apply(member(2, 6, 3, "member"));
  assert.equal(log.members.get(ANN.id).role, null);
});

test("an old event brings back nothing that a reset forgot", () => {
  log.apply(reset(3));
  log.apply(reset(700, [row(699)], { more: true, reason: "behind" }));
  assert.equal(log.apply(changes(3, 5, [row(4)], { members: [{ person: ANN, changed: 5, role: "member" }] })), "stale");
  assert.deepEqual([shown(), log.members.size], [[699], 0]);
});

test("a reset that shows a message older than it is held does not undo its deletion", () => {
  log.apply(reset(3, [row(2), row(3)]));
  log.apply(changes(3, 4, [row(2, { changed: 9, text: undefined, deleted: true })]));
  log.apply(reset(8, [row(2), row(3)], { reason: "behind" }));
  assert.deepEqual([shown(), log.shown.find(2).text, log.seq], [["2@9", 3], undefined, 8]);
});
