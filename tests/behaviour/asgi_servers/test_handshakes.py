"""Who gets in under each server, how a refusal looks, and what a close says."""

import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.behaviour.asgi_servers.kinds import Kind
from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.conftest import APPLICATION, host_environment
from tests.behaviour.endings import ending
from tests.behaviour.plain_chatter import PlainChatter
from tests.behaviour.tables import Tables
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

PROMPT_SECONDS = 1.5


def open_socket(server: ServerProcess, path: str, **options: Any) -> connect:
    options = {"compression": None, **options}
    return connect(server.ws_url + path, proxy=None, open_timeout=10, close_timeout=5, **options)


async def say_hello(socket: ClientConnection, **fields: Any) -> dict[str, Any]:
    await socket.send(json.dumps({"type": "hello", "id": 1, "version": 1, "name": "Ann", **fields}))
    answer: dict[str, Any] = json.loads(await socket.recv())
    return answer


def as_said(kind: Kind, code: int, reason: str) -> tuple[int, str]:
    return code, reason if kind.gives_close_reasons else ""


async def test_the_subprotocol_is_agreed_on_when_asked_for_and_else_there_is_none(server: ServerProcess) -> None:
    async with open_socket(server, "/ws/tea/", subprotocols=["chat", SUBPROTOCOL]) as socket:
        assert socket.subprotocol == SUBPROTOCOL
    async with open_socket(server, "/ws/tea/") as socket:
        assert socket.subprotocol is None
        assert "Sec-WebSocket-Protocol" not in socket.response.headers


async def test_compression_is_agreed_on_only_where_the_docs_say_so(server: ServerProcess, kind: Kind) -> None:
    async with open_socket(server, "/ws/tea/", subprotocols=[SUBPROTOCOL], compression="deflate") as socket:
        assert ("Sec-WebSocket-Extensions" in socket.response.headers) is kind.compresses
        # Ready-made frames are not compressed, and understood all the same.
        assert (await say_hello(socket, rooms=[{"room": "tea"}]))["type"] == "ok"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
@pytest.mark.parametrize("path", ["/ws/", "/ws/tea/", "/room/tea/"])
async def test_a_foreign_page_gets_403_and_its_log_a_line(
    server: ServerProcess, kind: Kind, path: str, origin: str
) -> None:
    log = len(server.log)
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(server, path, origin=origin, subprotocols=[SUBPROTOCOL])
    response = refused.value.response
    assert response.status_code == 403
    said = response.body.decode()
    assert said.startswith(f"origin_refused: the page is of '{origin}'") if kind.explains_refusals else not said
    assert f"a socket was refused (origin_refused): the page is of '{origin}'" in server.log[log:]


async def test_a_forged_token_in_the_handshake_gets_401_where_the_server_can_say_so(
    server: ServerProcess, kind: Kind
) -> None:
    headers = {"Authorization": "Bearer forged"}
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(server, "/ws/", additional_headers=headers, subprotocols=[SUBPROTOCOL])
    assert refused.value.response.status_code == (401 if kind.explains_refusals else 403)


async def test_a_page_of_this_site_gets_in_by_any_name_of_loopback(server: ServerProcess) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        origin = f"http://{host}:{server.port}"
        async with open_socket(server, "/ws/", origin=origin, subprotocols=[SUBPROTOCOL]) as socket:
            assert (await say_hello(socket))["type"] == "ok"


async def test_an_address_that_is_none_of_ours_is_refused(server: ServerProcess) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with open_socket(server, "/elsewhere/") as socket:
            await socket.recv()


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/ws/%2E%2E/", 4004, "bad_room_name"),
        ("/room/a%5Cb/", 4004, "bad_room_name"),
        ("/ws/cellar/", 4008, "no_such_room"),
        ("/ws/", 4001, "version_unsupported"),
    ],
)
async def test_a_plain_client_at_an_impossible_address_is_told_by_its_close(
    server: ServerProcess, kind: Kind, path: str, code: int, reason: str
) -> None:
    async with open_socket(server, path) as socket:
        assert await ending(socket) == as_said(kind, code, reason)


async def test_a_forged_token_and_another_version_end_the_socket_at_once(server: ServerProcess, kind: Kind) -> None:
    for fields, code, close in [
        ({"token": "forged"}, "bad_token", 4002),
        ({"version": 2}, "version_unsupported", 4001),
    ]:
        async with open_socket(server, "/ws/", subprotocols=[SUBPROTOCOL]) as socket:
            assert (await say_hello(socket, **fields))["code"] == code
            assert json.loads(await socket.recv())["code"] == close  # bye
            told = time.monotonic()
            assert await ending(socket) == as_said(kind, close, code)
            assert (time.monotonic() - told < PROMPT_SECONDS) is kind.closes_at_once


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("uvicorn", ["--root-path", "/site"]),
        ("daphne", ["--root-path", "/site"]),
        ("hypercorn", ["--root-path", "/site"]),
        ("granian", ["--url-path-prefix", "/site"]),
    ],
)
async def test_the_sockets_stand_under_a_prefix_behind_a_proxy_that_takes_one_off(
    start_server: ServerStarter, sqlite: Tables, program: str, arguments: list[str]
) -> None:
    environment = host_environment(sqlite, HOST_PREFIX="chat/")
    behind = getattr(start_server, program)(APPLICATION, arguments=arguments, environment=environment)
    async with Chatter(f"{behind.ws_url}/chat") as ann, PlainChatter(f"{behind.ws_url}/chat", path="room") as bob:
        await bob.say("here")
        await ann.until_text("here")
    with pytest.raises(InvalidStatus):
        await open_socket(behind, "/ws/", subprotocols=[SUBPROTOCOL])
