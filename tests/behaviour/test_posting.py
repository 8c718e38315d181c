"""`teahouse.post` from a host's own code: from another process, inside transactions, and over a crash."""

import asyncio
import time

import httpx
import pytest

from tests.behaviour.chatter import Chatter
from tests.behaviour.conftest import StartHost, host_environment, manage
from tests.behaviour.levels import all_level
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess, wait_until
from tests.servers.redis import RedisServer

AT_ONCE_SECONDS = 1.0
NEVER_SECONDS = 60.0


async def say_by_command(environment: dict[str, str], *arguments: str, check: bool = True) -> int:
    return (await asyncio.to_thread(manage, environment, "say", *arguments, check=check)).returncode


async def say_in_view(server: ServerProcess, path: str, *texts: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        return await client.post(f"{server.url}/{path}/", data={"text": list(texts)})


async def seconds_until_heard(chatter: Chatter, text: str) -> float:
    """How long after the message was written its reader had it."""
    await chatter.until_text(text)
    (row,) = [row for row in chatter.picture.shown() if row.get("text") == text]
    return time.time() - row["at"] / 1000


@pytest.mark.parametrize(
    ("database", "layer"), [("sqlite", "memory"), ("sqlite", "core"), ("postgres", "core"), ("postgres", "pubsub")]
)
async def test_a_command_in_another_process_reaches_an_open_socket_at_once(
    start_host: StartHost, request: pytest.FixtureRequest, redis_server: RedisServer, database: str, layer: str
) -> None:
    tables: Tables = request.getfixturevalue(database)
    # No timed sweep can have brought it: it is the ring, or on SQLite the look whether somebody wrote.
    server = start_host(tables, layer=layer, redis=redis_server, SWEEP_SECONDS=NEVER_SECONDS)
    environment = host_environment(tables, HOST_LAYER=layer, HOST_REDIS=redis_server.url)
    async with Chatter(server.ws_url) as ann:
        heard = asyncio.create_task(seconds_until_heard(ann, "from a command"))
        await say_by_command(environment, "tea", "from a command", "and one more")
        assert await heard < AT_ONCE_SECONDS
        await all_level([ann], tables)
        assert ann.picture.texts() == ["from a command", "and one more"]
        assert ann.resets == ["new"]


async def test_a_post_inside_a_transaction_appears_when_it_commits(start_host: StartHost, tables: Tables) -> None:
    server = start_host(tables, SWEEP_SECONDS=NEVER_SECONDS)
    async with Chatter(server.ws_url) as ann:
        said = await say_in_view(server, "say", "one", "two", "three")
        assert said.json() == {"returned": [None, None, None]}
        assert tables.texts() == ["one", "two", "three"], "they are numbered before the view answers"
        await all_level([ann], tables)
        assert ann.picture.texts() == ["one", "two", "three"]
    assert tables.waiting() == 0


async def test_a_post_inside_a_transaction_that_rolls_back_never_appears(start_host: StartHost, tables: Tables) -> None:
    server = start_host(tables, SWEEP_SECONDS=0.2)
    async with Chatter(server.ws_url) as ann:
        await ann.post("before")
        assert (await say_in_view(server, "say-and-fail", "never said")).text == "rolled back"
        await say_in_view(server, "say", "after")
        await ann.until_text("after")
        assert tables.texts() == ["before", "after"]
        await all_level([ann], tables)
    assert tables.waiting() == 0


async def test_the_posts_of_many_transactions_at_once_keep_their_order(start_host: StartHost, tables: Tables) -> None:
    server = start_host(tables)
    async with Chatter(server.ws_url) as ann:
        views = [say_in_view(server, "say", *(f"{view}: {text}" for text in range(5))) for view in range(8)]
        assert {response.status_code for response in await asyncio.gather(*views)} == {200}
        await all_level([ann], tables)
        texts = ann.picture.texts()
    assert len(texts) == len(set(texts)) == 40
    for view in range(8):
        assert [text for text in texts if text.startswith(f"{view}:")] == [f"{view}: {text}" for text in range(5)]


async def test_what_a_crash_left_without_a_number_is_finished_by_a_running_server(
    start_host: StartHost, tables: Tables
) -> None:
    server = start_host(tables, SWEEP_SECONDS=0.3)
    async with Chatter(server.ws_url) as ann:
        await ann.post("before")
        status = await say_by_command(host_environment(tables), "tea", "one", "two", "--die-after-commit", check=False)
        assert status == -9
        await ann.until_text("two", seconds=5)
        assert ann.picture.texts() == tables.texts() == ["before", "one", "two"]
        await asyncio.to_thread(wait_until, lambda: tables.waiting() == 0, "the outbox is empty", 5)


async def test_what_a_crash_left_is_finished_by_the_next_server_that_starts(
    start_host: StartHost, sqlite: Tables
) -> None:
    server = start_host(sqlite)
    async with Chatter(server.ws_url) as ann:
        await ann.post("before")
        server.kill()
        await say_by_command(host_environment(sqlite), "tea", "one", "two", "--die-after-commit", check=False)
        assert sqlite.waiting() == 2
        await asyncio.to_thread(server.start)
        await ann.until_text("two")
        assert ann.picture.texts() == sqlite.texts() == ["before", "one", "two"]
