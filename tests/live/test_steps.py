"""Tests of `teahouse.live.steps`."""

import asyncio

import pytest

from teahouse.live.steps import begin


async def test_work_that_waits_for_nothing_is_done_at_once_and_needs_no_task() -> None:
    done = []

    async def work() -> None:
        done.append(1)

    assert begin(work()) is None
    assert done == [1]


async def test_work_that_waits_goes_on_in_a_task_with_what_it_waited_for() -> None:
    steps: list[str] = []
    asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        steps.append("begun")
        await asyncio.sleep(0)
        steps.append(await asked)
        async with asyncio.timeout(10):
            await asyncio.sleep(0)
        steps.append("done")

    task = begin(work())
    assert task is not None
    assert steps == ["begun"]
    asked.set_result("answered")
    await task
    assert steps == ["begun", "answered", "done"]


async def test_an_error_that_is_waited_for_reaches_the_work() -> None:
    asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    heard: list[str] = []

    async def work() -> None:
        try:
            await asked
        except ValueError as error:
            heard.append(str(error))
        raise KeyError

    task = begin(work())
    assert task is not None
    asked.set_exception(ValueError("no"))
    with pytest.raises(KeyError):
        await task
    assert heard == ["no"]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_work_that_is_cancelled_ends_in_order(turns: int) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    task = begin(work())
    assert task is not None
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert ended == ["ended"]
