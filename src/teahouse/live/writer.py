"""The writer: one thread per process that commits together what was sent while its last transaction ran."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque

from django.db import connections
from msgspec import Struct

from teahouse.chat.actions import Action, PostMessage, Result
from teahouse.chat.portions import portion
from teahouse.chat.writing import write
from teahouse.errors import InternalError, Overloaded, TeahouseError
from teahouse.live.lanes import Lane
from teahouse.live.threads import JOIN_SECONDS, call_in

logger = logging.getLogger("teahouse.live")


class _Send(Struct):
    action: Action
    lane: Lane
    number: int
    future: asyncio.Future[Result]


class Writer:
    """Takes actions from one event loop and resolves each with its outcome or refusal, after the commit."""

    def __init__(self, loop: asyncio.AbstractEventLoop, max_waiting: int, max_batch: int) -> None:
        self._loop = loop
        self._max_waiting = max_waiting
        self._max_batch = max_batch
        self._waiting: deque[_Send] = deque()
        self._unsettled = 0
        self._all_settled = asyncio.Event()
        self._all_settled.set()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="teahouse-writer", daemon=True)
        self._thread.start()

    def submit(self, action: Action, lane: Lane, number: int) -> asyncio.Future[Result]:
        """Queue an action; called in the event loop. A full queue refuses at once, as ``overloaded``.

        ``number`` is its place in the lane, as that gave it.
        """
        future: asyncio.Future[Result] = self._loop.create_future()
        with self._lock:
            if not lane.is_open or self._ended or len(self._waiting) >= self._max_waiting:
                refusal = self._refusal(action, lane, number)
                if refusal is not None:
                    future.set_result(refusal)
                    return future
            self._waiting.append(_Send(action, lane, number, future))
            is_first = len(self._waiting) == 1
        if is_first:
            # A turn of the loop later: what came at the same moment is read by then, and shares the transaction.
            self._loop.call_soon(self._wake)
        self._unsettled += 1
        self._all_settled.clear()
        return future

    def refused(self, key: str, lane: Lane, number: int, refusal: TeahouseError) -> None:
        """Take note of a post that was refused outside of the queue: it is waited for, or will not come again."""
        with self._lock:
            if refusal.retry:
                lane.hold(key, refusal, number)
            else:
                lane.release(key)

    def stop(self) -> None:
        """Write what is queued, and end the thread; one that the database holds is left behind."""
        with self._lock:
            self._ended = True
            self._changed.notify()
        self._thread.join(JOIN_SECONDS)

    async def finish(self) -> None:
        """Wait until everything that is queued was written and answered."""
        while self._unsettled:
            await self._all_settled.wait()

    def _wake(self) -> None:
        with self._lock:
            self._changed.notify()

    def _refusal(self, action: Action, lane: Lane, number: int) -> TeahouseError | None:
        """Return why an action may not be queued, or None. Call it with the lock."""
        key = action.key if isinstance(action, PostMessage) else None
        refusal = lane.refusal(key, number) if key is not None else None
        if refusal is None and (self._ended or len(self._waiting) >= self._max_waiting):
            refusal = Overloaded(
                f'{len(self._waiting)} changes wait for the database (TEAHOUSE["WRITER_QUEUE"]); send it again',
                retry_after=1.0,
            )
            if key is not None:
                lane.hold(key, refusal, number)
        elif refusal is None and key is not None:
            lane.release(key)
        return refusal

    def _run(self) -> None:
        while batch := self._take():
            try:
                results = write([send.action for send in batch])
            except Exception:
                logger.exception("the writer could not write a batch of %d", len(batch))
                results = [InternalError("the server could not store this; its log says why") for _ in batch]
            settled = list(zip(batch, results, strict=True))
            call_in(self._loop, self._settle, settled + self._refused_alike(settled))
            del batch, results, settled  # while it waits, it holds on to nobody's words
        connections.close_all()

    def _take(self) -> list[_Send]:
        """Wait for the next sends; empty when the writer is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            count = portion((send.action for send in self._waiting), self._max_batch)
            return [self._waiting.popleft() for _ in range(count)]

    def _refused_alike(self, settled: list[tuple[_Send, Result]]) -> list[tuple[_Send, Result]]:
        """Hold the lanes of posts that were refused for now, and take out what is queued behind those posts.

        At once, before the sender can hear of it: when the refused post is sent again, nothing that was said after it
        may still stand in front, nor be refused only after something newer came in.
        """
        refused = [(send, result) for send, result in settled if isinstance(result, TeahouseError) and result.retry]
        if not refused:
            return []
        held: dict[Lane, TeahouseError] = {}
        with self._lock:
            for send, result in refused:
                if isinstance(send.action, PostMessage) and send.lane not in held:
                    held[send.lane] = result
                    send.lane.hold(send.action.key, result, send.number)
            waiting, self._waiting = self._waiting, deque()
            behind: list[_Send] = []
            for send in waiting:
                is_behind = isinstance(send.action, PostMessage) and send.lane in held
                (behind if is_behind else self._waiting).append(send)
        return [(send, held[send.lane]) for send in behind]

    def _settle(self, settled: list[tuple[_Send, Result]]) -> None:
        for send, result in settled:
            if not send.future.done():
                send.future.set_result(result)
        self._unsettled -= len(settled)
        if not self._unsettled:
            self._all_settled.set()
