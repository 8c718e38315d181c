"""Asks a host's own policy in threads of its own, so that a slow one delays nobody but its own room; used by lines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from teahouse.chat.patience import AT_ONCE
from teahouse.errors import Unavailable
from teahouse.live.threads import Readers
from teahouse.settings import settings

logger = logging.getLogger("teahouse.policy")

T = TypeVar("T")


class NoAnswer(Unavailable):
    """The policy took too long for one room; all other rooms have their answers."""


class _Lane:
    """The questions about one room: how many there are, and who may ask."""

    __slots__ = ("count", "turns")

    def __init__(self) -> None:
        self.count = 0
        self.turns = asyncio.Semaphore(AT_ONCE)


class Asking:
    """A bounded pool with a lane for each room. Lives in one event loop; its threads start with the first question."""

    def __init__(self, threads: int) -> None:
        self._max_threads = threads
        self._threads: Readers | None = None
        self._lanes: dict[str, _Lane] = {}

    async def ask(self, room: str, function: Callable[..., T], *arguments: Any, seconds: float | None = None) -> T:
        """Return what a function that asks the policy returns, or raise what it raises.

        Raises NoAnswer after ``POLICY_SECONDS``, or so many as are given. A thread that is still asking then is not
        waited for, and takes its room's turn until it is done.
        """
        patience = settings.POLICY_SECONDS if seconds is None else min(seconds, settings.POLICY_SECONDS)
        asking = asyncio.ensure_future(self._in_turn(room, function, *arguments))
        done, _ = await asyncio.wait([asking], timeout=patience)
        if done:
            return asking.result()
        asking.add_done_callback(_forget)
        logger.warning("the policy did not answer within %g s for room %s", patience, room)
        raise NoAnswer(
            f'the site\'s own rules took longer than {patience:g} s for this room (TEAHOUSE["POLICY_SECONDS"])',
            retry_after=1.0,
        )

    def stop(self) -> None:
        """End the threads, but for those that a policy holds."""
        if self._threads is not None:
            self._threads.stop()

    async def _in_turn(self, room: str, function: Callable[..., T], *arguments: Any) -> T:
        lane = self._lanes.setdefault(room, _Lane())
        lane.count += 1
        try:
            async with lane.turns:
                if self._threads is None:
                    self._threads = Readers(self._max_threads)
                return await self._threads.run(function, *arguments)
        finally:
            lane.count -= 1
            if not lane.count:
                self._lanes.pop(room, None)


def _forget(asking: asyncio.Future[Any]) -> None:
    """Look at what came too late, so that nobody is told of an error that nobody waits for."""
    if not asking.cancelled():
        asking.exception()
