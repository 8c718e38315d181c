"""What a server that is told to stop says to its clients, and what they find when it is there again."""

import asyncio
import os
import signal
import time

from tests.behaviour.asgi_servers.kinds import Kind
from tests.behaviour.chatter import Chatter
from tests.behaviour.levels import all_level
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import Tables
from tests.servers.processes import STOP_SECONDS, ServerProcess

PROMPT_SECONDS = 6
"""Hypercorn waits three for whoever might leave by itself."""


async def test_a_stop_loses_nothing_that_was_said_and_a_restart_forgets_nothing(
    server: ServerProcess, kind: Kind, tables: Tables
) -> None:
    room = "restart"
    async with (
        Chatter(server.ws_url, room=room, name="Ann") as ann,
        Chatter(server.ws_url, room=room, name="Bob") as bob,
        PlainChatter(server.ws_url, room=room) as plain,
    ):
        await ann.post("before")
        await plain.until(lambda: plain.texts == ["before"], "hears")
        posts = [ann.begin_post(f"text {n}") for n in range(50)]
        await posts[0]

        # As a person or a supervisor tells it: to the process that was started, not to its children too.
        os.kill(server.pid, signal.SIGTERM)
        told = time.monotonic()
        assert server.process is not None
        await asyncio.to_thread(server.process.wait, STOP_SECONDS)
        assert time.monotonic() - told < PROMPT_SECONDS
        await asyncio.gather(
            *(chatter.until(lambda chatter=chatter: chatter.closes, "is closed") for chatter in (ann, bob))
        )
        await asyncio.wait_for(plain.ended(), 5)
        assert [ann.closes[0], bob.closes[0], plain.close] == [kind.stops_with] * 3
        assert bool(ann.byes) is bool(bob.byes) is kind.says_bye

        await asyncio.to_thread(server.start)
        assert {answer["type"] for answer in await asyncio.wait_for(asyncio.gather(*posts), 20)} == {"ok"}
        await all_level([ann, bob], tables)
        assert tables.texts(room) == ["before", *(f"text {n}" for n in range(50))]
        assert bob.resets == ["new"]
    async with Chatter(server.ws_url, room=room, name="a newcomer") as newcomer:
        await newcomer.until(lambda: newcomer.picture.texts() == tables.texts(room)[-50:], "sees the newest page")
