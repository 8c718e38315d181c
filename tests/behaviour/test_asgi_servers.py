"""Teahouse under each ASGI server: the same first words, refusals and close codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.conftest import APPLICATION, host_environment
from tests.behaviour.endings import ending
from tests.behaviour.levels import all_level
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import Tables, copy_sqlite
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

IMPLEMENTATIONS = {
    "uvicorn, ours": "teahouse.server:WebSocket",
    "uvicorn, sans-I/O": "websockets-sansio",
    "uvicorn, websockets": "websockets",
}
SERVERS = [*IMPLEMENTATIONS, "daphne"]
ROOM = "群聊 & tea"


@pytest.fixture(scope="module")
def tables(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return copy_sqlite(sqlite_template, tmp_path_factory.mktemp("asgi-database") / "host.sqlite3")


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tables: Tables, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    starter = ServerStarter(tmp_path_factory.mktemp("asgi-server"))
    environment = host_environment(tables)
    if request.param == "daphne":
        started = starter.daphne(APPLICATION, environment=environment)
    else:
        implementation = IMPLEMENTATIONS[request.param]
        started = starter.uvicorn(APPLICATION, arguments=["--ws", implementation], environment=environment)
    yield started
    starter.end_all()
    assert "Traceback" not in started.log


def open_socket(server: ServerProcess, path: str, **options: Any) -> connect:
    return connect(server.ws_url + path, proxy=None, compression=None, open_timeout=10, close_timeout=5, **options)


async def say_hello(socket: ClientConnection, **fields: Any) -> dict[str, Any]:
    await socket.send(json.dumps({"type": "hello", "id": 1, "version": 1, "name": "Ann", **fields}))
    answer: dict[str, Any] = json.loads(await socket.recv())
    return answer


async def close_code(socket: ClientConnection) -> int | None:
    """The code alone: daphne says no reason."""
    ended = await ending(socket)
    return ended[0] if ended else None


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


async def test_a_binary_frame_harms_only_who_sent_it(server: ServerProcess) -> None:
    async with (
        Chatter(server.ws_url, room="binary") as ann,
        PlainChatter(server.ws_url, room="binary") as bob,
        PlainChatter(server.ws_url, room="binary", path="room") as carl,
    ):
        await bob.socket.send(b"\x00\x01")
        await bob.until(lambda: bob.close, "is sent away")
        assert bob.close is not None
        assert bob.close[0] == 4006
        await ann.post("still here?")
        await carl.until(lambda: carl.texts == ["still here?"], "goes on")

        async with open_socket(server, "/ws/", subprotocols=[SUBPROTOCOL]) as socket:
            await say_hello(socket)
            await socket.send(b"\x00\x01")
            refusal = json.loads(await socket.recv())
            assert (refusal["code"], refusal["id"]) == ("binary_frame", None)
            await socket.send('{"type": "ping"}')
            assert json.loads(await socket.recv()) == {"type": "pong"}


@pytest.mark.parametrize(
    ("path", "code"), [("/ws/%2E%2E/", 4004), ("/room/a%5Cb/", 4004), ("/ws/cellar/", 4008), ("/ws/", 4001)]
)
async def test_a_plain_client_at_an_impossible_address_is_told_by_its_close_code(
    server: ServerProcess, path: str, code: int
) -> None:
    async with open_socket(server, path) as socket:
        assert await close_code(socket) == code


async def test_a_forged_token_and_another_version_end_the_socket(server: ServerProcess) -> None:
    for fields, code, close in [
        ({"token": "forged"}, "bad_token", 4002),
        ({"version": 2}, "version_unsupported", 4001),
    ]:
        async with open_socket(server, "/ws/", subprotocols=[SUBPROTOCOL]) as socket:
            assert (await say_hello(socket, **fields))["code"] == code
            assert json.loads(await socket.recv())["code"] == close  # bye
            assert await close_code(socket) == close


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
@pytest.mark.parametrize("path", ["/ws/", "/ws/tea/", "/room/tea/"])
async def test_a_foreign_page_gets_403(server: ServerProcess, path: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(server, path, origin=origin, subprotocols=[SUBPROTOCOL])
    assert refused.value.response.status_code == 403


async def test_a_page_of_this_site_gets_in_by_any_name_of_loopback(server: ServerProcess) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        origin = f"http://{host}:{server.port}"
        async with open_socket(server, "/ws/", origin=origin, subprotocols=[SUBPROTOCOL]) as socket:
            assert (await say_hello(socket))["type"] == "ok"


async def test_an_address_that_is_none_of_ours_is_refused(server: ServerProcess) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with open_socket(server, "/elsewhere/") as socket:
            await socket.recv()


@pytest.mark.parametrize("program", ["uvicorn", "daphne"])
async def test_the_sockets_stand_under_a_prefix_behind_a_proxy_that_takes_one_off(
    start_server: ServerStarter, sqlite: Tables, program: str
) -> None:
    start = start_server.daphne if program == "daphne" else start_server.uvicorn
    environment = host_environment(sqlite, HOST_PREFIX="chat/")
    behind = start(APPLICATION, arguments=["--root-path", "/site"], environment=environment)
    async with Chatter(f"{behind.ws_url}/chat") as ann, PlainChatter(f"{behind.ws_url}/chat", path="room") as bob:
        await bob.say("here")
        await ann.until_text("here")
    with pytest.raises(InvalidStatus):
        await open_socket(behind, "/ws/", subprotocols=[SUBPROTOCOL])
