"""What waits for one socket: bounded in bytes, sent in order, and never awaited by the hub; used by the sessions."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from teahouse.live.frames import Batch, Packet

logger = logging.getLogger("teahouse.live")

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet(ABC):
    """The sending side of a socket. How it goes out differs by server, what becomes of a full queue does not."""

    __slots__ = ("__weakref__", "_bytes", "_closing", "_drained", "_max_bytes", "_on_overflow", "_queue")

    def __init__(self, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> None:
        """``on_overflow`` is told the rooms whose events had to be dropped."""
        self._max_bytes = max_bytes
        self._on_overflow = on_overflow
        # A list: there is one for each socket, most are always empty, and a full one is short.
        self._queue: list[tuple[str | None, Packet]] = []
        self._bytes = 0
        self._closing: tuple[int, str] | None = None
        self._drained: asyncio.Event | None = None

    def event(self, batch: Batch) -> None:
        """Queue what a room's watchers hear; when the queue is full already, its events go, and their rooms are told.

        What comes in one batch is not counted against itself: a commit larger than the queue harms no quick client.
        """
        if self.is_full():
            self._overflow(batch.room)
        else:
            for packet in batch.packets:
                self._put(batch.room, packet)

    def answer(self, packet: Packet) -> None:
        """Queue what is never dropped: answers, pages that were asked for, and what is said about the line itself."""
        self._put(None, packet)

    def is_full(self) -> bool:
        """Claim that no more should be queued before something is taken."""
        return self._bytes >= self._max_bytes

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """Close the socket after what is queued."""

    async def drained(self) -> None:
        """Wait until all that was queued is sent, and the socket takes more."""
        while self.waits():
            if self._drained is None:
                self._drained = asyncio.Event()
            await self._drained.wait()

    @abstractmethod
    def stalled_for(self, now: float) -> float:
        """Return for how many seconds the socket has taken nothing although something waits (loop time)."""

    @abstractmethod
    def end(self) -> None:
        """Forget all that waits: the socket is gone."""

    @abstractmethod
    def waits(self) -> bool:
        """Claim that something waits for the socket."""

    @abstractmethod
    def _put(self, room: str | None, packet: Packet) -> None:
        """Send or queue a packet, which belongs to a room's events or to none."""

    def _tell_drained(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    def _enqueue(self, room: str | None, packet: Packet) -> None:
        self._queue.append((room, packet))
        self._bytes += packet.size

    def _dequeue(self) -> Packet:
        _, packet = self._queue.pop(0)
        self._bytes -= packet.size
        return packet

    def _forget_all(self) -> None:
        self._queue.clear()
        self._bytes = 0

    def _overflow(self, room: str) -> None:
        dropped = {owner for owner, _ in self._queue if owner is not None} | {room}
        self._queue = [waiting for waiting in self._queue if waiting[0] is None]
        self._bytes = sum(packet.size for _, packet in self._queue)
        self._on_overflow(dropped)


class AsgiOutlet(Outlet):
    """Sends through ASGI, whose ``send`` waits for a full socket. A task stands only while something waits."""

    __slots__ = ("_flusher", "_progress_at", "_send")

    def __init__(self, send: Send, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> None:
        super().__init__(max_bytes, on_overflow)
        self._send = send
        self._flusher: asyncio.Task[None] | None = None
        self._progress_at = 0.0

    def close(self, code: int, reason: str) -> None:
        """Close the socket after what is queued."""
        if self._closing is None:
            self._closing = (code, reason)
            self._wake()

    def stalled_for(self, now: float) -> float:
        """Return for how many seconds the socket has taken nothing although something waits (loop time)."""
        return now - self._progress_at if self._flusher is not None else 0.0

    def end(self) -> None:
        """Forget all that waits: the socket is gone."""
        self._forget_all()
        if self._flusher is not None:
            self._flusher.cancel()
            self._flusher = None
        self._tell_drained()

    def waits(self) -> bool:
        return self._flusher is not None

    def _put(self, room: str | None, packet: Packet) -> None:
        if self._closing is None:
            self._enqueue(room, packet)
            self._wake()

    def _wake(self) -> None:
        if self._flusher is None:
            loop = asyncio.get_running_loop()
            self._progress_at = loop.time()
            self._flusher = loop.create_task(self._flush())

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                for text in self._dequeue().texts:
                    await self._send({"type": "websocket.send", "text": text})
                    self._progress_at = loop.time()
            if self._closing is not None:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except Exception as error:  # each server raises its own error when the other side is gone
            logger.debug("a socket ended while it was written to: %r", error)
            self._forget_all()
        finally:
            self._flusher = None
            self._tell_drained()
