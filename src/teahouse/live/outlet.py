"""What waits for one socket: bounded in bytes, sent in order, and never awaited by the hub; used by the sessions."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

logger = logging.getLogger("teahouse.live")

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet:
    """The sending side of a socket. A task stands only while something waits."""

    def __init__(self, send: Send, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> None:
        """``on_overflow`` is told the rooms whose events had to be dropped."""
        self._send = send
        self._max_bytes = max_bytes
        self._on_overflow = on_overflow
        self._queue: deque[tuple[str | None, str, int]] = deque()
        self._bytes = 0
        self._flusher: asyncio.Task[None] | None = None
        self._progress_at = 0.0
        self._closing: tuple[int, str] | None = None
        self._drained = asyncio.Event()
        self._drained.set()

    def event(self, room: str, text: str, size: int) -> None:
        """Queue a room's event; when the queue is full, all queued events go, and their rooms are told."""
        if self._bytes + size > self._max_bytes and self._queue:
            self._overflow(room)
        else:
            self._put(room, text, size)

    def answer(self, text: str) -> None:
        """Queue what is never dropped: answers, pages that were asked for, and what is said about the line itself."""
        self._put(None, text, len(text.encode()))

    def close(self, code: int, reason: str) -> None:
        """Close the socket after what is queued."""
        if self._closing is None:
            self._closing = (code, reason)
            self._wake()

    def is_full(self) -> bool:
        """Claim that no more should be queued before something is taken."""
        return self._bytes >= self._max_bytes

    async def drained(self) -> None:
        """Wait until all that was queued is sent."""
        await self._drained.wait()

    def stalled_for(self, now: float) -> float:
        """Return for how many seconds the socket has taken nothing although something waits (loop time)."""
        return now - self._progress_at if self._flusher is not None else 0.0

    def end(self) -> None:
        """Forget all that waits: the socket is gone."""
        self._queue.clear()
        self._bytes = 0
        if self._flusher is not None:
            self._flusher.cancel()
        self._drained.set()

    def _put(self, room: str | None, text: str, size: int) -> None:
        self._queue.append((room, text, size))
        self._bytes += size
        self._wake()

    def _wake(self) -> None:
        if self._flusher is None:
            loop = asyncio.get_running_loop()
            self._progress_at = loop.time()
            self._drained.clear()
            self._flusher = loop.create_task(self._flush())

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                _, text, size = self._queue.popleft()
                self._bytes -= size
                await self._send({"type": "websocket.send", "text": text})
                self._progress_at = loop.time()
            if self._closing is not None:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:  # each server raises its own error when the other side is gone
            logger.debug("a socket ended while it was written to: %r", error)
            self._queue.clear()
            self._bytes = 0
        finally:
            self._flusher = None
            self._drained.set()

    def _overflow(self, room: str) -> None:
        dropped = {owner for owner, _, _ in self._queue if owner is not None} | {room}
        self._queue = deque(waiting for waiting in self._queue if waiting[0] is None)
        self._bytes = sum(size for _, _, size in self._queue)
        self._on_overflow(dropped)
