import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Outbox } from "../../src/teahouse/static/teahouse/client/outbox.js";
import { Refusal } from "../../src/teahouse/static/teahouse/client/protocol.js";
import { FakeClock, FakeStorage } from "./fakes.js";

let clock, storage, keys;

beforeEach(() => {
  clock = new FakeClock();
  storage = new FakeStorage();
  keys = 0;
});

function outboxOf(uid, from = storage) {
  const outbox = new Outbox({ storage: from, clock, newKey: () => `key${++keys}` });
  if (uid) outbox.belongTo(uid);
  return outbox;
}

function texts(outbox, room = "lobby") {
  return outbox.entries(room).map(({ text, state }) => (state === "pending" ? text : `${text}:${state}`));
}

test("entries stand in the order of writing, each room apart", () => {
  const outbox = outboxOf("ann");
  for (const text of ["one", "two", "three"]) outbox.add("lobby", text);
  outbox.add("tea", "elsewhere");
  assert.deepEqual(texts(outbox), ["one", "two", "three"]);
  assert.deepEqual(texts(outbox, "tea"), ["elsewhere"]);
});

test("a reload brings them back in order, with their keys", () => {
  const before = outboxOf("ann");
  for (const text of ["one", "two", "three"]) before.add("lobby", text);
  const after = outboxOf("ann");
  assert.deepEqual(after.entries("lobby"), before.entries("lobby"));
  clock.jump -= 3_600_000;
  after.add("lobby", "four");
  assert.deepEqual(texts(outboxOf("ann")), ["one", "two", "three", "four"], "though the clock went back");
});

test("a failed one comes back as failed, with its reason", () => {
  const outbox = outboxOf("ann");
  outbox.markFailed(outbox.add("lobby", "one"), new Refusal({ code: "message_too_long", text: "too long" }));
  const [entry] = outboxOf("ann").entries("lobby");
  assert.deepEqual([entry.state, entry.code, entry.problem], ["failed", "message_too_long", "too long"]);
});

test("what was sent or removed does not come back", () => {
  const outbox = outboxOf("ann");
  const sent = outbox.add("lobby", "sent");
  outbox.markSent(sent, 7);
  outbox.remove(outbox.add("lobby", "removed"));
  assert.deepEqual(texts(outbox), ["sent:sent"], "until the log shows it");
  assert.deepEqual(texts(outboxOf("ann")), []);
  assert.equal(storage.length, 0);
});

test("another login neither sees nor finds them, and its own person gets them back", () => {
  const outbox = outboxOf("ann");
  const { key } = outbox.add("lobby", "ann's");
  outbox.belongTo("bob");
  assert.deepEqual([texts(outbox), outbox.get(key)], [[], undefined]);
  outbox.add("lobby", "bob's");
  assert.deepEqual(texts(outboxOf("bob")), ["bob's"]);
  assert.deepEqual(texts(outboxOf("ann")), ["ann's"]);
  outbox.belongTo("ann");
  assert.deepEqual(texts(outbox), ["ann's"]);
});

test("one person's name that begins another's is another person", () => {
  outboxOf("ann").add("lobby", "ann's");
  outboxOf("ann:x").add("lobby", "ann:x's");
  assert.deepEqual(texts(outboxOf("ann")), ["ann's"]);
});

test("what was written before anyone was known belongs to the first who is", () => {
  const outbox = outboxOf(null);
  outbox.add("lobby", "early");
  assert.deepEqual(texts(outbox), ["early"]);
  assert.equal(storage.length, 0);
  outbox.belongTo("ann");
  assert.deepEqual([texts(outbox), texts(outboxOf("ann")), texts(outboxOf("bob"))], [["early"], ["early"], []]);
});

test("two tabs of one person write beside each other, not over each other", () => {
  const [one, other] = [outboxOf("ann"), outboxOf("ann")];
  one.add("lobby", "from one");
  other.add("lobby", "from the other");
  one.markFailed(one.add("lobby", "failed"), new Refusal({ code: "message_too_long" }));
  assert.deepEqual(texts(outboxOf("ann")).sort(), ["failed:failed", "from one", "from the other"]);
});

test("what another tab has sent meanwhile is not sent again", () => {
  const one = outboxOf("ann");
  const entry = one.add("lobby", "text");
  const other = outboxOf("ann");
  const copy = other.get(entry.key);
  assert.equal(other.stillStands(copy), true);
  one.markSent(entry, 7);
  assert.equal(other.stillStands(copy), false);
  assert.deepEqual(texts(other), []);
});

test("a tab that hears of a refusal late does not bring back what another tab discarded", () => {
  const one = outboxOf("ann");
  const entry = one.add("lobby", "text");
  const other = outboxOf("ann");
  const copy = other.get(entry.key);
  one.remove(entry);
  other.markFailed(copy, new Refusal({ code: "not_allowed" }));
  assert.deepEqual(texts(outboxOf("ann")), []);
});

test("what was written here is sent even when the storage is emptied", () => {
  const outbox = outboxOf("ann");
  const entry = outbox.add("lobby", "text");
  storage.items.clear();
  assert.equal(outbox.stillStands(entry), true);
});

test("retrying keeps the key, and survives a reload as pending", () => {
  const outbox = outboxOf("ann");
  const entry = outbox.add("lobby", "text");
  outbox.markFailed(entry, new Refusal({ code: "not_allowed" }));
  outbox.markPending(entry);
  const [again] = outboxOf("ann").entries("lobby");
  assert.deepEqual([again.key, again.state, again.code], [entry.key, "pending", undefined]);
});

for (const [name, broken] of [
  ["none", null],
  ["one that throws at everything", new Proxy({}, { get: () => { throw new Error("SecurityError"); } })],
  ["one that is full", Object.assign(new FakeStorage(), { setItem: () => { throw new Error("QuotaExceededError"); } })],
]) {
  test(`with a storage that is ${name}, everything works but the reload`, () => {
    const outbox = outboxOf("ann", broken);
    const entry = outbox.add("lobby", "one");
    outbox.add("lobby", "two");
    assert.equal(outbox.stillStands(entry), true);
    outbox.markSent(entry, 3);
    outbox.remove(entry);
    assert.deepEqual(texts(outbox), ["two"]);
    assert.deepEqual(texts(outboxOf("ann", broken)), []);
  });
}

test("items that are no entries of ours are passed over", () => {
  outboxOf("ann").add("lobby", "good");
  storage.setItem("teahouse:outbox:ann:x1", "not json");
  storage.setItem("teahouse:outbox:ann:x2", "null");
  const entry = { uid: "ann", room: "lobby", text: "t", order: 1, state: "pending" };
  storage.setItem("teahouse:outbox:ann:x3", JSON.stringify({ ...entry, key: "x3", text: 7 }));
  storage.setItem("teahouse:outbox:ann:x4", JSON.stringify({ ...entry, key: "x4", uid: "bob" }));
  storage.setItem("someone else's", "text");
  const outbox = outboxOf("ann");
  assert.deepEqual(texts(outbox), ["good"]);
  outbox.belongTo("bob");
  assert.deepEqual(texts(outbox), []);
});
