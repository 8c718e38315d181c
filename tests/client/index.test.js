import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { browserStorage, browserTransport, openChat } from "../../src/teahouse/static/teahouse/client/index.js";
import { FakeSocket, reset, roomState, row, settled, welcome } from "./fakes.js";

/** Replace globals for one test. */
function globals(t, replaced) {
  for (const [name, value] of Object.entries(replaced)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
}

/** A browser's page at https://tea.example/room/lobby/. */
function browser(t) {
  const opened = [];
  const fetched = [];
  class WebSocket extends FakeSocket {
    constructor(url, protocols) {
      super();
      opened.push([url, protocols, this]);
    }
  }
  const fetch = (url, options) => {
    fetched.push([url, options]);
    return Promise.resolve({ json: async () => ({ answer: { type: "ok", id: 1 }, events: [] }) });
  };
  globals(t, { WebSocket, fetch, location: { href: "https://tea.example/room/lobby/" } });
  return { opened, fetched };
}

test("a path of the site becomes a secure address with the protocol's name", (t) => {
  const { opened } = browser(t);
  const { openSocket } = browserTransport({ socket: "/chat/ws/" });
  openSocket();
  assert.deepEqual(opened[0].slice(0, 2), ["wss://tea.example/chat/ws/", "teahouse.v1"]);
});

test("a full address is taken as it is", (t) => {
  const { opened } = browser(t);
  for (const scheme of ["ws", "http"]) browserTransport({ socket: `${scheme}://127.0.0.1:4000/ws/` }).openSocket();
  assert.deepEqual(opened.map(([url]) => url), ["ws://127.0.0.1:4000/ws/", "ws://127.0.0.1:4000/ws/"]);
});

test("commands over HTTP carry Django's token, or a bearer's", async (t) => {
  const { fetched } = browser(t);
  const csrf = browserTransport({ socket: "/ws/", api: "/api/v1/", csrf: () => "c5rf" });
  assert.deepEqual(await csrf.post({ type: "hello", id: 1 }), { answer: { type: "ok", id: 1 }, events: [] });
  await browserTransport({ socket: "/ws/", api: "/api/v1/", token: "signed" }).post({ type: "hello", id: 1 });
  const [url, { method, headers, body }] = fetched[0];
  assert.deepEqual([url, method, headers["X-CSRFToken"]], ["/api/v1/", "POST", "c5rf"]);
  assert.equal("Authorization" in headers, false);
  assert.equal(body, '{"type":"hello","id":1}');
  assert.equal(fetched[1][1].headers.Authorization, "Bearer signed");
  assert.equal("X-CSRFToken" in fetched[1][1].headers, false);
});

test("without an api there is no falling back, without sockets there is nothing but the api", (t) => {
  browser(t);
  assert.equal(browserTransport({ socket: "/ws/" }).post, null);
  delete globalThis.WebSocket;
  assert.equal(browserTransport({ socket: "/ws/", api: "/api/v1/" }).openSocket, null);
});

test("a guest's token that came over one line is shown on the other", async (t) => {
  const { opened, fetched } = browser(t);
  const chat = openChat({ socket: "/ws/", api: "/api/v1/" });
  chat.start();
  const socket = opened[0][2];
  socket.open();
  socket.ok(socket.last("hello"), welcome({ token: "signed" }));
  await chat.connection.parts.transport.post({ type: "post" });
  assert.equal(fetched[0][1].headers.Authorization, "Bearer signed");
  chat.stop();
  await settled();
});

test("a storage that the browser forbids is none", (t) => {
  globals(t, { localStorage: null });
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get: () => {
      throw new Error("SecurityError");
    },
  });
  assert.equal(browserStorage(), null);
});

const folder = new URL("../../src/teahouse/static/teahouse/client/", import.meta.url);
const modules = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]);

test("the client never touches the page, and imports nothing but itself", () => {
  for (const [name, text] of modules) {
    const code = text.replace(/\/\*[^]*?\*\//g, "").replace(/\/\/.*/g, "");
    assert.doesNotMatch(code, /\b(document|window|navigator|alert)\b/, name);
    for (const [, source] of code.matchAll(/from "([^"]+)"/g)) assert.match(source, /^\.\/\w+\.js$/, name);
  }
});

test("each module says in its first line what it owns, and none is long", () => {
  for (const [name, text] of modules) {
    assert.match(text, /^\/\*\*\n \* [A-Z].*[.;:]/, name);
    assert.ok(text.split("\n").length < 300, name);
    for (const line of text.split("\n")) assert.ok(line.length <= 120, `${name}: ${line}`);
  }
});

test("the example of the documentation is a working page", async (t) => {
  const { opened } = browser(t);
  const page = readFileSync(new URL("../../docs/client.md", import.meta.url), "utf8");
  const [, example] = page.match(/```js\n([^]*?)```/);
  const elements = new Map();
  const element = () => ({ value: "", children: [], addEventListener(_, listener) { this.listener = listener; } });
  const document = {
    cookie: "csrftoken=c5rf",
    createElement: element,
    getElementById: (id) => elements.set(id, element()).get(id),
  };
  globals(t, { document, addEventListener: () => {} });
  const shows = [];
  const source = `${example.replace("./teahouse/client/", folder.href)}\nexport { chat };`;
  const { chat } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  elements.get("messages").replaceChildren = (...items) => shows.push(items.map(({ textContent }) => textContent));
  const socket = opened[0][2];
  socket.open();
  socket.ok(socket.last("hello"), welcome({ rooms: [roomState()] }));
  socket.say(reset(2, [row(1), row(2, { text: undefined, deleted: true })]));
  elements.get("text").value = "hello";
  elements.get("composer").listener({ preventDefault: () => {} });
  assert.deepEqual(shows.at(-1), ["Bob: text 1", "Bob deleted a message", "Ann (pending): hello"]);
  assert.equal(elements.get("status").textContent, "online");
  chat.stop();
});
