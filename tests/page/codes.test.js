import assert from "node:assert/strict";
import { test } from "node:test";

import { codeIn, toldBy } from "../../src/teahouse/static/teahouse/page/codes.js";

/** A guest's code as the server makes it; its signature is the server's affair. */
function guestCode(held) {
  return `g.${Buffer.from(JSON.stringify(held)).toString("base64url")}:1vMmZ0:c2lnbmVk`;
}

test("a guest's code tells the name and the room", () => {
  assert.deepEqual(toldBy(guestCode({ g: "s", n: "Ann 茶 ÿ?~", r: "tea & 茶" })), { name: "Ann 茶 ÿ?~", room: "tea & 茶" });
  assert.deepEqual(toldBy(guestCode({ g: "s", n: "Ann" })), { name: "Ann", room: null });
});

for (const code of ["", "g", "g.", "g.@@@", "i.abc", "g.bnVsbA:1:2", guestCode({ n: 7 }), guestCode({ r: "tea" })]) {
  test(`nothing is told by ${JSON.stringify(code)}`, () => {
    assert.equal(toldBy(code), null);
  });
}

test("a room that is none is not told", () => {
  assert.deepEqual(toldBy(guestCode({ n: "Ann", r: 7 })), { name: "Ann", room: null });
});

test("the code is found in a link, after its sign, and by itself", () => {
  for (const pasted of ["https://tea.example/chat/enter/#g.abc", "#g.abc", " g.abc\n"]) assert.equal(codeIn(pasted), "g.abc");
  assert.equal(codeIn(""), "");
});
