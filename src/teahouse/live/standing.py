"""Whether those whose sockets are open are still who they were: looked at in every sweep, and when somebody changed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any, Protocol

from django.db import connection

from teahouse.chat.people import Identity, newest_change_of_people, people_changed_since
from teahouse.chat.proofs import Proof, can_be_compared, fallen
from teahouse.errors import Unavailable
from teahouse.live.threads import Readers, call_in
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

AGAIN_SECONDS = 0.5
"""Who changed is looked at once more after this: Django tells of a logout before it ends the session."""

LATE_SECONDS = 10.0
"""Whoever opened a socket so long after they changed may have been known from before: they are looked at again."""

UNDER_WAY = 16
"""So many changes of people may commit in another order than that of their numbers, where several can be under way."""


class OpenSocket(Protocol):
    """One open socket, as far as it matters who it is."""

    person: Identity
    proof: Proof | None

    def fall(self, proof: Proof) -> None:
        """Be told that a proof stands no longer."""

    def ask_rights_again(self) -> None:
        """Be told that what the person may, has perhaps changed."""


class Standing:
    """Looks after the sockets of one process. Made by its ``Live``."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, readers: Readers, sockets: Callable[[], Iterable[OpenSocket]]
    ) -> None:
        self._loop = loop
        self._readers = readers
        self._sockets = sockets
        self._waiting: set[str] = set()
        self._lately: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._working = self._ended = False
        self._alone_due = 0.0
        self._newest: int | None = None
        self._known: dict[str, int] = {}

    def stop(self) -> None:
        """Look at nobody any more."""
        self._ended = True
        for task in list(self._tasks):
            task.cancel()

    # In the event loop.

    def changed(self, uids: Collection[str]) -> None:
        """Look at these people at once, and once more in a moment; what comes meanwhile is looked at together."""
        now = self._loop.time()
        self._lately = {uid: at for uid, at in self._lately.items() if now - at < LATE_SECONDS}
        self._lately.update(dict.fromkeys(uids, now))
        self._waiting.update(uids)
        if not self._working:
            self._working = True
            self._spawn(self._work())

    def came(self, socket: OpenSocket) -> None:
        """Look at a socket that was opened, or proved anew, when its person changed while that was under way.

        What they may was perhaps asked before they changed, so that is asked again too.
        """
        at = self._lately.get(socket.person.uid)
        if at is not None and self._loop.time() - at < LATE_SECONDS:
            socket.ask_rights_again()
            self._spawn(self._look_at([socket]))

    async def recheck(self, uids: Collection[str]) -> None:
        """Ask again, for all sockets of these people, what they may, and whether their proofs stand."""
        found = [socket for socket in self._sockets() if socket.person.uid in uids]
        for socket in found:
            socket.ask_rights_again()
        await self._look_at(found)

    async def _work(self) -> None:
        try:
            while self._waiting:
                uids, self._waiting = self._waiting, set()
                await self.recheck(uids)
                self._loop.call_later(AGAIN_SECONDS, self._look_again, uids)
        finally:
            self._working = False

    def _look_again(self, uids: set[str]) -> None:
        found = [socket for socket in self._sockets() if socket.person.uid in uids]
        if found:
            self._spawn(self._look_at(found))

    async def _look_at(self, sockets: Iterable[OpenSocket]) -> None:
        held = _proofs_of(sockets)
        try:
            down = await self._readers.run(fallen, list(held)) if held else ()
        except Unavailable:
            return  # which was logged; the sweep looks again
        self._end([(held[proof], proof) for proof in down])

    async def _look_one_by_one(self) -> None:
        """Ask a host's own code about each login, which may be slow: it holds one reader and nobody else."""
        for socket in list(self._sockets()):
            await self._look_at([socket])

    def _end(self, down: Iterable[tuple[OpenSocket, Proof]]) -> None:
        for socket, proof in down:
            socket.fall(proof)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._ended:
            work.close()
            return
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # one that is cancelled before its first step

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("logins could not be looked at; the sweep does it again")

    # In the sweep's thread.

    def sweep(self, is_due: bool) -> None:
        """Find who changed without a ring, and (when a sweep is due) whose login ended without anybody's word.

        On SQLite it is called also whenever something was written, which costs one look into an index.
        """
        uids = self._moved(is_due)
        if uids:
            call_in(self._loop, self.changed, uids)
        if not is_due:
            return
        if can_be_compared():
            held = _proofs_of(self._sockets())
            down = [(held[proof], proof) for proof in fallen(list(held))] if held else []
            if down:
                call_in(self._loop, self._end, down)
        elif time.monotonic() >= self._alone_due:
            self._alone_due = time.monotonic() + settings.RIGHTS_SECONDS
            call_in(self._loop, lambda: self._spawn(self._look_one_by_one()))

    def _moved(self, is_due: bool) -> set[str]:
        """Return the people whose numbers rose since the last look."""
        if self._newest is None:
            self._newest = newest_change_of_people()
            self._known = people_changed_since(self._newest - UNDER_WAY)
            return set()
        one_at_a_time = connection.vendor == "sqlite"
        found = people_changed_since(self._newest - (0 if one_at_a_time and not is_due else UNDER_WAY))
        moved = {uid for uid, number in found.items() if self._known.get(uid) != number}
        self._known.update(found)
        if found:
            self._newest = max(self._newest, *found.values())
        if is_due:
            self._known = found
        return moved


def _proofs_of(sockets: Iterable[OpenSocket]) -> dict[Proof, OpenSocket]:
    return {proof: socket for socket in sockets if (proof := socket.proof) is not None}
