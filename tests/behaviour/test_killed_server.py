"""A server that is killed at any instruction, again and again, while everybody writes."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field

from tests.behaviour.chatter import Answer, Chatter, LineLost
from tests.behaviour.conftest import StartHost
from tests.behaviour.levels import all_level
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess

CLIENTS = 20
KILLS = 3
SEED = 20


@dataclass
class Writer:
    """One client that posts, edits and deletes without an end, and remembers all that was answered."""

    chatter: Chatter
    random: random.Random
    posted: dict[str, Answer] = field(default_factory=dict)
    touched: dict[int, Answer] = field(default_factory=dict)

    async def write_until(self, ended: asyncio.Event) -> None:
        for number in range(100_000):
            if ended.is_set():
                return
            await self.post(f"{self.chatter.name}-{number}")
            await asyncio.sleep(self.random.uniform(0, 0.05))
            if self.random.random() < 0.4:
                with contextlib.suppress(LineLost):
                    await self.touch(number)

    async def post(self, key: str) -> None:
        answer = await self.chatter.post(f"this is {key}", key)
        assert answer["type"] == "ok", answer
        self.posted[key] = answer

    async def touch(self, number: int) -> None:
        """Edits or deletes one of its own; whether it still may, the server says."""
        seq = self.random.choice([answer["seq"] for answer in self.posted.values()])
        row = self.chatter.picture.messages.get(seq, {"changed": seq})
        if self.random.random() < 0.7:
            answer = await self.chatter.edit(seq, row["changed"], f"edited {number}")
        else:
            answer = await self.chatter.delete(seq, row["changed"])
        if answer["type"] == "ok":
            self.touched[seq] = answer
        else:
            assert answer["code"] == "conflict", answer


async def kill_and_start_again(server: ServerProcess, moments: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(moments.uniform(0.3, 1.2))
        server.kill()
        await asyncio.to_thread(server.start)
    await asyncio.sleep(moments.uniform(0.3, 1.2))


async def test_a_killed_server_loses_nothing_doubles_nothing_and_everybody_sees_the_table(
    start_host: StartHost, tables: Tables
) -> None:
    # Nobody may be reset: a page of everything that was missed has to be enough.
    server = start_host(tables, RESET_ENTRIES=1_000_000)
    ended = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        writers = [
            Writer(
                await stack.enter_async_context(Chatter(server.ws_url, name=f"client-{number}")),
                random.Random(SEED + number),
            )
            for number in range(CLIENTS)
        ]
        writing = asyncio.gather(*(writer.write_until(ended) for writer in writers))
        await kill_and_start_again(server, random.Random(SEED))
        ended.set()
        await asyncio.wait_for(writing, 20)
        await all_level([writer.chatter for writer in writers], tables)

    rows = {row["seq"]: row for row in tables.messages()}
    posted = {
        (writer.chatter.me["id"], key): answer["seq"] for writer in writers for key, answer in writer.posted.items()
    }
    assert {(row["author"]["id"], row["key"]): seq for seq, row in rows.items()} == posted
    assert len(rows) == len(posted)
    for writer in writers:
        assert all(rows[seq]["changed"] >= answer["changed"] for seq, answer in writer.touched.items())
        assert 1 < writer.chatter.connections <= KILLS + 1, writer.chatter
        assert writer.chatter.resets == ["new"], writer.chatter
    print(f"{len(rows)} messages, {tables.head()} entries, {sum(len(writer.touched) for writer in writers)} touched")
