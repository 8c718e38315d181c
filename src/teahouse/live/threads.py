"""Threads with their own database connections: a bounded pool for reads that the event loop awaits."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connections

from teahouse.errors import database_away

logger = logging.getLogger("teahouse.live")

JOIN_SECONDS = 2.0
"""How long a stopping server waits for a kind of thread: one that a database holds must not keep it from ending."""

T = TypeVar("T")
_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Readers:
    """Runs reads in a few threads of our own, so that nobody waits for the thread that ``sync_to_async`` shares."""

    def __init__(self, threads: int) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        for _ in range(threads):
            self.add_thread()

    def add_thread(self) -> None:
        """Run one more."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._run, name=f"teahouse-reader-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def end_thread(self) -> None:
        """Run one less, as soon as one has done what is queued."""
        self._jobs.put(None)

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what the function returns, or raise what it raises; a lost connection is tried anew once."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((lambda: function(*arguments), loop, future))
        return await future

    def stop(self) -> None:
        """End the threads and their connections, after what is queued."""
        for _ in self._threads:
            self._jobs.put(None)
        deadline = time.monotonic() + JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, loop, future = job
            if future.cancelled():
                continue
            try:
                result, error = with_connection(work), None
            except BaseException as raised:
                result, error = None, _told(raised)
            call_in(loop, _settle, future, result, error)
        connections.close_all()


def with_connection(work: Callable[[], T]) -> T:
    """Do database work in a thread that keeps its connections, once more on fresh ones when they were lost.

    Raises Unavailable when the database does not answer then either.
    """
    try:
        return work()
    except (OperationalError, InterfaceError):
        connections.close_all()
    try:
        return work()
    except (OperationalError, InterfaceError) as error:
        connections.close_all()
        logger.error("the database does not answer: %s", type(error).__name__)
        raise database_away() from error


def call_in(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: Any) -> None:
    """Call a function in an event loop from a thread; when the loop is gone, nobody is left to hear."""
    try:
        loop.call_soon_threadsafe(function, *arguments)
    except RuntimeError:
        logger.debug("the event loop ended first")


def _told(raised: BaseException) -> Exception:
    """Return what a task can be told: SystemExit would end its event loop, and StopIteration never arrive."""
    if isinstance(raised, Exception) and not isinstance(raised, StopIteration):
        return raised
    logger.error("%s came out of a reader's work", type(raised).__name__, exc_info=raised)
    return RuntimeError(f"{type(raised).__name__} came out of a reader's work")


def _settle(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
