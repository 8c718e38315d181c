"""Begins work at once, and goes on in a task only where it has to wait; used by lines for what arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


def begin(work: Work) -> asyncio.Task[None] | None:
    """Do work as far as it goes without waiting, which mostly is to its end; return the task of the rest, if any.

    A task for each message, and the turn of the event loop that it waits for, cost more than most messages do. The work
    must not ask which task it is before it has waited.
    """
    try:
        waits_for = work.send(None)
    except StopIteration:
        return None
    task = asyncio.ensure_future(_rest(work, waits_for))
    task.add_done_callback(lambda _: work.close())  # one that is cancelled before its first step tells the work nothing
    return task


async def _rest(work: Work, waits_for: Any) -> None:
    await _go_on(work, waits_for)


@coroutine
def _go_on(work: Work, waits_for: Any) -> Generator[Any, Any, None]:
    """Wait in this task for what the work waits for."""
    while True:
        try:
            answer = yield waits_for
        except GeneratorExit:
            work.close()
            raise
        except BaseException as error:  # the task is cancelled: the work is told
            step: Callable[[], Any] = partial(work.throw, error)
        else:
            step = partial(work.send, answer)
        try:
            waits_for = step()
        except StopIteration:
            return
