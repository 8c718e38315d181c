// Socket.IO over WebSocket alone: whatever a member says goes to everybody, from memory.
import { createServer } from "node:http";
import { Server } from "socket.io";

const port = Number(process.argv[2]);
const http = createServer();
// No ping comes due while the bench measures.
const server = new Server(http, { transports: ["websocket"], perMessageDeflate: false, pingInterval: 600_000 });

server.on("connection", (socket) => socket.on("m", (text) => server.emit("m", text)));
http.listen({ host: "127.0.0.1", port, backlog: 4096 }, () => console.log("ready"));
