"""`teahouse serve` that is told to stop while everybody talks."""

import asyncio
import contextlib
import time
from pathlib import Path

from tests.behaviour.chatter import Answer, Chatter
from tests.behaviour.levels import all_level
from tests.behaviour.locks import locked
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import sqlite_tables
from tests.servers.asgi import ServerStarter

CLIENTS = 20
AT_ONCE = 10
"""So many posts of each client are under way at any moment: there is always something to finish."""
DRAIN_SECONDS = 10


async def talk_until(ended: asyncio.Event, chatter: Chatter) -> list[Answer]:
    """Posts one after another without a pause, until told to end; what was answered."""
    answers = []
    while not ended.is_set():
        answers.append(await chatter.post("and another thing"))
    return answers


async def test_a_server_that_is_told_to_stop_says_bye_keeps_everything_and_ends_in_time(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data")
    tables = sqlite_tables(tmp_path / "data" / "db.sqlite3")
    ended = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        chatters = [
            await stack.enter_async_context(Chatter(server.ws_url, name=f"client-{number}"))
            for number in range(CLIENTS)
        ]
        plain = await stack.enter_async_context(PlainChatter(server.ws_url))
        talking = asyncio.gather(*(talk_until(ended, chatter) for chatter in chatters for _ in range(AT_ONCE)))
        await asyncio.gather(*(chatter.until_at(50) for chatter in chatters))

        started = time.monotonic()
        assert await asyncio.to_thread(server.stop) == 0
        assert time.monotonic() - started < DRAIN_SECONDS
        await asyncio.gather(
            *(chatter.until(lambda chatter=chatter: chatter.closes, "is closed") for chatter in chatters)
        )
        await plain.until(lambda: plain.close, "is closed")

        for chatter in chatters:
            assert chatter.closes[0] == (4200, "restart"), chatter
            (bye,) = chatter.byes
            assert bye["code"] == 4200
            assert bye["retry_after"] > 0
        assert plain.close == (4200, "restart")
        assert len({chatter.byes[0]["retry_after"] for chatter in chatters}) > 1, "they would all return at once"

        await asyncio.to_thread(server.start)
        ended.set()
        answers = [answer for answered in await asyncio.wait_for(talking, 20) for answer in answered]
        await all_level(chatters, tables)
    assert {answer["type"] for answer in answers} == {"ok"}
    assert sorted(answer["seq"] for answer in answers) == tables.numbers()
    print(len(answers), sum(answer["repeat"] for answer in answers))


async def test_a_server_without_visitors_stops_at_once(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    started = time.monotonic()
    assert await asyncio.to_thread(server.stop) == 0
    assert time.monotonic() - started < 3


async def test_a_database_that_answers_nobody_does_not_keep_the_server_from_ending(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data")
    database = tmp_path / "data" / "db.sqlite3"
    async with Chatter(server.ws_url) as ann:
        await ann.post("before")
        with locked(database):
            unanswered = ann.begin_post("while the database is locked")
            started = time.monotonic()
            assert await asyncio.to_thread(server.stop) == 0
            assert time.monotonic() - started < DRAIN_SECONDS
            await ann.until(lambda: ann.closes == [(4200, "restart")], "is told of the restart")
            assert not unanswered.done()
        await asyncio.to_thread(server.start)
        assert (await unanswered)["type"] == "ok"
        await all_level([ann], sqlite_tables(database))
