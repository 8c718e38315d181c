"""Asks a host's own policy in threads of its own, so that a slow one delays nobody but its own room; used by lines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from teahouse.chat.patience import AT_ONCE, REPLACED, no_answer
from teahouse.live.threads import Readers
from teahouse.settings import settings

T = TypeVar("T")


class _Lane:
    """The questions about one room, or of one person about it: how many there are, and whose turn it is."""

    __slots__ = ("count", "turns")

    def __init__(self) -> None:
        self.count = 0
        self.turns = asyncio.Semaphore(AT_ONCE)


class _Question:
    """What a thread is to ask, unless it is given up before."""

    __slots__ = ("_arguments", "_begun", "_function", "_taken")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._function = function
        self._arguments = arguments
        self._taken = threading.Lock()
        self._begun = False

    def __call__(self) -> Any:
        """Ask; from the same thread again when its connection was lost meanwhile."""
        self._begun = self._begun or self._taken.acquire(blocking=False)
        return self._function(*self._arguments) if self._begun else None

    def give_up(self) -> bool:
        """Return whether no thread has begun to ask; then none will."""
        return self._taken.acquire(blocking=False)


class Asking:
    """A bounded pool with a lane for each room. Lives in one event loop; its threads start with the first question."""

    def __init__(self, threads: int) -> None:
        self._max_threads = threads
        self._threads: Readers | None = None
        self._lanes: dict[tuple[str, str | None], _Lane] = {}
        self._late = 0

    async def ask(
        self, room: str, function: Callable[..., T], *arguments: Any, by: str = "", seconds: float | None = None
    ) -> T:
        """Return what a function that asks the policy returns, or raise what it raises.

        ``by`` says who asks: of one's own questions about a room only so many wait among those of others, or whoever
        opens many sockets would have the room's turns for themselves.

        Raises Unavailable after ``POLICY_SECONDS``, or so many as are given. A thread that is still asking then is not
        waited for, and takes its room's turn until it is done; other rooms have another thread in its place.
        """
        patience = settings.POLICY_SECONDS if seconds is None else min(seconds, settings.POLICY_SECONDS)
        if self._late >= (1 + REPLACED) * self._max_threads:  # no thread is left: what waits would only pile up
            raise no_answer(room)
        question = _Question(function, arguments)
        asking = asyncio.ensure_future(self._in_turn(room, by, question))
        try:
            await asyncio.wait([asking], timeout=patience)
        finally:  # nobody waits for it any more, also when whoever asked was cancelled
            if not asking.done():
                self._give_up(question, asking)
        if asking.done():
            answer: T = asking.result()
            return answer
        raise no_answer(room)

    def stop(self) -> None:
        """End the threads, but for those that a policy holds."""
        if self._threads is not None:
            self._threads.stop()

    async def _in_turn(self, room: str, by: str, question: _Question) -> Any:
        async with self._turn((room, by)), self._turn((room, None)):
            return await self._pool().run(question)

    @asynccontextmanager
    async def _turn(self, of: tuple[str, str | None]) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(of, _Lane())
        lane.count += 1
        try:
            async with lane.turns:
                yield
        finally:
            lane.count -= 1
            if not lane.count:
                self._lanes.pop(of, None)

    def _pool(self) -> Readers:
        if self._threads is None:
            self._threads = Readers(self._max_threads)
        return self._threads

    def _give_up(self, question: _Question, asking: asyncio.Future[Any]) -> None:
        if question.give_up():
            asking.cancel()
            return
        self._late += 1
        if self._late <= REPLACED * self._max_threads:
            self._pool().add_thread()
        asking.add_done_callback(self._came_late)

    def _came_late(self, asking: asyncio.Future[Any]) -> None:
        if self._late <= REPLACED * self._max_threads:
            self._pool().end_thread()
        self._late -= 1
        if not asking.cancelled():
            asking.exception()  # looked at, so that nobody is told of an error that nobody waits for
