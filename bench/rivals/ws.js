// Node's `ws`: whatever a member says goes to everybody, from memory, as its documentation shows it.
import { WebSocketServer, WebSocket } from "ws";

const port = Number(process.argv[2]);
const server = new WebSocketServer({ host: "127.0.0.1", port, backlog: 4096, perMessageDeflate: false });

server.on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (data) => {
    for (const member of server.clients) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary: false });
    }
  });
});
server.on("listening", () => console.log("ready"));
