// Shows how many places are left, live, over the club's own socket.

for (const places of document.querySelectorAll(".places")) {
  // Beside the page's own address, wherever the site is mounted: /walks/7/ and /places/7/.
  const address = new URL(`../../places/${places.dataset.walk}/`, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.addEventListener("message", ({ data }) => (places.textContent = JSON.parse(data).left));
}
