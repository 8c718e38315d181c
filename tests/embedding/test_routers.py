"""Teahouse beside a host's own router and socket, both ways: the club's own, and its twin with one router for all."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.embedding.conftest import StartClub
from tests.servers.processes import ServerProcess

PATIENCE_SECONDS = 10


@pytest.fixture(params=["ridgeway.asgi:application", "tests.embedding.one_router:application"])
def server(request: pytest.FixtureRequest, start_club: StartClub) -> ServerProcess:
    return start_club(request.param)


async def first_words(server: ServerProcess, path: str, *said: Any, subprotocol: str | None = None) -> Any:
    """The first frame that comes back from a socket which a page of the site opens."""
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        connect(
            server.ws_url + path,
            origin=server.url,  # type: ignore[arg-type]
            subprotocols=[subprotocol] if subprotocol else None,  # type: ignore[list-item]
            proxy=None,
        ) as socket,
    ):
        for frame in said:
            await socket.send(json.dumps(frame))
        return json.loads(await socket.recv())


async def test_the_hosts_own_socket_is_the_hosts(server: ServerProcess) -> None:
    assert await first_words(server, "/places/3/") == {"left": 2}


async def test_the_chats_sockets_stand_beside_it(server: ServerProcess) -> None:
    hello = {"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "nobody made it"}]}
    answer = await first_words(server, "/chat/ws/", hello, subprotocol="teahouse.v1")
    assert (answer["type"], answer["rooms"][0]["error"]["code"]) == ("ok", "no_such_room")


async def test_a_foreign_page_gets_neither(server: ServerProcess) -> None:
    for path in ("/places/3/", "/chat/ws/"):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(server.ws_url + path, origin="https://evil.example", proxy=None):  # type: ignore[arg-type]
                pass
        assert refused.value.response.status_code == 403
