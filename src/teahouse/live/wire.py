"""Writes ready-made frames straight to a socket, where the server offers that; used by the sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from teahouse.live.frames import Packet
from teahouse.live.outlet import AsgiOutlet, Outlet, Send

EXTENSION = "teahouse.wire"
"""Where in a scope's ``extensions`` a server offers its connection."""

WRITE_BYTES = 64 * 1024
"""What waited is joined into writes of at most so much."""


class Wire(Protocol):
    """One accepted connection, as ``teahouse.server`` offers it."""

    is_paused: bool
    """The socket's buffer is full: write no more until ``on_resume`` is called."""
    on_resume: Callable[[], None] | None

    def write(self, frames: bytes) -> None:
        """Write whole frames; nothing happens once the connection closes."""

    def waiting_bytes(self) -> int:
        """Return how much the socket's buffer holds."""

    def close(self, code: int, reason: str) -> None:
        """Send a close frame after what was written."""

    def abort(self) -> None:
        """End the connection without waiting for what the other side does not take."""


class WireOutlet(Outlet):
    """Writes at once while the socket takes it: no task, no wait and no copy. What it does not take is queued."""

    def __init__(self, wire: Wire, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> None:
        super().__init__(max_bytes, on_overflow)
        self._wire = wire
        self._drained: asyncio.Event | None = None
        self._ended = False
        self._seen_waiting = 0
        self._progress_at = 0.0
        wire.on_resume = self._resume

    def close(self, code: int, reason: str) -> None:
        """Close the socket after what is queued."""
        if self._closing is None:
            self._closing = (code, reason)
            if not self._queue:
                self._wire.close(code, reason)

    async def drained(self) -> None:
        """Wait until the socket takes more, and all that was queued is written."""
        while not self._ended and (self._queue or self._wire.is_paused):
            if self._drained is None:
                self._drained = asyncio.Event()
            await self._drained.wait()

    def stalled_for(self, now: float) -> float:
        """Return for how many seconds nothing left the socket's buffer although something waits (loop time)."""
        waiting = self._wire.waiting_bytes() if self._wire.is_paused else 0
        if not waiting or waiting != self._seen_waiting:
            self._seen_waiting, self._progress_at = waiting, now
        return now - self._progress_at

    def end(self) -> None:
        """Forget all that waits: the socket is gone."""
        self._forget_all()
        self._wire.on_resume = None
        self._ended = True
        self._tell_drained()
        self._wire.abort()

    def _put(self, room: str | None, packet: Packet) -> None:
        if self._queue or self._wire.is_paused:
            self._enqueue(room, packet)
        else:
            self._wire.write(packet.wire)

    def _resume(self) -> None:
        while self._queue and not self._wire.is_paused:
            frames, size = [self._dequeue().wire], 0
            while self._queue and (size := size + len(frames[-1])) + self._queue[0][1].size < WRITE_BYTES:
                frames.append(self._dequeue().wire)
            self._wire.write(b"".join(frames))
        if not self._queue and not self._wire.is_paused:
            if self._closing is not None:
                self._wire.close(*self._closing)
            self._tell_drained()

    def _tell_drained(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None


def outlet_for(scope: dict[str, Any], send: Send, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> Outlet:
    """Return the way out of a socket: its wire where the server offers one, else ASGI's ``send``."""
    wire: Wire | None = scope.get("extensions", {}).get(EXTENSION)
    if wire is None:
        return AsgiOutlet(send, max_bytes, on_overflow)
    return WireOutlet(wire, max_bytes, on_overflow)
