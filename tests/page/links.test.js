import assert from "node:assert/strict";
import { test } from "node:test";

import { partsOf } from "../../src/teahouse/static/teahouse/page/links.js";

/** @param {string} text */
const links = (text) => partsOf(text).flatMap(({ text: part, href }) => (href === null ? [] : [part]));

for (const [text, expected] of /** @type {[string, string[]][]} */ ([
  ["no address", []],
  ["https://example.org", ["https://example.org"]],
  ["see http://example.org/a?b=c&d#e, and https://example.org.", ["http://example.org/a?b=c&d#e", "https://example.org"]],
  ["(https://example.org/tea_(drink))", ["https://example.org/tea_(drink)"]],
  ["[https://example.org/[1]]!", ["https://example.org/[1]"]],
  ["看https://example.org/地图，从后门进", ["https://example.org/地图"]],
  ["“https://example.org/”", ["https://example.org/"]],
  ["HTTPS://EXAMPLE.ORG/Tea", ["HTTPS://EXAMPLE.ORG/Tea"]],
  ["<a href='https://example.org/x'>", ["https://example.org/x"]],
  ["javascript:alert(1) data:text/html,x ftp://example.org //example.org", []],
  ["https://", []],
  ["http://user:password@example.org/ http://example.org@evil.example/", []],
  ["https://example.org/\u202egpj.exe", ["https://example.org/"]],
])) {
  test(`the links in ${JSON.stringify(text)}`, () => assert.deepEqual(links(text), expected));
}

test("all of the text is there, in order", () => {
  for (const text of ["", "a https://example.org b", "https://example.org", "x (http://a.example) http://b.example!"]) {
    assert.equal(partsOf(text).map((part) => part.text).join(""), text);
  }
});

test("thousands of brackets cost no more than a moment", () => {
  const started = process.cpuUsage().user;
  partsOf(`https://example.org/${"(".repeat(20_000)}${")".repeat(40_000)}`);
  assert.ok(process.cpuUsage().user - started < 500_000);
});
