"""Two servers on one database: how they hear each other, and that nothing is missed when the layer fails them."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator

import pytest

from tests.behaviour.chatter import Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.levels import all_level
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess
from tests.servers.redis import RedisServer

CLIENTS_EACH = 4
POSTS_EACH = 25
NEVER_SECONDS = 60.0
SEED = 5


@contextlib.asynccontextmanager
async def clients_of(*servers: ServerProcess) -> AsyncIterator[list[Chatter]]:
    """CLIENTS_EACH clients on each server; those of the first server come first."""
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(Chatter(server.ws_url, name=f"s{place}-c{number}"))
            for place, server in enumerate(servers)
            for number in range(CLIENTS_EACH)
        ]


async def talk(chatter: Chatter, moments: random.Random) -> None:
    """Posts, and now and then edits or deletes what was just posted."""
    for number in range(POSTS_EACH):
        answer = await chatter.post(f"{chatter.name}: {number}")
        assert answer["type"] == "ok", answer
        if number % 5 == 3:
            await chatter.edit(answer["seq"], answer["seq"], f"{chatter.name}: {number}, edited")
        elif number % 5 == 4:
            await chatter.delete(answer["seq"], answer["seq"])
        await asyncio.sleep(moments.uniform(0, 0.02))


async def everybody_talks(chatters: list[Chatter]) -> None:
    await asyncio.gather(*(talk(chatter, random.Random(SEED + place)) for place, chatter in enumerate(chatters)))


def nobody_lost_the_thread(chatters: list[Chatter]) -> None:
    for chatter in chatters:
        assert (chatter.resets, chatter.gaps, chatter.asked_again) == (["new"], 0, 0), chatter


async def slowest_hearing_seconds(sender: Chatter, chatters: list[Chatter], text: str) -> float:
    answer = await sender.post(text)
    await asyncio.gather(*(chatter.until_text(text) for chatter in chatters))
    return time.time() - answer["at"] / 1000


# Where only a ring can bring a message in time, the sweep comes too late for the test.
WAYS = [
    pytest.param("postgres", "core", NEVER_SECONDS, 1.0, id="Redis, core layer"),
    pytest.param("postgres", "pubsub", NEVER_SECONDS, 1.0, id="Redis, pub/sub layer"),
    pytest.param("sqlite", "memory", NEVER_SECONDS, 1.0, id="no layer on SQLite"),
    pytest.param("postgres", "memory", 0.5, 2.0, id="no layer on PostgreSQL"),
    pytest.param("postgres", "lying", 0.5, 2.0, id="a layer that drops, repeats and reorders"),
    pytest.param("postgres", "silent", 0.5, 2.0, id="a silent layer"),
]


@pytest.mark.parametrize(("database", "layer", "sweep_seconds", "at_most_seconds"), WAYS)
async def test_two_servers_hear_each_other(
    start_host: StartHost,
    request: pytest.FixtureRequest,
    redis_server: RedisServer,
    database: str,
    layer: str,
    sweep_seconds: float,
    at_most_seconds: float,
) -> None:
    tables: Tables = request.getfixturevalue(database)
    servers = [start_host(tables, layer=layer, redis=redis_server, SWEEP_SECONDS=sweep_seconds) for _ in ("one", "two")]
    async with clients_of(*servers) as chatters:
        await everybody_talks(chatters)
        await all_level(chatters, tables)
        for sender in (chatters[0], chatters[-1]):
            seconds = await slowest_hearing_seconds(sender, chatters, f"how long do I take, {sender.name}?")
            assert seconds < at_most_seconds
        await all_level(chatters, tables)
        nobody_lost_the_thread(chatters)


@pytest.mark.parametrize("layer", ["core", "pubsub"])
async def test_a_lost_redis_stops_nobody_and_loses_nothing(
    start_host: StartHost, postgres: Tables, redis_server: RedisServer, layer: str
) -> None:
    servers = [start_host(postgres, layer=layer, redis=redis_server, SWEEP_SECONDS=0.5) for _ in ("one", "two")]
    async with clients_of(*servers) as chatters:
        talking = asyncio.create_task(everybody_talks(chatters))
        await asyncio.sleep(0.2)
        redis_server.kill()
        await talking
        await all_level(chatters, postgres)
        # Who comes while it is gone waits for nothing of it, not even in a room that nobody opened before.
        async with asyncio.timeout(2):
            async with Chatter(servers[0].ws_url, room="new") as newcomer:
                assert (await newcomer.post("is anybody here?"))["type"] == "ok"
        await asyncio.to_thread(redis_server.start)
        await everybody_talks(chatters)
        await all_level(chatters, postgres)
        nobody_lost_the_thread(chatters)


@pytest.mark.parametrize("layer", ["core", "pubsub"])
async def test_a_redis_that_hangs_is_waited_for_by_nobody(
    start_host: StartHost, postgres: Tables, redis_server: RedisServer, layer: str
) -> None:
    servers = [start_host(postgres, layer=layer, redis=redis_server, SWEEP_SECONDS=0.5) for _ in ("one", "two")]
    async with clients_of(*servers) as chatters:
        await chatters[0].post("before")
        os.kill(redis_server.pid, signal.SIGSTOP)
        try:
            await everybody_talks(chatters)
            await all_level(chatters, postgres)
            async with asyncio.timeout(5):
                async with Chatter(servers[0].ws_url, room="new") as newcomer:
                    assert (await newcomer.post("is anybody here?"))["type"] == "ok"
        finally:
            os.kill(redis_server.pid, signal.SIGCONT)
        nobody_lost_the_thread(chatters)


@pytest.mark.parametrize("layer", ["core", "pubsub"])
async def test_the_doorbell_rings_again_once_redis_is_back(
    start_host: StartHost, postgres: Tables, redis_server: RedisServer, layer: str
) -> None:
    servers = [
        start_host(postgres, layer=layer, redis=redis_server, SWEEP_SECONDS=NEVER_SECONDS) for _ in ("one", "two")
    ]
    async with Chatter(servers[0].ws_url, name="Ann") as ann, Chatter(servers[1].ws_url, name="Bob") as bob:
        await ann.post("before")
        await bob.until_text("before", seconds=1)
        redis_server.kill()
        await ann.post("nobody rings for this one")
        await asyncio.to_thread(redis_server.start)
        # Each server may find out in its own time, so she says it again until it is heard.
        heard = asyncio.create_task(bob.until(lambda: "after" in " ".join(bob.picture.texts()), "heard again"))
        while not heard.done():
            await ann.post("after")
            await asyncio.wait([heard], timeout=0.1)
        await heard
        assert bob.picture.texts()[:3] == ["before", "nobody rings for this one", "after"]
        nobody_lost_the_thread([ann, bob])
