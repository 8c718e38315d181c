"""Who loses a right hears nothing past that and writes nothing past that, in whatever process, under whatever flood."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.behaviour.conftest import StartHost
from tests.behaviour.raw_socket import Frame, RawSocket
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess
from tests.servers.redis import RedisServer

FLOODERS = 4
IN_FLIGHT = 16
ROUNDS = 2

ENTRY = """
    SELECT MAX(e.seq) FROM teahouse_entry e JOIN teahouse_person p ON p.id = e.member_id
    JOIN teahouse_room r ON r.log_id = e.log_id WHERE e.kind = ? AND p.uid = ? AND r.address = ?"""
WRITTEN = """
    SELECT m.seq FROM teahouse_message m JOIN teahouse_person p ON p.id = m.author_id
    JOIN teahouse_room r ON r.log_id = m.room_id WHERE p.uid = ? AND r.address = ? ORDER BY m.seq"""
REMOVE, BAN = 6, 7


def newest_number(frames: list[Frame]) -> int:
    """The highest number that any frame tells of."""
    numbers = [0]
    for frame in frames:
        if frame["type"] in ("changes", "reset"):
            rows = [*frame.get("messages", ()), *frame.get("members", ())]
            numbers += [frame["upto"], *(row["changed"] for row in rows)]
    return max(numbers)


def written_by(socket: RawSocket) -> int:
    """How many of its own posts were acknowledged."""
    return sum("repeat" in answer for answer in socket.answers.values())


@contextlib.asynccontextmanager
async def flood(sockets: list[RawSocket], room: str) -> AsyncIterator[None]:
    """Keeps IN_FLIGHT posts of each on their way until the end of the block."""
    ended = asyncio.Event()
    floods = [asyncio.create_task(pour(socket, room, ended)) for socket in sockets]
    try:
        yield
    finally:
        ended.set()
        await asyncio.gather(*floods)


async def pour(socket: RawSocket, room: str, ended: asyncio.Event) -> None:
    sent: list[int] = []
    while not ended.is_set():
        number = len(sent)
        sent.append(await socket.say("post", room=room, key=f"{socket.me['id']}-{number}", text=f"drop {number}"))
        if number >= IN_FLIGHT:
            await socket.until(lambda: sent[number - IN_FLIGHT] in socket.answers)  # noqa: B023 (awaited here)


@contextlib.asynccontextmanager
async def people_of(*servers: ServerProcess) -> AsyncIterator[list[RawSocket]]:
    """An owner on the first server, a victim on the last one, and flooders on all."""
    async with contextlib.AsyncExitStack() as stack:
        places = [servers[0], servers[-1], *(servers[number % len(servers)] for number in range(FLOODERS))]
        yield [await stack.enter_async_context(RawSocket(server.ws_url)) for server in places]


async def private_room(owner: RawSocket, members: list[RawSocket]) -> str:
    room: str = (await owner.ask("create", title="Kitchen"))["room"]
    code = (await owner.ask("invite", room=room))["code"]
    for member in members:
        assert (await member.ask("accept", code=code))["role"] == "member"
        assert (await member.ask("watch", room=room))["type"] == "ok"
    await owner.ask("watch", room=room)
    return room


async def removed_under_a_flood(servers: list[ServerProcess], tables: Tables, how: str, kind: int) -> None:
    async with people_of(*servers) as (owner, victim, *flooders):
        room = await private_room(owner, [victim, *flooders])
        async with flood([victim, *flooders], room):
            await victim.until(lambda: newest_number(victim.frames) > 100 and written_by(victim) > IN_FLIGHT)
            answer = await owner.ask(how, room=room, person=victim.me["id"])
            assert answer["type"] == "ok", answer
            ended = await victim.until_event("ended")
            heard = len(victim.frames)
            await owner.until(lambda: newest_number(owner.frames) > answer["seq"] + 200)
        assert ended["code"] == "no_such_room"
        ((removal,),) = tables.ask(ENTRY, kind, victim.me["id"], room)
        assert removal == answer["seq"]
        assert newest_number(victim.frames) <= removal, "heard past the removal"
        assert [frame for frame in victim.frames[heard:] if frame["type"] != "ping"] == []
        written = [seq for (seq,) in tables.ask(WRITTEN, victim.me["id"], room)]
        assert written
        assert max(written) < removal, "wrote past the removal"
        refused = {answer["code"] for answer in victim.answers.values() if answer["type"] == "error"}
        assert refused == {"no_such_room"}
        for flooder in flooders:
            await flooder.until(lambda: newest_number(flooder.frames) == tables.head(room))  # noqa: B023


@pytest.mark.parametrize(("how", "kind"), [("remove", REMOVE), ("ban", BAN)])
async def test_a_flood_carries_nothing_to_or_from_who_was_removed(
    start_host: StartHost, tables: Tables, how: str, kind: int
) -> None:
    # One by which all is decided in the tables: nothing but the write itself stands in the way of who was removed.
    server = start_host(tables, LIMITS=False, POLICY="tests.behaviour.host.policy.MakingPolicy")
    for _ in range(ROUNDS):
        await removed_under_a_flood([server], tables, how, kind)


@pytest.mark.parametrize("layer", ["pubsub", "lying", "silent"])
async def test_a_removal_in_one_process_acts_in_the_midst_of_a_flood_in_another(
    start_host: StartHost, tables: Tables, redis_server: RedisServer, layer: str
) -> None:
    servers = [start_host(tables, layer=layer, redis=redis_server, LIMITS=False, SWEEP_SECONDS=0.5) for _ in range(2)]
    await removed_under_a_flood(servers, tables, "remove", REMOVE)


async def test_processes_without_a_layer_hear_of_a_removal_by_the_sweep(start_host: StartHost, tables: Tables) -> None:
    servers = [start_host(tables, LIMITS=False, SWEEP_SECONDS=0.5) for _ in range(2)]
    await removed_under_a_flood(servers, tables, "ban", BAN)


async def test_an_answer_of_the_policy_that_is_out_of_date_lets_no_post_in(
    start_host: StartHost, tables: Tables
) -> None:
    """The policy said yes, and before that is written the host's own rule changes: it is asked again at the write."""
    server = start_host(tables, POLICY="tests.behaviour.host.policy.ListPolicy")
    async with RawSocket(server.ws_url) as owner, RawSocket(server.ws_url) as victim:
        for socket in (owner, victim):
            assert (await socket.ask("watch", room="tea"))["type"] == "ok"
        tell_host(server, "hold")
        too_late = await victim.say("post", room="tea", key="k", text="too late")
        await asyncio.to_thread(tell_host, server, "wait-for-held")
        tell_host(server, "shut-out", uid=victim.me["id"], room="tea")
        assert (await victim.until_event("ended"))["code"] == "no_such_room"
        await victim.until(lambda: too_late in victim.answers)
        assert victim.answers[too_late]["code"] == "no_such_room"
        assert (await owner.ask("post", room="tea", key="k", text="in time"))["type"] == "ok"
    assert tables.texts() == ["in time"]


def tell_host(server: ServerProcess, what: str, **data: str) -> None:
    """Asks one of the host's own views."""
    httpx.post(f"{server.url}/{what}/", data=data, trust_env=False, timeout=30).raise_for_status()
