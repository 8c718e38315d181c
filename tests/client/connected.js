/**
 * A chat on fake everything, and the usual first steps; used by the tests of chat, room and connection.
 */

import { Chat } from "../../src/teahouse/static/teahouse/client/chat.js";
import { FakeClock, FakeNetwork, FakeStorage, reset, roomState, row, welcome } from "./fakes.js";

/** @returns the chat with all that it stands on; `states` are the names of the states it told of */
export function makeChat(options = {}) {
  const clock = options.clock ?? new FakeClock();
  const network = new FakeNetwork();
  const storage = options.storage ?? new FakeStorage();
  const chat = new Chat({ transport: network.transport, clock, storage, random: () => 0, ...options });
  const states = [];
  chat.on("state", ({ state }) => states.push(state));
  return { chat, clock, network, storage, states };
}

/** Answer the hello of the newest socket: the rooms it asks for stand at these heads. */
export function greet(network, fields = {}, rooms = {}) {
  const { socket } = network;
  if (socket.protocol === "") socket.open();
  const hello = socket.last("hello");
  const results = hello.rooms.map(({ room }) => rooms[room] ?? roomState({ room, title: room }));
  socket.ok(hello, welcome({ rooms: results, ...fields }));
  return hello;
}

/** A chat in the room `lobby`, online and level at `head`, which is the one message that it shows. */
export function inLobby(options = {}, head = 4) {
  const made = makeChat(options);
  const room = made.chat.room("lobby");
  made.chat.start();
  greet(made.network, options.welcome, { lobby: roomState({ head }) });
  made.network.socket.say(reset(head, [row(head)], { more: true }));
  return { ...made, room, socket: made.network.socket };
}

/** What a room shows, in a word each. */
export function shown(room) {
  return room.messages.map(({ state, text }) => (state ? `${text}:${state}` : text));
}
