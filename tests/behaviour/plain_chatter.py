"""A plain client of the tests: texts in, texts out, and the close code when it is sent away."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.behaviour.chatter import PATIENCE_SECONDS
from tests.behaviour.small_socket import small_socket


class PlainChatter:
    """One plain socket. `async with` returns when the server has opened it: from then on it hears all."""

    def __init__(self, url: str, *, room: str = "tea", path: str = "ws", small_buffers: bool = False) -> None:
        self.address = f"{url}/{path}/{quote(room)}/"
        self.texts: list[str] = []
        self.close: tuple[int, str] | None = None
        self._small = small_socket(url) if small_buffers else None
        self._reading = asyncio.Event()
        self._reading.set()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        options: dict[str, Any] = {} if self._small is None else {"sock": self._small, "max_queue": 1}
        self.socket = await connect(
            self.address, compression=None, proxy=None, ping_interval=None, close_timeout=1, **options
        )
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.socket.close()

    async def ended(self) -> None:
        """Returns when the line is gone; `close` is None when it went without a word."""
        await asyncio.shield(self._task)

    async def say(self, text: str) -> None:
        await self.socket.send(text)

    async def until(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s: {what}; heard {len(self.texts)} texts") from None

    def stop_reading(self) -> None:
        self._reading.clear()

    def read_on(self) -> None:
        self._reading.set()

    async def _listen(self) -> None:
        try:
            while True:
                await self._reading.wait()
                text = await self.socket.recv()
                assert isinstance(text, str)
                self.texts.append(text)
                self._news.set()
        except ConnectionClosed as closed:
            self.close = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else None
            self._news.set()
