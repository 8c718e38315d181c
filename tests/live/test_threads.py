"""Tests of `teahouse.live.threads`."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from teahouse.errors import Unavailable
from teahouse.live.threads import Readers, call_in, with_connection


@pytest.fixture
def readers() -> Iterator[Readers]:
    readers = Readers(2)
    yield readers
    readers.stop()


async def test_a_read_runs_in_a_thread_of_its_own(readers: Readers) -> None:
    name = await readers.run(lambda: threading.current_thread().name)
    assert name.startswith("teahouse-reader-")


async def test_what_a_read_raises_reaches_who_asked(readers: Readers) -> None:
    def fail(word: str) -> None:
        raise ValueError(word)

    with pytest.raises(ValueError, match="no tea"):
        await readers.run(fail, "no tea")


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, StopIteration])
async def test_what_would_end_the_event_loop_is_told_as_an_error(
    readers: Readers, kind: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise kind

    async with asyncio.timeout(10):
        with pytest.raises(RuntimeError, match=kind.__name__):
            await readers.run(fail)
    assert kind.__name__ in caplog.text


async def test_reads_run_beside_each_other_up_to_the_number_of_threads(readers: Readers) -> None:
    both = threading.Barrier(2, timeout=10)
    await asyncio.gather(readers.run(both.wait), readers.run(both.wait))


async def test_a_read_that_nobody_waits_for_is_not_begun(readers: Readers) -> None:
    begun: list[int] = []
    go_on = threading.Event()
    busy = [asyncio.ensure_future(readers.run(go_on.wait, 10)) for _ in range(2)]
    await asyncio.sleep(0)
    late = asyncio.ensure_future(readers.run(begun.append, 1))
    await asyncio.sleep(0)
    late.cancel()
    await asyncio.wait([late])
    go_on.set()
    await asyncio.gather(*busy)
    await readers.run(begun.append, 2)
    assert begun == [2]


def test_work_on_a_lost_connection_is_done_once_more() -> None:
    tries: list[int] = []

    def work() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("server closed the connection")
        return 5

    assert with_connection(work) == 5


def test_work_that_fails_twice_is_told() -> None:
    def work() -> None:
        raise OperationalError("still gone")

    with pytest.raises(Unavailable):
        with_connection(work)


def test_a_call_into_a_loop_that_ended_is_let_go() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    called: list[int] = []
    call_in(loop, called.append, 1)
    assert called == []
