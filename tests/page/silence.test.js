import assert from "node:assert/strict";
import { test } from "node:test";

import { offerOf } from "../../src/teahouse/static/teahouse/page/offers.js";
import { reasonOf } from "../../src/teahouse/static/teahouse/page/silence.js";
import { Times } from "../../src/teahouse/static/teahouse/page/times.js";

const NOW = Date.parse("2026-11-25T10:00:00Z");
const HOUR = 3_600_000;
const parts = { say: (id, values) => (values ? `${id} ${values.time}` : id), times: new Times("en", ["en-GB"], "UTC") };

function why(state) {
  return reasonOf({ can_post: false, ...state }, NOW, parts);
}

test("who may write is told nothing", () => {
  assert.equal(why({ can_post: true }), "");
  assert.equal(why({ can_post: true, muted_until: NOW - 1 }), "");
});

test("the room's own reasons come first", () => {
  assert.equal(why({ archived: true, locked: true }), "refused.room_archived");
  assert.equal(why({ locked: true, muted_until: NOW + HOUR }), "refused.room_locked");
});

test("who is muted is told until when, with the day when it is another", () => {
  assert.equal(why({ muted_until: NOW + HOUR }), "muted until 11:00");
  assert.match(why({ muted_until: NOW + 24 * HOUR }), /^muted until 26 Nov 2026,? (at )?10:00$/);
  assert.equal(why({ muted_until: Number.MAX_SAFE_INTEGER }), "refused.muted");
});

test("whom the site lets only read is told so", () => {
  assert.equal(why({}), "read only");
});

test("what one may do with a message depends on whose it is and on who one is", () => {
  const message = { fate: null, mine: false, seq: 4, deleted: false };
  assert.equal(offerOf(message, false), "report");
  assert.equal(offerOf(message, true), "moderate");
  for (const moderates of [false, true]) {
    assert.equal(offerOf({ ...message, mine: true }, moderates), "change");
    assert.equal(offerOf({ ...message, deleted: true }, moderates), "nothing");
    assert.equal(offerOf({ ...message, seq: null, fate: "pending", mine: true }, moderates), "discard");
    assert.equal(offerOf({ ...message, seq: null, fate: "failed", mine: true }, moderates), "nothing");
  }
});
