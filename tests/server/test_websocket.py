"""Tests of `teahouse.server.websocket` on a real uvicorn: ready-made frames, closing, a reader that stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import uvicorn
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from teahouse.live.frames import Packet
from teahouse.live.wire import EXTENSION

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Server(uvicorn.Server):
    """uvicorn, saying when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.open = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.open.set()


@contextlib.asynccontextmanager
async def served(application: Application, **options: Any) -> AsyncIterator[str]:
    """Serves in this event loop on a free port of loopback; yields the address."""
    options = {"lifespan": "off", "log_config": None, "access_log": False, **options}
    server = Server(uvicorn.Config(application, ws="teahouse.server:WebSocket", port=0, **options))
    running = asyncio.ensure_future(server.serve())
    await asyncio.wait_for(server.open.wait(), 20)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await running


async def accept(receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})


async def read_on(client: ClientConnection, count: int) -> list[str]:
    return [str(await client.recv()) for _ in range(count)]


async def test_ready_made_frames_and_ordinary_ones_arrive_in_order_on_any_connection() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await accept(receive, send)
        wire = scope["extensions"][EXTENSION]
        wire.take(Packet("早上好").wire + Packet("x" * 70_000).wire)
        await send({"type": "websocket.send", "text": "ordinary"})
        wire.take(Packet("last").wire)
        await receive()

    for deflate in (False, True):
        async with served(application, ws_per_message_deflate=deflate) as url, websockets.connect(url) as client:
            assert await read_on(client, 4) == ["早上好", "x" * 70_000, "ordinary", "last"]


async def test_a_refused_handshake_is_answered_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"not from ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"there"})

    async with served(application) as url:
        with pytest.raises(InvalidStatus) as refused:
            await websockets.connect(url)
    assert (refused.value.response.status_code, refused.value.response.body) == (403, b"not from there")
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_close_says_code_and_reason_and_ends_the_application() -> None:
    heard: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await accept(receive, send)
        wire = scope["extensions"][EXTENSION]
        wire.take(Packet("last words").wire)
        wire.close(4200, "restart")
        wire.close(4000, "other")
        assert wire.take is None
        heard.append(await receive())

    async with served(application) as url, websockets.connect(url) as client:
        assert await client.recv() == "last words"
        await client.wait_closed()
        assert (client.close_code, client.close_reason) == (4200, "restart")
    assert heard[0]["type"] == "websocket.disconnect"


@pytest.mark.parametrize("later", [False, True])
async def test_a_close_in_answer_to_a_message_ends_the_connection_at_once(later: bool) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await accept(receive, send)
        wire = scope["extensions"][EXTENSION]

        def answer(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.receive" and later:
                asyncio.get_running_loop().call_soon(wire.close, 4000, "protocol_error")
            elif message["type"] == "websocket.receive":
                wire.close(4000, "protocol_error")

        wire.hand_over(answer)

    async with served(application) as url, websockets.connect(url, close_timeout=20) as client:
        await client.send("nonsense")
        # Before uvicorn's timer for whoever does not answer a close, which is 10 seconds.
        await asyncio.wait_for(client.wait_closed(), 5)
        assert (client.close_code, client.close_reason) == (4000, "protocol_error")


async def test_a_reader_that_stops_pauses_the_wire_and_resumes_it() -> None:
    resumed = asyncio.Event()
    paused = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await accept(receive, send)
        wire = scope["extensions"][EXTENSION]
        written = 0
        while wire.take is not None:
            wire.take(Packet("x" * 60_000).wire)
            written += 1
            await asyncio.sleep(0)
        assert wire.waiting_bytes() > 0
        wire.on_change = resumed.set
        paused.set()
        await resumed.wait()
        assert wire.take is not None
        await send({"type": "websocket.send", "text": f"after {written}"})
        await receive()

    async with served(application) as url, websockets.connect(url, max_queue=1) as client:
        await asyncio.wait_for(paused.wait(), 20)
        while not str(last := await client.recv()).startswith("after"):
            assert last == "x" * 60_000
        assert resumed.is_set()


async def test_a_paused_connection_can_be_aborted_and_one_that_closes_is_left_alone() -> None:
    gone = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await accept(receive, send)
        wire = scope["extensions"][EXTENSION]
        assert wire.take is not None
        wire.abort()
        while wire.take is not None:
            wire.take(Packet("x" * 60_000).wire)
            await asyncio.sleep(0)
        wire.abort()
        while (await receive())["type"] != "websocket.disconnect":
            pass
        assert wire.take is None
        wire.close(1000, "")
        gone.set()

    async with served(application) as url:
        client = await websockets.connect(url, max_queue=1)
        await asyncio.wait_for(gone.wait(), 20)
        client.transport.abort()


async def test_a_handshake_whose_address_is_too_long_is_answered() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("nobody comes so far")

    async with served(application) as url:
        port = int(url.split(":")[2].strip("/"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13"
        head = (
            f"GET /ws/{'x' * 10_000}/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
        )
        writer.write(head.encode())
        try:
            answer = await asyncio.wait_for(reader.read(), 20)
        finally:
            writer.close()
    assert answer.startswith(b"HTTP/1.1 414 ")
