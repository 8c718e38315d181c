"""Everything live in one event loop, started at the first socket: writer, readers, hub, doorbell, sweep, sessions."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeVar

from teahouse.chat import announcing
from teahouse.chat.announcing import Committed
from teahouse.chat.entering import enter_together
from teahouse.chat.people import Identity
from teahouse.chat.policy import has_own_policy
from teahouse.chat.proofs import proved_by_sessions
from teahouse.live.asking import Asking
from teahouse.live.doorbell import Doorbell, people_from_outside, ring_from_outside, ring_layer
from teahouse.live.doors import Doors
from teahouse.live.frames import Growth
from teahouse.live.gathering import Gathering
from teahouse.live.hub import Hub
from teahouse.live.standing import OpenSocket, Standing
from teahouse.live.sweep import Sweep
from teahouse.live.threads import Readers, call_in
from teahouse.live.writer import Writer
from teahouse.protocol.closes import Close
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

TICK_SECONDS = 1.0

T = TypeVar("T")

_DRAIN_SLICES = 20
_RETURNS_PER_SECOND = 500
"""How many clients may come back in a second after a restart: the server spreads them so."""


class Session(OpenSocket, Protocol):
    """One open socket, as the process sees it."""

    address: str
    counted_as: str | None

    def tick(self, now: float) -> None:
        """Look at what is due (loop time): hello, ping, a line that takes nothing."""

    def leave(self, close: Close, text: str, retry_after: float | None) -> None:
        """Say bye and close."""


class Live:
    """The live part of one process. Made by ``current``; every method is called in its event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.draining = False
        self._sessions: set[Session] = set()
        self._committed: deque[Committed] = deque()
        self._empty = asyncio.Event()
        self._empty.set()
        self._unwatching: asyncio.Future[None] | None = None
        self.doors = Doors()
        self.readers = Readers(settings.READER_THREADS)
        self.logins = Gathering(self.readers, proved_by_sessions)
        self.entering = Gathering(self.readers, enter_together)
        self.asking = Asking(settings.POLICY_THREADS)
        self.writer = Writer(loop, settings.WRITER_QUEUE, settings.WRITER_BATCH)
        self.hub = Hub(self.readers, self._watch)
        layer = ring_layer()
        self.standing = Standing(loop, self.readers, lambda: list(self._sessions))
        self.doorbell = Doorbell(layer, self.hub.take, self.standing.changed) if layer is not None else None
        self._starting = asyncio.ensure_future(self.doorbell.start()) if self.doorbell else None
        self.sweep = Sweep(lambda: list(self.hub.channels), self._found, self.standing.sweep)
        self._ticking = loop.call_later(TICK_SECONDS, self._tick)

    def opened(self, session: Session) -> None:
        """Count an open socket, to be looked after."""
        self._sessions.add(session)
        self._empty.clear()
        self.standing.came(session)

    def ended(self, session: Session) -> None:
        """Forget a socket that is gone."""
        self._sessions.discard(session)
        self.doors.let_out(session)
        if not self._sessions:
            self._empty.set()

    async def ask(
        self, room: str, function: Callable[..., T], *arguments: Any, by: Identity, seconds: float | None = None
    ) -> T:
        """Return what a function returns that may ask the policy: a host's own is asked where it delays only a room.

        Guests of one network count as one who asks: another guest costs nothing.
        """
        if has_own_policy():
            return await self.asking.ask(room, function, *arguments, by=by.network or by.uid, seconds=seconds)
        return await self.readers.run(function, *arguments)

    def announced(self, committed: Sequence[Committed]) -> None:
        """Take what any thread of this process committed."""
        self._committed.extend(committed)
        call_in(self.loop, self._deliver)

    def people_changed(self, uids: Collection[str]) -> None:
        """Take, from any thread of this process, that people are to be looked at again, here and elsewhere."""
        call_in(self.loop, self._look_again, uids)

    async def drain(self, seconds: float) -> None:
        """Let everybody go within so many seconds: take no more, finish what was begun, then say bye in slices."""
        self.draining = True
        deadline = self.loop.time() + seconds
        try:
            async with asyncio.timeout(seconds / 3):
                await self.writer.finish()
        except TimeoutError:
            logger.warning("the database was too slow to finish; what it did not take will be sent again")
        leaving = list(self._sessions)
        slices = [leaving[start::_DRAIN_SLICES] for start in range(_DRAIN_SLICES)]
        spread = min(settings.DRAIN_SECONDS * 2, 0.5 + len(leaving) / _RETURNS_PER_SECOND)
        for group in filter(None, slices):
            for session in group:
                session.leave(Close.RESTART, "the server restarts", round(random.uniform(0.2, spread), 2))
            await asyncio.sleep(min(seconds / 3 / _DRAIN_SLICES, len(leaving) / 1000))
        try:
            async with asyncio.timeout_at(deadline):
                await self._empty.wait()
        except TimeoutError:
            logger.warning("%d sockets did not take their bye", len(self._sessions))

    async def stop(self) -> None:
        """End the threads and tasks."""
        self._ticking.cancel()
        self.standing.stop()
        if self.doorbell is not None:
            await self.doorbell.stop()
        await self.loop.run_in_executor(None, self.stop_threads)
        _lives.pop(self.loop, None)

    def stop_threads(self) -> None:
        """End the threads, after what is queued; called outside the event loop."""
        self.sweep.stop()
        self.writer.stop()
        self.readers.stop()
        self.asking.stop()

    async def _watch(self, log_id: int) -> None:
        if self.doorbell is not None:
            await self.doorbell.watch(log_id)

    def _deliver(self) -> None:
        """Deliver all that was committed so far: once per room, however many commits piled up during a fan-out."""
        gathered = [self._committed.popleft() for _ in range(len(self._committed))]
        wanted = [one for one in gathered if self.doorbell is not None or self.hub.listens_to(one.room_id)]
        for growth in Growth.gather(wanted):
            self.hub.take(growth)
            if self.doorbell is not None:
                self.doorbell.ring(growth)

    def _look_again(self, uids: Collection[str]) -> None:
        self.standing.changed(uids)
        if self.doorbell is not None:
            self.doorbell.ring_people(uids)

    def _found(self, heads: dict[int, tuple[str, int]], asked: Sequence[int]) -> None:
        call_in(self.loop, self.hub.heads, heads, asked)

    def _tick(self) -> None:
        now = self.loop.time()
        for session in list(self._sessions):
            try:
                session.tick(now)
            except Exception:
                logger.exception("a socket could not be looked after")
        idle = self.hub.close_idle(now)
        if idle and self.doorbell is not None:
            self._unwatching = asyncio.ensure_future(self.doorbell.unwatch(idle))
        self._ticking = self.loop.call_later(TICK_SECONDS, self._tick)


