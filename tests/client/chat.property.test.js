import assert from "node:assert/strict";
import { test } from "node:test";

import { Chat } from "../../src/teahouse/static/teahouse/client/chat.js";
import { ANN, BOB, FakeClock, FakeStorage, seeded } from "./fakes.js";
import { ModelServer } from "./model_server.js";

const CASES = Number(process.env.CASES ?? 400);
const STEPS = 150;

/** Ann in two tabs, and Bob, who write, edit and reload while lines break and the server refuses. */
class World {
  clock = new FakeClock();
  calm = false;
  discarded = new Set();
  writers = [ANN, ANN, BOB].map((person, index) => ({ person, name: `${person.name}${index}`, written: [] }));
  storages = new Map([[ANN, new FakeStorage()], [BOB, new FakeStorage()]]);

  constructor(random) {
    this.random = random;
    this.server = new ModelServer({
      refusal: () => !this.calm && random() < 0.15,
      gap: () => !this.calm && random() < 0.1,
    });
    for (const writer of this.writers) this.load(writer);
  }

  steps = [
    [8, () => this.write(this.one(this.writers))],
    [4, () => this.touch(this.one(this.writers))],
    [30, () => this.one(this.server.lines).work()],
    [40, () => this.one(this.server.lines).deliver()],
    [3, () => this.one(this.server.lines).break()],
    [6, () => this.clock.pass(1000 * this.random())],
    [1, () => this.clock.pass(20_000)],
    [1, () => this.load(this.one(this.writers))],
    [2, () => this.one(this.writers).chat.wake()],
    [1, () => this.discard(this.one(this.writers))],
    [2, () => this.one(this.writers).room.older().catch(() => {})],
  ];

  one(choices) {
    return choices[Math.floor(this.random() * choices.length)];
  }

  step() {
    let weight = Math.floor(this.random() * this.steps.reduce((sum, [each]) => sum + each, 0));
    this.steps.find(([each]) => (weight -= each) < 0)[1]();
    this.server.lines = this.server.lines.filter(({ broken, inbox }) => !broken || inbox.length > 0);
    if (this.server.lines.length === 0) this.clock.pass(20_000);
  }

  /** A page is opened, or opened anew: the old one just vanishes. */
  load(writer) {
    writer.chat?.stop();
    writer.chat = new Chat({
      transport: { openSocket: () => this.server.connect(writer.person), post: null },
      storage: this.storages.get(writer.person),
      clock: this.clock,
      random: this.random,
      newKey: () => `key${Math.floor(this.random() * 2 ** 52)}`,
      me: writer.person,
    });
    writer.room = writer.chat.room("lobby");
    writer.chat.start();
  }

  write(writer) {
    const text = `${this.random() < 0.1 ? "bad" : "good"} ${writer.name} ${writer.written.length}`;
    writer.written.push(text);
    writer.room.post(text);
  }

  /** It may be under way already, and be posted all the same. */
  discard({ room }) {
    const entry = this.one(room.messages.filter(({ state }) => state === "pending" || state === "failed"));
    if (!entry) return;
    this.discarded.add(entry.text);
    room.discard(entry.key);
  }

  touch({ room }) {
    const message = this.one(room.log.newest.rows.filter(({ deleted }) => !deleted));
    if (!message) return;
    const touched = this.random() < 0.5 ? room.edit(message.seq, `${message.text}!`) : room.delete(message.seq);
    touched.catch(() => {});
  }

  /** Good weather, until nothing moves any more. */
  finish() {
    this.calm = true;
    for (let second = 0; second < 60; second++) {
      this.clock.pass(1000);
      for (let moving = true; moving; ) {
        moving = false;
        for (const line of this.server.lines) {
          while (line.inbox.length > 0) line.work(), (moving = true);
          while (line.outbox.length > 0) line.deliver(), (moving = true);
        }
      }
    }
  }

  check() {
    const rows = this.server.log.messages();
    for (const writer of this.writers) this.checkWriter(writer, rows);
    for (const { room } of this.writers) {
      assert.deepEqual(room.log.position, { epoch: "e1", seq: this.server.log.head });
      assert.deepEqual(room.log.newest.rows, rows.filter(({ seq }) => room.log.newest.covers(seq)));
      const onTheirWay = room.messages.filter(({ state }) => state !== undefined);
      assert.deepEqual(onTheirWay.filter(({ state, text }) => state !== "failed" || !text.startsWith("bad")), []);
    }
    for (const storage of this.storages.values()) {
      for (const item of storage.items.values()) assert.equal(JSON.parse(item).state, "failed");
    }
  }

  /** Each good message that nobody discarded stands once, in the order of writing; a bad one nowhere. */
  checkWriter({ name, written }, rows) {
    const first = new Map(this.firstTexts.map(([seq, text]) => [seq, text]));
    const stand = rows.map(({ seq }) => first.get(seq)).filter((text) => text.includes(` ${name} `));
    assert.equal(new Set(stand).size, stand.length, "something was posted twice");
    const kept = (text) => text.startsWith("good") && !this.discarded.has(text);
    assert.deepEqual(stand.filter(kept), written.filter(kept));
  }
}

function play(seed) {
  const world = new World(seeded(seed));
  world.firstTexts = [];
  const post = world.server.log.post;
  world.server.log.post = function (person, key, text) {
    world.firstTexts.push([this.head + 1, text]);
    return post.call(this, person, key, text);
  };
  for (let step = 0; step < STEPS; step++) world.step();
  world.finish();
  world.check();
  return world;
}

test("through broken lines, refusals and reloads each message is posted once, in order, and all see the same", () => {
  const first = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));
  let posted = 0;
  for (let seed = first; seed < first + CASES; seed++) {
    try {
      posted += play(seed).firstTexts.length;
    } catch (error) {
      error.message = `seed ${seed} (run again with SEED=${seed} CASES=1): ${error.message}`;
      throw error;
    }
  }
  assert.ok(posted > CASES * 3, "hardly anything was posted");
});
