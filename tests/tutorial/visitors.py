"""People at the tutorial's socket addresses: how a test here connects, listens and is turned away."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.servers.processes import ServerProcess

PATIENCE_SECONDS = 10
GREETING = "Welcome, the tea is ready. 欢迎，茶泡好了。"


@contextmanager
def visit(server: ServerProcess, path: str, origin: str | None = "own") -> Iterator[ClientConnection]:
    """An open socket at `path`, as a page of the same site opens it unless another `origin` is given."""
    own = server.url if origin == "own" else origin
    with connect(
        server.ws_url + quote(path),
        origin=None if own is None else Origin(own),
        proxy=None,
        open_timeout=PATIENCE_SECONDS,
        close_timeout=PATIENCE_SECONDS,
    ) as socket:
        yield socket


def hear(socket: ClientConnection) -> str:
    """The next text frame."""
    text = socket.recv(timeout=PATIENCE_SECONDS)
    assert isinstance(text, str)
    return text


def send_and_go_on(socket: ClientConnection, frame: str | bytes) -> None:
    """Send `frame` and, as far as the server lets it, one more that is then under way."""
    with suppress(ConnectionClosed):
        socket.send(frame)
        socket.send("a frame that was under way")


def close_code(socket: ClientConnection) -> int | None:
    """The code with which the server closes, which it must do now and without another word."""
    try:
        text = socket.recv(timeout=PATIENCE_SECONDS)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    raise AssertionError(f"still open, and heard {text!r}")


def refusal(server: ServerProcess, path: str, origin: str | None) -> int:
    """The HTTP status of a handshake that must fail."""
    try:
        with visit(server, path, origin):
            raise AssertionError(f"{origin} got in at {path}")
    except InvalidStatus as error:
        return error.response.status_code
