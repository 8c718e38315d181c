"""Clients that read slowly, or nothing, or say nothing: what becomes of them, and that nobody else notices."""

import asyncio
import contextlib
import json
import time

from websockets.asyncio.client import connect

from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.endings import ending
from tests.behaviour.host.narrow import NARROW
from tests.behaviour.levels import all_level
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.processes import resident_kilobytes
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess

CLIENTS = 20
MESSAGES = 2000
# Together more than all that the system itself would buffer for one reader.
TEXT = "tea " * 1000
SENDERS = 8
AT_ONCE = 5
PROMPT_SECONDS = 5
STOPPED = 50
OTHERS = 200
ROUNDS = 15
NARROW_HOST = "tests.behaviour.host.narrow:application"
QUEUE_BYTES = 64 * 1024
# The queue, one write and as much again before a transport says that it is full, and little more by the system.
MAX_HELD_BYTES = 4 * 64 * 1024
MAX_GROWTH_KILOBYTES = 64 * 1024


async def test_one_who_stops_reading_holds_up_nobody_and_gets_level_later(
    start_host: StartHost, sqlite: Tables
) -> None:
    server = start_host(sqlite, STALLED_SECONDS=120, RESET_ENTRIES=1_000_000, LIMITS=False)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        slow = await enter(Chatter(server.ws_url, name="slow", small_buffers=True))
        others = [await enter(Chatter(server.ws_url, name=f"client-{number}")) for number in range(CLIENTS - 1)]
        slow.stop_reading()
        before = resident_kilobytes(server)
        await post_long_texts(others[:SENDERS])
        answered = time.monotonic()
        await all_level(others, sqlite)
        assert time.monotonic() - answered < PROMPT_SECONDS
        assert resident_kilobytes(server) - before < MAX_GROWTH_KILOBYTES
        slow.read_on()
        await all_level([slow], sqlite)
        assert slow.gaps > 0
        assert (slow.connections, slow.resets) == (1, ["new"])
        assert [other.gaps for other in others] == [0] * len(others)


async def test_fifty_who_stop_reading_cost_little_and_the_two_hundred_others_nothing(
    start_host: StartHost, sqlite: Tables
) -> None:
    server = start_host(sqlite, application=NARROW_HOST, STALLED_SECONDS=120, QUEUE_BYTES=QUEUE_BYTES)
    async with contextlib.AsyncExitStack() as stack:
        stopped = [
            Chatter(server.ws_url, name=f"stopped-{number}", small_buffers=True, headers=NARROW)
            for number in range(STOPPED)
        ]
        others = [Chatter(server.ws_url, name=f"other-{number}") for number in range(OTHERS)]
        await asyncio.gather(*(stack.enter_async_context(chatter) for chatter in [*stopped, *others]))
        for chatter in stopped:
            chatter.stop_reading()
        before = resident_kilobytes(server)
        for _ in range(ROUNDS):
            answers = await asyncio.gather(*(other.post(TEXT) for other in others[:SENDERS]))
            await asyncio.gather(*(other.until_at(max(answer["seq"] for answer in answers)) for other in others))
        await all_level(others, sqlite)
        assert resident_kilobytes(server) - before < MAX_GROWTH_KILOBYTES
        undisturbed = (1, 0, 0, "new")
        assert {undisturbed} == {(other.connections, other.gaps, other.asked_again, *other.resets) for other in others}
        for chatter in stopped:
            chatter.read_on()
        await all_level(stopped, sqlite)
        for chatter in stopped:
            assert (chatter.connections, chatter.gaps, chatter.resets) == (1, 1, ["new"])
            assert 0 < (chatter.stood_at_gap or 0) * len(TEXT) < MAX_HELD_BYTES


async def test_one_who_takes_nothing_at_all_is_cut_off_and_may_come_back(start_host: StartHost, sqlite: Tables) -> None:
    server = start_host(sqlite, STALLED_SECONDS=1, RESET_ENTRIES=1_000_000, LIMITS=False)
    async with Chatter(server.ws_url, name="Ann") as ann, Chatter(server.ws_url, small_buffers=True) as stalled:
        stalled.stop_reading()
        await post_long_texts([ann] * SENDERS)
        # Long enough for the server to look, at whatever moment of its second the last text was taken.
        await asyncio.sleep(3)
        stalled.read_on()
        await all_level([ann, stalled], sqlite)
        assert (ann.connections, stalled.connections) == (1, 2)


async def test_one_who_answers_no_ping_is_closed_after_the_set_seconds(start_host: StartHost, sqlite: Tables) -> None:
    server = start_host(sqlite, PING_SECONDS=1, PONG_SECONDS=1)
    async with Chatter(server.ws_url, name="Ann") as ann, open_socket(server) as mute:
        await mute.send(json.dumps({"type": "hello", "id": 1, "version": 1}))
        said = time.monotonic()
        assert await ending(mute) == (4103, "no_pong")
        # Every second the server looks at what is due.
        assert 2 <= time.monotonic() - said < 6
        assert ann.connections == 1, "who answers stays"


async def test_one_who_says_no_hello_is_closed_after_the_set_seconds(start_host: StartHost, sqlite: Tables) -> None:
    server = start_host(sqlite, HELLO_SECONDS=1)
    opened = time.monotonic()
    async with open_socket(server) as mute, PlainChatter(server.ws_url) as plain:
        # Being alive is not enough.
        await mute.send('{"type": "ping"}')
        assert await ending(mute) == (4104, "no_hello")
        assert 1 <= time.monotonic() - opened < 5
        await plain.say("I need no hello")
        await plain.until(lambda: plain.texts, "is still there")


async def post_long_texts(senders: list[Chatter]) -> None:
    """A few at a time of each, so that no commit fills anybody's queue by itself."""
    for _ in range(MESSAGES // len(senders) // AT_ONCE):
        answers = await asyncio.gather(*(sender.begin_post(TEXT) for sender in senders for _ in range(AT_ONCE)))
        assert {answer["type"] for answer in answers} == {"ok"}


def open_socket(server: ServerProcess) -> connect:
    return connect(f"{server.ws_url}/ws/", subprotocols=[SUBPROTOCOL], proxy=None, compression=None, ping_interval=None)  # type: ignore[list-item]
