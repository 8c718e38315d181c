"""Questions that arrive while an answer is read share the next read; used where many sockets open at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from teahouse.errors import TeahouseError
from teahouse.live.threads import Readers

MAX_TOGETHER = 500
"""So many questions share a read at most."""

MAX_LOOKS = 40
"""So many turns of the event loop a question waits at most for others; alone it waits for one."""

Q = TypeVar("Q")
A = TypeVar("A")


class Gathering(Generic[Q, A]):
    """Asks one thing for many at once: alone a question is read at once, under load reads grow and not their number."""

    def __init__(self, readers: Readers, read: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        """``read`` answers questions in their order, in a thread; it asks no code that could keep others waiting."""
        self._readers = readers
        self._read = read
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Return the answer to a question. When reading several fails, each is read by itself, and fails alone."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read_on())
        return await answer

    async def _read_on(self) -> None:
        try:
            while self._waiting:
                await self._more_come()
                taken, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
                asked = [(question, answer) for question, answer in taken if not answer.done()]
                if asked:
                    await self._read_together(asked)
        finally:
            self._reading = None

    async def _more_come(self) -> None:
        """Look at the network once more, and again while somebody came: whoever comes now is read with the others."""
        for _ in range(MAX_LOOKS):
            known = len(self._waiting)
            await asyncio.sleep(0)
            if len(self._waiting) == known:
                return

    async def _read_together(self, asked: Sequence[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            found: Sequence[Any] = await self._readers.run(self._read, [question for question, _ in asked])
        except Exception as error:
            if len(asked) > 1 and not isinstance(error, TeahouseError):
                for one in asked:
                    await self._read_together([one])
                return
            found = [error] * len(asked)
        for (_, answer), result in zip(asked, found, strict=True):
            if answer.done():
                continue
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)
