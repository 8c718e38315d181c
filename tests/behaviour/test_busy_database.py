"""A database that takes no changes for a while: posts wait or are refused for now, never swapped and never lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tests.behaviour.chatter import Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.levels import all_level
from tests.behaviour.locks import locked
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess

CLIENTS = 10
POSTS_EACH = 6


@contextlib.asynccontextmanager
async def clients_of(server: ServerProcess) -> AsyncIterator[list[Chatter]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(Chatter(server.ws_url, name=f"client-{number}"))
            for number in range(CLIENTS)
        ]


def everybody_posts(chatters: list[Chatter], first: int) -> list[asyncio.Future[dict[str, object]]]:
    """In turns, so that the posts of one wait behind those of all others."""
    return [
        chatter.begin_post(f"{chatter.name}: {number}")
        for number in range(first, first + POSTS_EACH)
        for chatter in chatters
    ]


def order_of(chatter: Chatter, tables: Tables) -> list[int]:
    return [int(text.split()[1]) for text in tables.texts() if text.startswith(f"{chatter.name}: ")]


async def test_posts_keep_their_order_when_the_database_is_locked_for_longer_than_they_wait(
    start_host: StartHost, sqlite: Tables
) -> None:
    # Small batches: while the first are refused and sent again, those behind them still wait in the queue.
    server = start_host(sqlite, variables={"HOST_BUSY_SECONDS": "0.2"}, WRITER_BATCH=2)
    async with clients_of(server) as chatters:
        await asyncio.gather(*(chatter.post(f"{chatter.name} is here") for chatter in chatters))
        for locking in range(2):
            with locked(Path(sqlite.place)):
                posts = everybody_posts(chatters, locking * POSTS_EACH)
                count = len(chatters[0].refused_for_now)
                await chatters[0].until(lambda: len(chatters[0].refused_for_now) > count, "is refused for now")  # noqa: B023
                # She is told to wait a second, and sends them again while the queue is still full.
                await asyncio.sleep(1.1 + 0.1 * locking)
            assert {answer["type"] for answer in await asyncio.gather(*posts)} == {"ok"}
        await all_level(chatters, sqlite)
        for chatter in chatters:
            assert order_of(chatter, sqlite) == list(range(2 * POSTS_EACH)), chatter
            assert set(chatter.refused_for_now) <= {"unavailable"}
            assert (chatter.connections, chatter.resets) == (1, ["new"])
