"""Writes ready-made frames straight to a socket, where the server offers that; used by the sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from teahouse.live.frames import WRITE_BYTES, Batch, Packet
from teahouse.live.outlet import AsgiOutlet, Outlet, Send

EXTENSION = "teahouse.wire"
"""Where in a scope's ``extensions`` a server offers its connection."""


class Wire(Protocol):
    """One accepted connection, as ``teahouse.server`` offers it."""

    take: Callable[[bytes], None] | None
    """Writes whole frames; None while the socket's buffer is full, and while the connection is not open."""
    on_change: Callable[[], None] | None
    """Called when ``take`` is another one, and when the connection is lost."""
    disconnected: bool

    def hand_over(self, on_message: Callable[[dict[str, Any]], None], *, pings: bool = False) -> None:
        """Give whatever arrives to this function, one message until ``read_on`` is called; nobody need wait for it.

        ``pings`` says that who takes it looks whether the other side is still there, so that the server need not.
        """

    def read_on(self) -> None:
        """Read the next message, after the last one was done."""

    def release(self) -> None:
        """End the connection, unless it is closing already."""

    def waiting_bytes(self) -> int:
        """Return how much the socket's buffer holds."""

    def close(self, code: int, reason: str) -> None:
        """Send a close frame after what was written."""

    def abort(self) -> None:
        """End the connection without waiting for what the other side does not take."""


class WireOutlet(Outlet):
    """Writes at once while the socket takes it: no task, no wait and no copy. What it does not take is queued."""

    __slots__ = ("_ended", "_progress_at", "_seen_waiting", "_take", "_wire")

    def __init__(self, wire: Wire, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> None:
        super().__init__(max_bytes, on_overflow)
        self._wire = wire
        self._ended = False
        self._seen_waiting = 0
        self._progress_at = 0.0
        self._take = wire.take
        """Writes at once; None while that is not possible, or would overtake what waits."""
        wire.on_change = self._changed

    def event(self, batch: Batch) -> None:
        """Write or queue what a room's watchers hear; this is done for each socket, so it makes no detour."""
        if self._take is None:
            super().event(batch)
        elif len(batch.packets) == 1:
            self._take(batch.packets[0].wire)
        else:
            for packet in batch.packets:
                self._put(batch.room, packet)

    def close(self, code: int, reason: str) -> None:
        """Close the socket after what is queued."""
        if self._closing is None:
            self._closing = (code, reason)
            self._take = None
            if not self._queue:
                self._wire.close(code, reason)

    def stalled_for(self, now: float) -> float:
        """Return for how many seconds nothing left the socket's buffer although something waits (loop time)."""
        waiting = self._wire.waiting_bytes() if self._take is None else 0
        if not waiting or waiting != self._seen_waiting:
            self._seen_waiting, self._progress_at = waiting, now
        return now - self._progress_at

    def end(self) -> None:
        """Forget all that waits: the socket is gone."""
        self._forget_all()
        self._wire.on_change = self._take = None
        self._ended = True
        self._tell_drained()
        self._wire.abort()

    def waits(self) -> bool:
        return bool(self._queue) or (self._take is None and self._closing is None and not self._ended)

    def _put(self, room: str | None, packet: Packet) -> None:
        if self._take is not None:
            self._take(packet.wire)
        elif self._closing is None and not self._ended:
            self._enqueue(room, packet)

    def _changed(self) -> None:
        if self._wire.disconnected:
            self.end()
            return
        self._take = None
        while self._queue and self._wire.take is not None:
            frames, size = [self._dequeue().wire], 0
            while self._queue and (size := size + len(frames[-1])) + self._queue[0][1].size < WRITE_BYTES:
                frames.append(self._dequeue().wire)
            self._wire.take(b"".join(frames))
        if not self._queue and self._wire.take is not None:
            if self._closing is not None:
                self._wire.close(*self._closing)
            else:
                self._take = self._wire.take
            self._tell_drained()


def wire_in(scope: dict[str, Any]) -> Wire | None:
    """Return the connection that a server offers in a scope, or None."""
    wire: Wire | None = scope.get("extensions", {}).get(EXTENSION)
    return wire


def outlet_for(scope: dict[str, Any], send: Send, max_bytes: int, on_overflow: Callable[[set[str]], None]) -> Outlet:
    """Return the way out of a socket: its wire where the server offers one, else ASGI's ``send``."""
    wire = wire_in(scope)
    if wire is None:
        return AsgiOutlet(send, max_bytes, on_overflow)
    return WireOutlet(wire, max_bytes, on_overflow)
