"""A database that takes no changes for a while: posts wait or are refused for now, never swapped and never lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.behaviour.chatter import Chatter
from tests.behaviour.conftest import StartHost, host_environment, manage
from tests.behaviour.levels import all_level
from tests.behaviour.locks import locked
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import Tables, postgres_tables
from tests.servers.postgres import PostgresServer
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
        with locked(Path(sqlite.place)):
            posts = everybody_posts(chatters, 0)
            await chatters[0].until(lambda: chatters[0].refused_for_now, "is refused for now")
            # These may not pass either, before she has sent the refused one again.
            posts += everybody_posts(chatters, POSTS_EACH)
            # She is told to wait a second, and sends all of them again while the queue is still full.
            await asyncio.sleep(1.2)
        assert {answer["type"] for answer in await asyncio.gather(*posts)} == {"ok"}
        await all_level(chatters, sqlite)
        for chatter in chatters:
            assert order_of(chatter, sqlite) == list(range(2 * POSTS_EACH)), chatter
            assert set(chatter.refused_for_now) <= {"unavailable"}
            assert (chatter.connections, chatter.resets) == (1, ["new"])


async def test_on_a_full_disk_nothing_is_half_stored_and_all_goes_on_when_there_is_room_again(
    start_host: StartHost, sqlite: Tables
) -> None:
    ((pages,),) = sqlite.ask("PRAGMA page_count")
    full = {"HOST_PRAGMA": f"PRAGMA max_page_count={pages + 30};"}
    server = start_host(sqlite, variables=full)
    async with Chatter(server.ws_url, name="Ann") as ann, Chatter(server.ws_url, name="Bob") as bob:
        posts = [ann.begin_post(f"{number} " + "x" * 3000) for number in range(60)]
        await ann.until(lambda: ann.refused_for_now, "is refused for now")
        # What was stored can be read, by who is there and by who comes.
        async with Chatter(server.ws_url, name="newcomer") as newcomer:
            await all_level([ann, bob, newcomer], sqlite)
        assert (await bob.ask("history", room="tea"))["type"] == "ok"
        assert not posts[-1].done()

        server.environment["HOST_PRAGMA"] = ""
        await asyncio.to_thread(server.restart)
        assert {answer["type"] for answer in await asyncio.gather(*posts)} == {"ok"}
        await all_level([ann, bob], sqlite)
        assert [int(text.split()[0]) for text in sqlite.texts()] == list(range(60))
        assert set(ann.refused_for_now) == {"unavailable"}


@pytest.mark.parametrize("policy", ["tests.behaviour.host.policy.HostPolicy", "teahouse.chat.policy.Policy"])
async def test_a_killed_postgresql_loses_nothing_and_costs_nobody_the_room(
    start_host: StartHost, own_postgres_server: PostgresServer, policy: str
) -> None:
    database = own_postgres_server.create_database()
    tables = postgres_tables(database.conninfo, database.url)
    manage(host_environment(tables), "migrate", "--verbosity=0")
    manage(host_environment(tables), "shell", "--no-imports", "-c", "import teahouse; teahouse.ensure_room('tea')")
    server = start_host(tables, SWEEP_SECONDS=0.5, POLICY=policy)
    ended = asyncio.Event()
    async with clients_of(server) as chatters:
        talking = asyncio.gather(*(talk_until(ended, chatter) for chatter in chatters))
        for _ in range(2):
            await asyncio.sleep(0.3)
            own_postgres_server.kill()
            await chatters[0].until(lambda: "unavailable" in chatters[0].refused_for_now, "is refused for now")
            # Who comes while it is away comes again until it is back.
            newcomer = asyncio.create_task(come_and_go(server, is_own=policy.startswith("tests")))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(own_postgres_server.start)
            await newcomer
        ended.set()
        said = await talking
        await all_level(chatters, tables)
        for chatter, count in zip(chatters, said, strict=True):
            assert order_of(chatter, tables) == list(range(count))
            assert set(chatter.refused_for_now) <= {"unavailable"}


async def talk_until(ended: asyncio.Event, chatter: Chatter) -> int:
    """Posts one after another; returns how many."""
    count = 0
    while not ended.is_set():
        answer = await chatter.post(f"{chatter.name}: {count}")
        assert answer["type"] == "ok", answer
        count += 1
    return count


async def come_and_go(server: ServerProcess, *, is_own: bool) -> None:
    async with PlainChatter(server.ws_url) as plain:
        await plain.until(lambda: plain.close, "is sent away for now")
        assert plain.close == (4100, "unavailable")
    async with Chatter(server.ws_url, name="newcomer") as newcomer:
        assert newcomer.resets == ["new"]
        if is_own:  # the host's policy was asked about the room: that is what is unavailable, and the line stays
            assert (set(newcomer.refused_rooms), newcomer.closes) == ({"unavailable"}, [])
        else:
            assert newcomer.refused_hellos[:1] == ["unavailable"]
            assert newcomer.closes[0] == (4100, "overloaded")
