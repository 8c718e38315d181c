"""Sockets without a network: the edge's ASGI application, spoken to by a test; what tests of sessions talk through."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from teahouse.handshakes import SUBPROTOCOL
from teahouse.live.process import current, drain
from teahouse.routing import with_chat


class Socket:
    """One handshake and what follows; `heard` has all events and answers in their order."""

    def __init__(self, path: str, *, plain: bool = False, headers: dict[str, str] | None = None, **scope: Any) -> None:
        given = {"host": "testserver", **(headers or {})}
        self.scope = {
            "type": "websocket",
            "path": path,
            "scheme": "ws",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "subprotocols": [] if plain else [SUBPROTOCOL],
            "extensions": {"websocket.http.response": {}},
            **scope,
        }
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.stopped = asyncio.Event()
        self.stopped.set()
        self.task: asyncio.Task[None] | None = None

    async def open(self) -> dict[str, Any]:
        """Open it; returns the server's first message."""
        self._to_server.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.ensure_future(with_chat(not_found)(self.scope, self._to_server.get, self._send))
        return await self.next()

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            return await self._from_server.get()

    async def hear(self) -> Any:
        """The next frame: JSON, or the text itself on a plain socket."""
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"]) if self.scope["subprotocols"] else message["text"]

    async def hear_of(self, kind: str) -> Any:
        """The next frame of a kind; others are passed over."""
        while (event := await self.hear())["type"] != kind:
            pass
        return event

    async def closed(self) -> tuple[int, str]:
        """The code and reason of the close; what was queued before is passed over."""
        while (message := await self.next())["type"] != "websocket.close":
            pass
        return message["code"], message.get("reason", "")

    def say(self, frame: Any) -> None:
        kind = "bytes" if isinstance(frame, bytes) else "text"
        frame = json.dumps(frame) if isinstance(frame, dict) else frame
        self._to_server.put_nowait({"type": "websocket.receive", kind: frame})

    async def ask(self, **command: Any) -> Any:
        """Say a command and return its answer; events in between are passed over."""
        self.say({"id": 1, **command})
        while (answer := await self.hear())["type"] not in ("ok", "error"):
            pass
        return answer

    async def hello(self, *rooms: Any, **fields: Any) -> Any:
        asked = [room if isinstance(room, dict) else {"room": room} for room in rooms]
        return await self.ask(type="hello", version=1, rooms=asked, **fields)

    async def end(self) -> None:
        """Go away, as a browser does."""
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1001})
        if self.task is not None:
            async with asyncio.timeout(20):
                await self.task

    async def _send(self, message: dict[str, Any]) -> None:
        await self.stopped.wait()
        self._from_server.put_nowait(message)


async def not_found(scope: Any, receive: Any, send: Any) -> None:
    """The host's own application, which has no sockets."""
    await send({"type": "not.ours"})


@asynccontextmanager
async def opened(*sockets: Socket) -> AsyncIterator[None]:
    """Opens sockets, and lets go of them and of all threads at the end."""
    try:
        for socket in sockets:
            accepted = await socket.open()
            assert accepted["type"] == "websocket.accept", accepted
        yield
    finally:
        for socket in sockets:
            await socket.end()
        current()
        await drain(0)
