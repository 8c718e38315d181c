"""Pages of another site, opened by somebody who is in the chat: the browser sends cookies, and nothing comes of it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.servers.processes import ServerProcess

OPEN = """([url, protocols]) => new Promise((resolve) => {
  const socket = new WebSocket(url, protocols);
  const heard = [];
  socket.onopen = () => {
    heard.push("open");
    socket.send(JSON.stringify({ type: "hello", id: 1, version: 1, rooms: [{ room: "tea" }] }));
  };
  socket.onmessage = ({ data }) => resolve([...heard, JSON.parse(data).me?.kind]);
  socket.onclose = ({ code }) => resolve([...heard, code]);
})"""
POST = """async ([url, form]) => {
  const body = new URLSearchParams(form);
  const options = { method: "POST", credentials: "include", mode: "no-cors", body };
  return (await fetch(url, options)).type;
}"""


@pytest.fixture(scope="module")
def foreign_url() -> Iterator[str]:
    """A page at another port of the same machine: to cookies that is the same site, to origins it is not."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("path", ["ws/", "ws/tea/", "room/tea/"])
def test_a_foreign_page_opens_no_socket_with_its_visitors_cookies(
    visit: Visit, site: ServerProcess, foreign_url: str, path: str
) -> None:
    ann = visit("Ann")
    ann.enter("tea")
    url = site.ws_url + "/" + path
    assert ann.page.evaluate(OPEN, [url, ["teahouse.v1"]]) == ["open", "guest"]
    log = len(site.log)
    foreign = ann.page.context.new_page()
    foreign.goto(foreign_url)
    assert "teahouse_guest" in {cookie["name"] for cookie in ann.page.context.cookies(foreign_url)}
    for protocols in (["teahouse.v1"], []):
        assert foreign.evaluate(OPEN, [url, protocols]) == [1006]
    foreign.close()
    origin = foreign_url.rstrip("/")
    assert f"(origin_refused): the page is of '{origin}', this site is '127.0.0.1:{site.port}'" in site.log[log:]
    assert f"expected 'http://127.0.0.1:{site.port}'" in site.log[log:]


def test_a_foreign_page_posts_nothing_with_its_visitors_cookies(
    visit: Visit, site: ServerProcess, foreign_url: str
) -> None:
    ann = visit("Ann")
    ann.enter("form")
    foreign = ann.page.context.new_page()
    foreign.goto(foreign_url)
    command = '{"type":"post","id":1,"room":"form","key":"k","text":"forged"}'
    for url, form in [(site.url + "/room/form/", {"text": "forged"}), (site.url + "/api/v1/", {command: ""})]:
        assert foreign.evaluate(POST, [url, form]) == "opaque"
    foreign.close()
    ann.say("mine")
    ann.sees("mine")
    assert "forged" not in ann.page.content()
