// Node's `ws` with the joining that Teahouse does: what arrives while one round is written goes out in the next, as
// ready-made frames, in one write to each socket. As fast as we could make it: from memory, nothing is kept.
import { WebSocketServer } from "ws";

const port = Number(process.argv[2]);
const server = new WebSocketServer({ host: "127.0.0.1", port, backlog: 4096, perMessageDeflate: false });
const members = new Set();
let gathered = [];

server.on("connection", (socket, request) => {
  const line = request.socket; // below `ws`: a frame made once is valid on every line that does not compress
  members.add(line);
  socket.on("close", () => members.delete(line));
  socket.on("error", () => socket.terminate());
  socket.on("message", (data) => {
    // After all sockets that have something were read, which is when this turn of the event loop ends.
    if (gathered.length === 0) setImmediate(deliver);
    gathered.push(frame(data));
  });
});
server.on("listening", () => console.log("ready"));

function deliver() {
  const joined = Buffer.concat(gathered);
  gathered = [];
  for (const line of members) line.write(joined);
}

function frame(text) {
  const head = text.length < 126 ? Buffer.from([0x81, text.length]) : Buffer.from([0x81, 126, text.length >> 8, text.length & 255]);
  if (text.length > 65535) throw new RangeError("the bench sends short texts");
  return Buffer.concat([head, text]);
}