_lives: dict[asyncio.AbstractEventLoop, Live] = {}


def current() -> Live:
    """Return the running event loop's live part, started at first need."""
    loop = asyncio.get_running_loop()
    if loop not in _lives:
        _abandon_ended_loops()
        _lives[loop] = Live(loop)
    return _lives[loop]


def _abandon_ended_loops() -> None:
    """Let go of what lived in loops that ended without a drain, as those of tests and of scripts do."""
    for loop, live in list(_lives.items()):
        if loop.is_closed():
            del _lives[loop]
            threading.Thread(target=live.stop_threads, daemon=True).start()


def listen() -> None:
    """Take what is committed, and who changed, anywhere in this process; called once, when Django's apps are ready."""
    announcing.subscribe(_announced)
    announcing.subscribe_to_people(_people_changed)


def _open_lives() -> list[Live]:
    return [live for live in list(_lives.values()) if not live.loop.is_closed()]


def _people_changed(uids: Collection[str]) -> None:
    lives = _open_lives()
    for live in lives:
        live.people_changed(uids)
    if not lives and ring_layer() is not None:
        people_from_outside(uids)


def _announced(committed: Sequence[Committed]) -> None:
    lives = _open_lives()
    for live in lives:
        live.announced(committed)
    if not lives and ring_layer() is not None:
        ring_from_outside(Growth.gather(committed))


async def drain(seconds: float | None = None) -> None:
    """Let every socket of this event loop go, then end its threads; a server calls it before it closes."""
    live = _lives.get(asyncio.get_running_loop())
    if live is not None:
        await live.drain(settings.DRAIN_SECONDS if seconds is None else seconds)
        await live.stop()
