"""What is said under each server: frames of every kind, many at once, lines that are cut, readers that stop."""

import asyncio
import contextlib
import json

from websockets.exceptions import ConnectionClosed

from tests.behaviour.asgi_servers.kinds import STALLED_SECONDS, Kind
from tests.behaviour.asgi_servers.test_handshakes import as_said, open_socket, say_hello
from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.endings import ending
from tests.behaviour.levels import all_level
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.processes import held_clients, resident_kilobytes
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess, wait_until

ROOM = "群聊 & tea"
STALLED = 5
# To each stalled reader eight million bytes, of which the system itself holds less than half.
TEXT = "tea " * 1000
TEXTS = 2000
AT_ONCE = 40
# Five queues and the ring of the room, and what Python does not give back.
BOUND_KILOBYTES = 16 * 1024


async def test_people_talk_in_a_room_of_any_name(server: ServerProcess, tables: Tables) -> None:
    async with Chatter(server.ws_url, room=ROOM) as ann, PlainChatter(server.ws_url, room=ROOM) as wang:
        assert ann.state["title"] == ROOM
        # Speaking is also how a plain client knows that it is in.
        await wang.say("你好 🍵")
        await wang.until(lambda: wang.texts, "hears itself")
        answer = await ann.post("hello\n<b>tea</b>")
        await ann.edit(answer["seq"], answer["seq"], "edited")
        await ann.post("and goodbye")
        await all_level([ann], tables)
        await wang.until(lambda: len(wang.texts) == 3, "hears all")
    assert ann.picture.texts()[-3:] == ["你好 🍵", "edited", "and goodbye"]
    assert wang.texts == ["你好 🍵", "hello\n<b>tea</b>", "and goodbye"]


async def test_a_binary_frame_harms_only_who_sent_it(server: ServerProcess, kind: Kind) -> None:
    async with (
        Chatter(server.ws_url, room="binary") as ann,
        PlainChatter(server.ws_url, room="binary") as bob,
        PlainChatter(server.ws_url, room="binary", path="room") as carl,
    ):
        await bob.socket.send(b"\x00\x01")
        await bob.until(lambda: bob.close, "is sent away")
        assert bob.close == as_said(kind, 4006, "binary_frame")
        await ann.post("still here?")
        await carl.until(lambda: carl.texts == ["still here?"], "goes on")

        async with open_socket(server, "/ws/", subprotocols=[SUBPROTOCOL]) as socket:
            await say_hello(socket)
            await socket.send(b"\x00\x01")
            refusal = json.loads(await socket.recv())
            assert (refusal["code"], refusal["id"]) == ("binary_frame", None)
            await socket.send('{"type": "ping"}')
            assert json.loads(await socket.recv()) == {"type": "pong"}


async def test_a_frame_over_the_limit_is_refused_and_one_over_the_servers_own_ends_the_socket(
    server: ServerProcess, kind: Kind
) -> None:
    async with (
        Chatter(server.ws_url, room="frames") as bystander,
        open_socket(server, "/ws/", subprotocols=[SUBPROTOCOL]) as socket,
    ):
        await say_hello(socket)
        await socket.send("x" * kind.largest_frame)
        assert json.loads(await socket.recv())["code"] == "frame_too_long"
        await socket.send('{"type": "ping"}')
        assert json.loads(await socket.recv()) == {"type": "pong"}
        # The end may come before all of it is taken.
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * (kind.largest_frame + 1))
        assert await ending(socket) == kind.larger_ends_with
        assert (await bystander.post("nothing happened here"))["type"] == "ok"
        assert bystander.connections == 1


async def test_of_300_in_flight_every_member_has_each_once_and_in_order(server: ServerProcess, tables: Tables) -> None:
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        members = [await enter(Chatter(server.ws_url, room="burst", name=f"member-{n}")) for n in range(15)]
        plain = [await enter(PlainChatter(server.ws_url, room="burst")) for _ in range(5)]
        posts = [sender.begin_post(f"{sender.name} says {n}") for n in range(100) for sender in members[:3]]
        assert {answer["type"] for answer in await asyncio.gather(*posts)} == {"ok"}
        await all_level(members, tables)
        texts = tables.texts("burst")
        assert len(texts) == 300
        for member in members:
            assert member.picture.texts() == texts
            assert (member.connections, member.resets) == (1, ["new"])
        for member in plain:
            await member.until(lambda member=member: len(member.texts) >= 300, "has all")
            assert member.texts == texts


async def test_a_line_that_is_cut_without_a_word_is_let_go_and_its_person_catches_up(
    server: ServerProcess, tables: Tables
) -> None:
    async with Chatter(server.ws_url, room="cuts", name="Ann") as ann, Chatter(server.ws_url, room="cuts") as bob:
        async with PlainChatter(server.ws_url, room="cuts") as gone:
            port = gone.socket.local_address[1]
            assert port in held_clients(server)
            gone.socket.transport.abort()
            await until_let_go(server, {port})
        await bob.cut()
        await asyncio.gather(*(ann.post(f"text {n}") for n in range(20)))
        await all_level([ann, bob], tables)
        assert (ann.connections, bob.connections) == (1, 2)


async def test_readers_that_stop_hold_up_nobody_and_have_everything_when_they_read_on(
    server: ServerProcess, kind: Kind, tables: Tables
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        ann = await enter(Chatter(server.ws_url, room="slow", name="Ann"))
        stalled = [await enter(Chatter(server.ws_url, room="slow", small_buffers=True)) for _ in range(STALLED)]
        for reader in stalled:
            reader.stop_reading()
        ports, memory = {reader.local_port for reader in stalled}, resident_kilobytes(server)
        for _ in range(TEXTS // AT_ONCE):
            await asyncio.gather(*(ann.begin_post(TEXT) for _ in range(AT_ONCE)))
        await all_level([ann], tables, seconds=5)
        assert (resident_kilobytes(server) - memory < BOUND_KILOBYTES) is kind.bounds_what_waits
        if kind.frees_stalled_sockets:
            await until_let_go(server, ports)
        else:
            # By then they were given up, where anything was held back; but only the server can end a socket.
            await asyncio.sleep(STALLED_SECONDS + 2)
            assert held_clients(server) & ports
        for reader in stalled:
            reader.read_on()
        await asyncio.gather(*(catch_up(reader, tables, kind) for reader in stalled))
        await all_level([ann, *stalled], tables)
        assert ann.connections == 1


async def catch_up(reader: Chatter, tables: Tables, kind: Kind) -> None:
    """Reads on; where the server says nothing more, as a client that notices it by its own pulse."""
    head = tables.head("slow")
    if kind.ends_what_it_gave_up:
        await reader.until_at(head)
        return
    while (reader.picture.position or 0) < head:
        with contextlib.suppress(AssertionError):
            await reader.until_at(head, seconds=2)
            return
        await reader.cut()


async def until_let_go(server: ServerProcess, ports: set[int]) -> None:
    await asyncio.to_thread(wait_until, lambda: not held_clients(server) & ports, "lets go of its sockets")
