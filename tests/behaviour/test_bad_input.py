"""What a live socket says to whatever is wrong, while another client in the room goes on and nothing is stored."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.conftest import APPLICATION, copy_postgres, host_environment
from tests.behaviour.endings import ending
from tests.behaviour.levels import all_level
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import Tables, copy_sqlite
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

MAX_FRAME_BYTES = 65_536
SECRET = "zqxj"
"""Stands in every text that is sent here, and in no line of the log."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    if request.param == "postgres":
        return copy_postgres(request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template"))
    folder = tmp_path_factory.mktemp("bad-input-database")
    return copy_sqlite(request.getfixturevalue("sqlite_template"), folder / "host.sqlite3")


@pytest.fixture(scope="module")
def server(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all that is wrong; every logger says all that it can."""
    starter = ServerStarter(tmp_path_factory.mktemp("bad-input-server"))
    started = starter.uvicorn(
        APPLICATION,
        arguments=["--ws", "websockets-sansio"],
        environment=host_environment(tables, HOST_LOG_LEVEL="DEBUG"),
    )
    yield started
    starter.end_all()


@pytest.fixture
async def bystander(server: ServerProcess, tables: Tables) -> AsyncIterator[Chatter]:
    """Somebody else in the room: goes on undisturbed over all that happens, and sees none of it."""
    head = tables.head()
    log = len(server.log)
    async with Chatter(server.ws_url, name="bystander") as bystander:
        yield bystander
        assert (await bystander.post("I am still here"))["type"] == "ok"
        assert tables.head() == head + 1, "something was stored"
        await all_level([bystander], tables)
        assert (bystander.connections, bystander.resets) == (1, ["new"])
    assert SECRET not in server.log[log:]
    # uvicorn itself logs where it found bytes that are not UTF-8.
    assert not re.search(r'File ".*/src/teahouse/', server.log[log:])


def open_socket(server: ServerProcess, path: str = "/ws/") -> connect:
    return connect(
        server.ws_url + path,
        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
        proxy=None,
        compression=None,
        max_size=None,
        open_timeout=10,
        close_timeout=5,
    )


async def hear(socket: ClientConnection) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
    return heard


async def answer_to(socket: ClientConnection, frame: str | bytes) -> dict[str, Any]:
    """The answer to one frame; events of the room are passed over."""
    await socket.send(frame)
    while (heard := await hear(socket))["type"] not in ("ok", "error"):
        pass
    return heard


async def still_answers(socket: ClientConnection) -> None:
    await socket.send('{"type": "ping"}')
    while (await hear(socket))["type"] != "pong":
        pass


def command(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, "id": 7, **fields})


HELLO = command("hello", version=1, name="Mallory", rooms=[{"room": "tea"}])
POST = {"room": "tea", "key": "k", "text": f"{SECRET} text"}


def post(**fields: Any) -> str:
    return command("post", **{**POST, **fields})


def nested(levels: int, opening: str, closing: str) -> str:
    return opening * levels + closing * levels


REFUSED = [
    pytest.param(f"{SECRET}, not JSON", "not_json", None, id="not JSON"),
    pytest.param("", "not_json", None, id="an empty frame"),
    pytest.param("[1, 2]", "not_json", None, id="no object"),
    pytest.param(post()[:-1], "not_json", None, id="half an object"),
    pytest.param(b'{"type": "ping"}', "binary_frame", None, id="binary"),
    pytest.param(post(text=SECRET * 20_000), "frame_too_long", None, id="too long"),
    pytest.param(post(more="x" * MAX_FRAME_BYTES), "frame_too_long", None, id="just too long"),
    pytest.param(nested(10_000, "[", "]"), "too_deep", None, id="10 000 arrays deep"),
    pytest.param(nested(10_000, '{"a":', "}").replace(":}", ":1}"), "too_deep", None, id="10 000 objects deep"),
    pytest.param(post(more=json.loads(nested(17, "[", "]"))), "too_deep", None, id="17 levels deep"),
    pytest.param(command("dance"), "unknown_command", 7, id="an unknown command"),
    pytest.param('{"id": 7}', "bad_field", 7, id="no type"),
    pytest.param('{"type": 5, "id": 7}', "bad_field", 7, id="a type that is a number"),
    pytest.param('{"type": "post", "room": "tea", "key": "k", "text": "x"}', "bad_field", None, id="no id"),
    pytest.param(post(id=-1), "bad_field", None, id="a negative id"),
    pytest.param(post(id=2**53), "bad_field", None, id="an id past what JavaScript holds"),
    pytest.param(post(id="7"), "bad_field", None, id="an id that is a text"),
    pytest.param(command("post", room="tea", key="k"), "bad_field", 7, id="no text"),
    pytest.param(post(text=None), "bad_field", 7, id="a text that is null"),
    pytest.param(post(text=5), "bad_field", 7, id="a text that is a number"),
    pytest.param(post(text={"a": SECRET}), "bad_field", 7, id="a text that is an object"),
    pytest.param(post(key=""), "bad_field", 7, id="an empty key"),
    pytest.param(post(key="k" * 65), "bad_field", 7, id="a long key"),
    pytest.param(post(key="k k"), "bad_field", 7, id="a key with a space"),
    pytest.param(post(room=5), "bad_field", 7, id="a room that is a number"),
    pytest.param(post()[:-1] + ', "room": "other"}', "not_json", None, id="a field twice"),
    pytest.param(post(text=f"{SECRET}\0"), "bad_text", 7, id="NUL"),
    pytest.param(post(text=f"{SECRET}\ud83c"), "bad_text", 7, id="a lone surrogate"),
    pytest.param(post(text=" \n\t\u3000"), "message_empty", 7, id="nothing to see"),
    pytest.param(post(text="é" * 4001), "message_too_long", 7, id="a character too long"),
    pytest.param(post(room="r" * 10_000), "bad_room_name", 7, id="a room name of 10 000 characters"),
    pytest.param(post(room="a/b"), "bad_room_name", 7, id="a room name with a slash"),
    pytest.param(post(room=""), "bad_room_name", 7, id="an empty room name"),
    pytest.param(post(room="cellar"), "no_such_room", 7, id="a room that nobody may enter"),
    pytest.param(post(room="museum"), "not_allowed", 7, id="a room that one may only read"),
    pytest.param(command("edit", room="tea", seq=10**15, changed=1, text="x"), "no_such_message", 7, id="no message"),
    pytest.param(command("edit", room="tea", seq=2**63, changed=1, text="x"), "bad_field", 7, id="a huge number"),
    pytest.param(command("history", room="tea", before=1, after=1), "bad_field", 7, id="history both ways"),
    pytest.param(command("history", room="tea", limit=10**6), "bad_field", 7, id="a huge page"),
    pytest.param(HELLO, "hello_twice", 7, id="a second hello"),
]


@pytest.mark.parametrize(("frame", "code", "command_id"), REFUSED)
async def test_it_is_refused_by_its_code_and_the_socket_goes_on(
    server: ServerProcess, bystander: Chatter, frame: str | bytes, code: str, command_id: int | None
) -> None:
    async with open_socket(server) as socket:
        assert (await answer_to(socket, HELLO))["type"] == "ok"
        refusal = await answer_to(socket, frame)
        assert (refusal["type"], refusal["code"], refusal["id"]) == ("error", code, command_id)
        assert refusal["retry"] is False
        assert SECRET not in refusal["text"]
        await still_answers(socket)


async def test_nothing_but_hello_comes_first(server: ServerProcess, bystander: Chatter) -> None:
    async with open_socket(server) as socket:
        for frame in (
            post(),
            command("watch", room="tea"),
            command("history", room="tea"),
            command("join", room="tea"),
        ):
            refusal = await answer_to(socket, frame)
            assert (refusal["code"], refusal["id"]) == ("hello_first", 7)
        assert (await answer_to(socket, HELLO))["type"] == "ok"


async def test_a_bad_room_in_hello_does_not_spoil_the_others(server: ServerProcess, bystander: Chatter) -> None:
    rooms = [{"room": "r" * 10_000}, {"room": "cellar"}, {"room": "tea"}, {"room": "a\0b"}]
    async with open_socket(server) as socket:
        answer = await answer_to(socket, command("hello", version=1, rooms=rooms))
        codes = [room.get("error", {}).get("code") for room in answer["rooms"]]
        assert codes == ["bad_room_name", "no_such_room", None, "bad_room_name"]


async def test_a_forged_token_ends_the_socket(server: ServerProcess, bystander: Chatter) -> None:
    good = (bystander.token or "").rpartition(":")[0]
    for token in ("forged", f"{good}:{SECRET}", "x" * 10_000, "é", ""):
        async with open_socket(server) as socket:
            refusal = await answer_to(socket, command("hello", version=1, token=token))
            assert refusal["code"] == "bad_token"
            assert await ending(socket) == (4002, "bad_token")


async def test_bytes_that_are_not_utf8_end_the_socket_as_the_standard_says(
    server: ServerProcess, bystander: Chatter
) -> None:
    async with open_socket(server) as socket:
        await answer_to(socket, HELLO)
        async with socket.send_context():
            socket.protocol.send_frame(Frame(Opcode.TEXT, post().encode()[:-4] + b'\xff\xfe"}'))
        assert await ending(socket) == (1007, "")


async def test_ten_megabytes_are_refused_and_remembered_by_nobody(server: ServerProcess, bystander: Chatter) -> None:
    before = resident_kilobytes(server)
    async with open_socket(server) as socket:
        await answer_to(socket, HELLO)
        assert (await answer_to(socket, post(text="x" * 10 * 1024 * 1024)))["code"] == "frame_too_long"
        await still_answers(socket)
    assert resident_kilobytes(server) - before < 60 * 1024


async def test_who_speaks_nothing_but_nonsense_is_sent_away(server: ServerProcess, bystander: Chatter) -> None:
    async with open_socket(server) as socket:
        for _ in range(200):
            await socket.send(f"{SECRET} nonsense")
        assert await ending(socket) == (4000, "protocol_error")


async def test_a_socket_of_one_room_speaks_of_no_other(server: ServerProcess, bystander: Chatter) -> None:
    async with open_socket(server, "/ws/tea/") as socket:
        await answer_to(socket, HELLO)
        assert (await answer_to(socket, post(room="other")))["code"] == "other_room"
        await still_answers(socket)


@pytest.mark.parametrize(
    ("text", "close"),
    [
        pytest.param(f"{SECRET}\0", (4005, "bad_text"), id="NUL"),
        pytest.param(SECRET * 1001, (4005, "message_too_long"), id="too long"),
        pytest.param(SECRET.encode(), (4006, "binary_frame"), id="binary"),
    ],
)
async def test_a_plain_client_is_closed_with_the_reason(
    server: ServerProcess, bystander: Chatter, text: str | bytes, close: tuple[int, str]
) -> None:
    async with PlainChatter(server.ws_url) as plain:
        await plain.socket.send(text)
        await plain.until(lambda: plain.close, "is sent away")
        assert plain.close == close


@pytest.mark.parametrize(
    ("path", "close"), [("/ws/" + "r" * 5_000 + "/", (4004, "bad_room_name")), ("/ws/cellar/", (4008, "no_such_room"))]
)
async def test_a_plain_client_at_an_impossible_room_is_closed_with_the_reason(
    server: ServerProcess, bystander: Chatter, path: str, close: tuple[int, str]
) -> None:
    async with connect(server.ws_url + path, proxy=None) as socket:
        assert await ending(socket) == close


async def test_a_plain_client_in_a_room_that_one_may_only_read_is_closed_when_it_speaks(
    server: ServerProcess, bystander: Chatter
) -> None:
    async with PlainChatter(server.ws_url, room="museum") as plain:
        await plain.say(f"{SECRET} graffiti")
        await plain.until(lambda: plain.close, "is sent away")
        assert plain.close == (4003, "not_allowed")


def resident_kilobytes(server: ServerProcess) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found
    return int(found[1])
