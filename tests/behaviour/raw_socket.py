"""A socket that says only what a test tells it, and keeps every frame that came, whatever a client would make of it."""

import asyncio
import contextlib
import itertools
from types import TracebackType
from typing import Any, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.behaviour.chatter import SUBPROTOCOL

Frame = dict[str, Any]


class RawSocket:
    """`frames` has all events, `answers` all answers by the id of their command."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self.token = url, token
        self.frames: list[Frame] = []
        self.answers: dict[int, Frame] = {}
        self._ids = itertools.count(1)
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.socket: ClientConnection = await connect(
            f"{self.url}/ws/",
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            compression=None,
            proxy=None,
            max_size=None,
            ping_interval=None,
        )
        self._reading = asyncio.create_task(self._read())
        said = {"token": self.token} if self.token else {}
        welcome = await self.ask("hello", version=1, rooms=[], **said)
        self.me = welcome["me"]
        self.token = welcome.get("token", self.token)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading.cancel()
        await self.socket.close()

    async def say(self, command: str, **fields: Any) -> int:
        """Sends a command; returns its id, under which the answer will stand."""
        command_id = next(self._ids)
        await self.socket.send(msgspec.json.encode({"type": command, "id": command_id, **fields}).decode())
        return command_id

    async def ask(self, command: str, **fields: Any) -> Frame:
        """Sends a command and returns its answer."""
        command_id = await self.say(command, **fields)
        await self.until(lambda: command_id in self.answers)
        return self.answers[command_id]

    async def until(self, holds: Any, seconds: float = 15) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def until_event(self, kind: str) -> Frame:
        """Returns the last event of a kind, as soon as there is one."""
        await self.until(lambda: any(frame["type"] == kind for frame in self.frames))
        return next(frame for frame in reversed(self.frames) if frame["type"] == kind)

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = msgspec.json.decode(await self.socket.recv())
                if frame["type"] in ("ok", "error"):
                    self.answers[frame["id"]] = frame
                else:
                    self.frames.append(frame)
                self._news.set()
