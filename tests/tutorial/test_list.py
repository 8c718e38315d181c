"""Stage 2 over real sockets: everyone in the process hears everyone, and the list shrinks."""

import base64
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.servers.processes import ServerProcess, wait_until
from tests.tutorial.visitors import close_code, hear, send_and_go_on, visit


def test_everyone_hears_everyone_and_leaving_shrinks_the_list(server: ServerProcess) -> None:
    with visit(server, "/list/") as ann:
        assert hear(ann) == "Someone came in, 1 here."
        with visit(server, "/list/") as bob:
            assert hear(ann) == hear(bob) == "Someone came in, 2 here."
            bob.send("大家好")
            assert hear(ann) == hear(bob) == "大家好"
        assert hear(ann) == "Someone left, 1 here."
        ann.send("alone again")
        assert hear(ann) == "alone again"


def test_a_line_that_breaks_without_a_word_counts_as_leaving(server: ServerProcess) -> None:
    with visit(server, "/list/") as ann:
        hear(ann)
        with visit(server, "/list/") as bob:
            assert hear(ann) == "Someone came in, 2 here."
            bob.socket.shutdown(socket.SHUT_RDWR)
            assert hear(ann) == "Someone left, 1 here."


def test_a_binary_frame_closes_its_sender_and_harms_nobody(server: ServerProcess) -> None:
    with visit(server, "/list/") as ann, visit(server, "/list/") as bob, visit(server, "/list/") as mallory:
        for guest, entries in [(ann, 3), (bob, 2), (mallory, 1)]:
            for _ in range(entries):
                hear(guest)
        send_and_go_on(mallory, b"\x00\xff")
        assert close_code(mallory) == 4006
        assert hear(ann) == hear(bob) == "Someone left, 2 here."
        ann.send("still here")
        assert hear(ann) == hear(bob) == "still here"


def test_one_who_stops_reading_delays_the_others_once_and_is_out(
    shared_server: Callable[[str], ServerProcess],
) -> None:
    # Only uvicorn waits for a slow reader; daphne buffers without limit.
    server = shared_server("uvicorn")
    letter = "茶" * 4000
    with visit(server, "/list/") as ann:
        hear(ann)
        with visit_without_reading(server, "/list/"):
            assert hear(ann) == "Someone came in, 2 here."
            for _ in range(700):  # 8 MB: past all that the kernel and the server keep for one socket
                ann.send(letter)
                assert hear(ann) == letter
            with visit(server, "/list/") as bob:
                assert hear(bob) == "Someone came in, 2 here."


@contextmanager
def visit_without_reading(server: ServerProcess, path: str) -> Iterator[None]:
    """A socket that shakes hands and never takes another byte."""
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        answer = raw.recv(64)
        assert b"101" in answer, answer
        yield


@pytest.fixture(autouse=True)
def _an_empty_list(request: pytest.FixtureRequest) -> None:
    """Waits until the guests of an earlier test have left, since one list serves the whole process."""
    if "server" in request.fixturenames:
        server: ServerProcess = request.getfixturevalue("server")
    else:
        server = request.getfixturevalue("shared_server")("uvicorn")
    wait_until(
        lambda: server.log.count("list: came in") == server.log.count("list: left"),
        "everyone has left the list",
    )
