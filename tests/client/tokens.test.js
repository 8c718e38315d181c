import assert from "node:assert/strict";
import { test } from "node:test";

import { greet, makeChat } from "./connected.js";
import { ANN, settled, welcome } from "./fakes.js";

/** A chat whose page gives out token 1, token 2 and so on, each good for a hundred seconds. */
function withTokens(options = {}) {
  const asked = { count: 0 };
  const give = options.give ?? ((number) => `token ${number}`);
  const made = makeChat({ token: () => give(++asked.count), ...options });
  made.chat.room("lobby");
  made.chat.start();
  const until = (seconds) => ({ expires_at: made.clock.now() + seconds * 1000 });
  /** Time passes on a line that is not silent. */
  const pass = async (seconds) => {
    for (let left = seconds; left > 0; left -= 10) {
      if (!made.network.socket.closed) made.network.socket.say({ type: "ping" });
      await made.clock.passSlowly(Math.min(left, 10) * 1000);
    }
  };
  return { ...made, asked, until, pass };
}

test("before a token ends another one is shown on the open line, and again after that", async () => {
  const { network, asked, until, pass } = withTokens();
  assert.equal(greet(network, until(100)).token, "token 1");
  await pass(79);
  assert.deepEqual([network.socket.all("refresh"), asked.count], [[], 1]);
  await pass(1);
  const { id, ...refresh } = network.socket.last("refresh");
  assert.deepEqual(refresh, { type: "refresh", token: "token 2" });
  network.socket.ok({ id }, until(50));
  await pass(40);
  assert.equal(network.sockets.length, 1);
  assert.deepEqual(network.socket.all("refresh").map(({ token }) => token), ["token 2", "token 3"]);
});

test("a page may take its time to fetch a token", async () => {
  const answers = [];
  const { network } = withTokens({ give: () => new Promise((resolve) => answers.push(resolve)) });
  network.socket.open();
  assert.equal(network.socket.last("hello"), undefined);
  answers[0]("fetched");
  await settled();
  assert.equal(network.socket.last("hello").token, "fetched");
});

test("a token that cannot be fetched is a line that failed, which is tried again", async () => {
  const { chat, clock, network } = withTokens({
    give: (number) => (number === 1 ? Promise.reject(new Error("offline")) : "token 2"),
  });
  network.socket.open();
  await settled();
  assert.equal(chat.state.text, "no token could be fetched");
  await clock.passSlowly(500);
  assert.equal(greet(network).token, "token 2");
});

test("a line that is lost comes back with the token that is still good", async () => {
  const { clock, network, asked, until } = withTokens();
  greet(network, until(100));
  network.socket.drop();
  await clock.passSlowly(500);
  assert.equal(greet(network, until(99)).token, "token 1");
  assert.equal(asked.count, 1);
});

for (const [what, end] of [
  ["a token that is over", (socket) => socket.drop(4201, "token_expired")],
  ["a token that is no longer good", (socket) => socket.drop(4002, "bad_token")],
]) {
  test(`${what} is given up for another one`, async () => {
    const { clock, network, until } = withTokens();
    greet(network, until(100));
    end(network.socket);
    await clock.passSlowly(1_000);
    assert.equal(greet(network, until(100)).token, "token 2");
  });
}

test("a refused hello is said once more with another token, and not a third time", async () => {
  const { chat, clock, network } = withTokens();
  for (const token of ["token 1", "token 2"]) {
    network.socket.open();
    const hello = network.socket.last("hello");
    assert.equal(hello.token, token);
    network.socket.refuse(hello, { code: "token_expired" });
    await clock.passSlowly(2_000);
  }
  assert.deepEqual([network.sockets.length, chat.state.state, chat.state.code], [2, "stopped", "token_expired"]);
});

test("a token that is a text cannot be replaced, so its end is the end", async () => {
  const { chat, clock, network } = makeChat({ token: "the only one" });
  chat.start();
  greet(network, { expires_at: clock.now() + 1000 });
  await clock.passSlowly(10_000);
  assert.deepEqual(network.socket.all("refresh"), []);
  network.socket.drop(4002, "bad_token");
  assert.deepEqual([chat.state.state, chat.state.code], ["stopped", "bad_token"]);
});

test("a refresh that fails leaves it to the server to say when the time is over", async () => {
  const { clock, network, asked, until, pass } = withTokens({
    give: (number) => (number === 2 ? Promise.reject(new Error("offline")) : `token ${number}`),
  });
  greet(network, until(100));
  await pass(90);
  assert.deepEqual([network.sockets.length, network.socket.all("refresh"), asked.count], [1, [], 2]);
  network.socket.drop(4201, "token_expired");
  await clock.passSlowly(1_000);
  assert.equal(greet(network).token, "token 3");
});

test("a chat that was stopped asks for no token", async () => {
  const { chat, clock, network, asked, until } = withTokens();
  greet(network, until(100));
  chat.stop();
  await clock.passSlowly(200_000);
  assert.equal(asked.count, 1);
});

test("where sockets are blocked, polls show the same token until another one is due", async () => {
  const { clock, network, asked, until } = withTokens();
  network.socket.drop();
  await settled();
  const poll = async () => {
    const { command, answer } = network.request;
    answer({ type: "ok", id: command.id, ...welcome({ me: ANN, ...until(100) }) });
    await settled();
    return command.token;
  };
  assert.equal(await poll(), "token 1");
  await clock.passSlowly(4_000);
  assert.equal(await poll(), "token 1");
  assert.equal(asked.count, 1);
});

test("a poll that is refused for its token is tried with another one", async () => {
  const { chat, clock, network } = withTokens();
  network.socket.drop();
  await settled();
  const { command, answer } = network.request;
  answer({ type: "error", id: command.id, code: "token_expired", text: "over", retry: false });
  await clock.passSlowly(60);
  assert.notEqual(chat.state.state, "stopped");
  await clock.passSlowly(5_000);
  network.socket.drop();
  await settled();
  assert.equal(network.request.command.token, "token 2");
});
