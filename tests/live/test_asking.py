"""Asking a host's policy: bounded in threads and in time, and slow for its own room only."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.db import OperationalError

from teahouse.chat.patience import AT_ONCE, REPLACED
from teahouse.errors import Unavailable
from teahouse.live.asking import Asking
from tests.servers.processes import wait_until


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    asking = Asking(8)
    yield asking
    asking.stop()


class Held:
    """A policy that answers when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()

    def answer(self) -> str:
        self.begun.release()
        assert self.let_go.wait(20)
        return "answer"


async def begun(held: Held, times: int = 1) -> None:
    for _ in range(times):
        assert await asyncio.to_thread(held.begun.acquire, timeout=20)


def readers() -> int:
    return sum(thread.name.startswith("teahouse-reader") for thread in threading.enumerate())


async def hang(asking: Asking, held: Held, threads: int) -> None:
    """Ask about one room after the other, until the policy holds so many threads."""
    begun = room = 0
    async with asyncio.timeout(20):
        while begun < threads:
            with pytest.raises(Unavailable):
                await asking.ask(f"slow {room}", held.answer, seconds=0.01)
            begun += held.begun.acquire(blocking=False)
            room += 1


async def test_it_returns_what_the_function_returns_and_raises_what_it_raises(asking: Asking) -> None:
    assert await asking.ask("tea", lambda a, b: a + b, 1, 2) == 3
    with pytest.raises(ZeroDivisionError):
        await asking.ask("tea", lambda: 1 // 0)


async def test_a_slow_answer_is_unavailable_names_the_setting_and_can_be_tried_again(
    asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    held = Held()
    with pytest.raises(Unavailable, match="POLICY_SECONDS") as refused:
        await asking.ask("tea", held.answer, seconds=0.01)
    assert refused.value.retry
    assert "tea" in caplog.text
    held.let_go.set()


async def test_the_setting_bounds_how_long_anybody_waits(asking: Asking, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY_SECONDS": 0.01}
    held = Held()
    with pytest.raises(Unavailable):
        await asking.ask("tea", held.answer, seconds=10)
    held.let_go.set()


async def test_a_room_whose_policy_hangs_delays_no_other_room(asking: Asking) -> None:
    held = Held()
    slow = [asyncio.ensure_future(asking.ask("slow", held.answer)) for _ in range(50)]
    await begun(held, AT_ONCE)
    async with asyncio.timeout(20):
        assert await asking.ask("quick", lambda: "at once") == "at once"
    assert not any(one.done() for one in slow)
    held.let_go.set()
    assert await asyncio.gather(*slow) == ["answer"] * 50


async def test_who_was_given_up_keeps_the_turn_of_its_room_until_it_is_done(asking: Asking) -> None:
    """Else a policy that hangs would take one thread after the other."""
    held = Held()
    for _ in range(5):
        with pytest.raises(Unavailable):
            await asking.ask("slow", held.answer, seconds=0.01)
    await begun(held, AT_ONCE)
    assert not held.begun.acquire(blocking=False)
    held.let_go.set()
    async with asyncio.timeout(20):
        assert await asking.ask("slow", lambda: "again") == "again"


async def test_threads_that_hang_have_others_in_their_place_which_end_when_they_answer(asking: Asking) -> None:
    held = Held()
    before = readers()
    await hang(asking, held, 16)  # twice as many as there are
    async with asyncio.timeout(20):
        assert await asking.ask("quick", lambda: "at once") == "at once"
    assert readers() >= before + 16 + 8
    held.let_go.set()
    await asyncio.to_thread(wait_until, lambda: readers() <= before + 8, "the threads end")
    async with asyncio.timeout(20):
        assert await asking.ask("quick", lambda: "at once") == "at once"


async def test_who_goes_away_leaves_no_thread_behind_that_nobody_replaces(asking: Asking) -> None:
    held = Held()
    gone = [asyncio.ensure_future(asking.ask(str(room), held.answer)) for room in range(8)]
    await begun(held, 8)
    for one in gone:
        one.cancel()
    async with asyncio.timeout(20):
        assert await asking.ask("quick", lambda: "at once") == "at once"
    held.let_go.set()


async def test_a_lost_connection_is_tried_anew_once(asking: Asking) -> None:
    lost = [OperationalError("gone")]

    def answer() -> str:
        if lost:
            raise lost.pop()
        return "answer"

    assert await asking.ask("tea", answer) == "answer"


async def test_all_threads_are_bounded_and_who_asks_then_is_refused_at_once(settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY_SECONDS": 1000}
    asking = Asking(2)
    held = Held()
    before = readers()
    await hang(asking, held, 2 + 2 * REPLACED)
    for number in range(5):
        with pytest.raises(Unavailable):  # the test would stand still
            await asking.ask(f"too late {number}", held.answer, seconds=1000)
    assert not held.begun.acquire(blocking=False)
    held.let_go.set()
    await asyncio.to_thread(wait_until, lambda: readers() <= before + 2, "the threads end")
    async with asyncio.timeout(20):
        assert await asking.ask("quick", lambda: "at once") == "at once", "those that were there first stay"
    asking.stop()


async def test_what_no_thread_began_in_time_is_never_asked() -> None:
    asking = Asking(1)
    held = Held()
    busy = asyncio.ensure_future(asking.ask("slow", held.answer))
    await begun(held)
    with pytest.raises(Unavailable):
        await asking.ask("tea", held.answer, seconds=0.01)
    held.let_go.set()
    assert await busy == "answer"
    assert await asking.ask("tea", lambda: "at once") == "at once"
    assert not held.begun.acquire(blocking=False)
    asking.stop()


async def test_nothing_is_kept_of_a_room_that_is_not_asked_about(asking: Asking) -> None:
    await asking.ask("tea", int)
    assert asking._lanes == {}


async def test_it_has_no_threads_before_the_first_question() -> None:
    before = threading.active_count()
    asking = Asking(8)
    assert threading.active_count() == before
    asking.stop()


async def test_whoever_asks_on_and_on_about_a_room_does_not_take_the_turns_of_others(asking: Asking) -> None:
    held = Held()
    order: list[str] = []

    def answer(name: str) -> None:
        order.append(name)
        held.answer()

    asked = [asyncio.ensure_future(asking.ask("tea", answer, "eve", by="eve")) for _ in range(50)]
    await begun(held, AT_ONCE)
    asked.append(asyncio.ensure_future(asking.ask("tea", answer, "ann", by="ann")))
    await asyncio.sleep(0)
    held.let_go.set()
    await asyncio.gather(*asked)
    assert order.index("ann") < 10
    assert not asking._lanes
