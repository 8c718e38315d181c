"""Many plain clients of one room: all hear all texts in one order, however slowly they read."""

import asyncio
import contextlib

from tests.behaviour.chatter import Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import Tables

CLIENTS = 50
TEXTS_EACH = 10
LONG = "tea " * 990


async def test_fifty_plain_clients_who_speak_at_once_hear_the_same_in_the_same_order(
    start_host: StartHost, tables: Tables
) -> None:
    server = start_host(tables)
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(PlainChatter(server.ws_url)) for _ in range(CLIENTS)]
        # Who hears everybody is in, and nothing of it is still on its way.
        await asyncio.gather(*(client.say("I am in") for client in clients))
        await asyncio.gather(
            *(client.until(lambda client=client: len(client.texts) == CLIENTS, "is in") for client in clients)
        )
        await clients[0].say("begin")
        await asyncio.gather(
            *(client.until(lambda client=client: "begin" in client.texts, "hears the begin") for client in clients)
        )
        await asyncio.gather(
            *(client.say(f"{place}: {number}") for number in range(TEXTS_EACH) for place, client in enumerate(clients))
        )
        count = CLIENTS * TEXTS_EACH
        await asyncio.gather(
            *(
                client.until(lambda client=client: len(since_begin(client)) == count, "hears all", 30)
                for client in clients
            )
        )
        stored = tables.texts()
        assert all(since_begin(client) == stored[-count:] for client in clients)
    for place in range(CLIENTS):
        mine = [text for text in stored if text.startswith(f"{place}: ")]
        assert mine == [f"{place}: {number}" for number in range(TEXTS_EACH)]


def since_begin(client: PlainChatter) -> list[str]:
    return client.texts[client.texts.index("begin") + 1 :]


async def test_a_plain_client_that_reads_too_slowly_is_refilled_from_the_log_and_misses_nothing(
    start_host: StartHost, sqlite: Tables
) -> None:
    server = start_host(sqlite, STALLED_SECONDS=120, LIMITS=False)
    count = 2000
    async with Chatter(server.ws_url) as ann, PlainChatter(server.ws_url, small_buffers=True) as slow:
        await slow.say("I am in")
        await slow.until(lambda: slow.texts, "is in")
        slow.stop_reading()
        # More than the system buffers for it, and far more entries than a reset would bridge.
        answers = await asyncio.gather(*(ann.begin_post(f"{number} {LONG}") for number in range(count)))
        assert {answer["type"] for answer in answers} == {"ok"}
        slow.read_on()
        await slow.until(lambda: len(slow.texts) > count, "hears all", 30)
        # What is said from now on comes too, and after all that it missed.
        await ann.post("and now?")
        await slow.until(lambda: slow.texts[-1] == "and now?", "hears what comes")
        assert slow.texts == sqlite.texts()
        assert slow.close is None


async def test_a_plain_client_hears_from_its_entry_on_and_sees_no_edits(start_host: StartHost, sqlite: Tables) -> None:
    server = start_host(sqlite)
    async with Chatter(server.ws_url) as ann:
        earlier = await ann.post("before")
        async with PlainChatter(server.ws_url, path="room") as plain:
            await plain.say("  I am in  ")
            await plain.until(lambda: plain.texts, "is in")
            await ann.edit(earlier["seq"], earlier["seq"], "edited")
            later = await ann.post("after")
            await ann.delete(later["seq"], later["seq"])
            await plain.say(" \n\t")
            await ann.post("and goodbye")
            await plain.until(lambda: plain.texts[-1] == "and goodbye", "hears the last")
            # What was deleted by the time that it would be sent may be left out.
            assert [text for text in plain.texts if text != "after"] == ["  I am in  ", "and goodbye"]
            assert plain.close is None
