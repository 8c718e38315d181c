import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Heartbeat } from "../../src/teahouse/static/teahouse/client/heartbeat.js";
import { FakeClock } from "./fakes.js";

let clock, heartbeat, pings, deaths;

beforeEach(() => {
  clock = new FakeClock();
  pings = deaths = 0;
  heartbeat = new Heartbeat({ clock, ping: () => pings++, onDead: () => deaths++ });
  heartbeat.start(25);
});

test("silence for ping_seconds and ten more ends the line, once", () => {
  clock.pass(35_000);
  assert.equal(deaths, 0);
  clock.pass(5_000);
  assert.equal(deaths, 1);
  clock.pass(100_000);
  assert.equal(deaths, 1);
});

test("any traffic counts", () => {
  for (let times = 0; times < 10; times++) {
    clock.pass(30_000);
    heartbeat.heard();
  }
  assert.equal(deaths, 0);
});

test("the seconds are the server's", () => {
  heartbeat.start(60);
  clock.pass(70_000);
  assert.equal(deaths, 0);
  clock.pass(5_000);
  assert.equal(deaths, 1);
});

test("a check pings at once, and silence for five seconds ends the line", () => {
  heartbeat.check();
  assert.equal(pings, 1);
  clock.pass(4_999);
  assert.equal(deaths, 0);
  clock.pass(1);
  assert.equal(deaths, 1);
});

test("a check that is answered ends nothing, and checks do not pile up", () => {
  heartbeat.check();
  heartbeat.check();
  assert.equal(pings, 1);
  heartbeat.heard();
  clock.pass(20_000);
  assert.equal(deaths, 0);
});

test("a clock that jumped forward means sleep, and is checked", () => {
  clock.pass(7_000);
  clock.jump += 3_600_000;
  clock.pass(3_000);
  assert.equal(pings, 1);
  assert.equal(deaths, 0);
  clock.pass(5_000);
  assert.equal(deaths, 1);
});

test("a clock that jumped back ends nothing, and does not hide silence", () => {
  clock.jump -= 3_600_000;
  clock.pass(35_000);
  assert.deepEqual([pings, deaths], [0, 0]);
  clock.pass(5_000);
  assert.equal(deaths, 1);
});

test("stopped, it does nothing more", () => {
  heartbeat.check();
  heartbeat.stop();
  clock.pass(100_000);
  heartbeat.check();
  assert.deepEqual([pings, deaths, clock.timers], [1, 0, 0]);
});
