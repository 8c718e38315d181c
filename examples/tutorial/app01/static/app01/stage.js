// The page's side of the stages: shows what arrives, sends what is typed, and leaves when asked.

const form = document.getElementById("say");
const text = document.getElementById("text");
const send = document.getElementById("send");
const leave = document.getElementById("leave");
const state = document.getElementById("state");
const messages = document.getElementById("messages");

// The address comes from the page's own, so it fits any host and port, and wss under https.
const address = new URL(form.dataset.socket || location.pathname, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new WebSocket(address);

socket.onopen = () => {
  state.textContent = "Connected · 已连接";
  setEnabled(true);
  text.focus();
};

socket.onmessage = (event) => {
  const line = document.createElement("div");
  line.textContent = event.data; // text, never HTML
  messages.append(line);
  messages.scrollTop = messages.scrollHeight;
};

socket.onclose = (event) => {
  setEnabled(false);
  const left = event.code === 1000;
  state.textContent = left ? "You have left · 已退出" : `Disconnected (${event.code}) · 连接已断开`;
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (text.value.trim() === "") return;
  socket.send(text.value);
  text.value = "";
});

// With a code: a bare close() reaches the server as 1005, "no code was given".
leave.addEventListener("click", () => socket.close(1000));

/** @param {boolean} enabled */
function setEnabled(enabled) {
  for (const control of [text, send, leave]) control.disabled = !enabled;
}
