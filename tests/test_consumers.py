"""Tests of `teahouse.consumers`: who is let in, as what, and how a refusal is said."""

from typing import Any

import pytest

from teahouse.chat.rooms import ensure_room
from teahouse.live.process import current, drain
from tests.live.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tea(transactional_db: None) -> None:
    ensure_room("tea")


async def refused(**parts: Any) -> tuple[int, str]:
    """The status and the text of a handshake that is refused."""
    socket = Socket("/ws/", **parts)
    start = await socket.open()
    body = await socket.next()
    await socket.end()
    current()
    await drain(0)
    return start["status"], body["body"].decode()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver:81", "nonsense"])
async def test_a_foreign_page_is_refused_with_what_came_and_what_was_expected(origin: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    status, text = await refused(headers={"origin": origin})
    assert status == 403
    assert text.startswith("origin_refused: ")
    assert origin in text
    assert "'testserver'" in text


async def test_a_forged_bearer_token_is_refused_before_the_socket_opens() -> None:
    status, text = await refused(headers={"authorization": "Bearer forged"})
    assert status == 401
    assert "forged" in text


async def test_a_server_that_cannot_say_more_refuses_with_a_bare_close() -> None:
    socket = Socket("/ws/", headers={"origin": "null"}, extensions={})
    assert (await socket.open())["type"] == "websocket.close"
    await socket.end()
    await drain(0)


async def test_the_subprotocol_is_accepted_when_it_is_offered() -> None:
    ours, plain = Socket("/ws/tea/"), Socket("/ws/tea/", plain=True)
    assert (await ours.open())["subprotocol"] == "teahouse.v1"
    assert (await plain.open())["subprotocol"] is None
    async with opened():
        await ours.end()
        await plain.end()


@pytest.mark.parametrize(("path", "offered"), [("/ws/", []), ("/ws/tea/", ["graphql-ws"])])
async def test_who_speaks_another_protocol_is_told_which_one(path: str, offered: list[str]) -> None:
    socket = Socket(path, subprotocols=offered)
    async with opened(socket):
        assert await socket.closed() == (4001, "version_unsupported")


async def test_a_room_name_of_ten_thousand_characters_closes_with_its_code() -> None:
    socket = Socket(f"/ws/{'x' * 10_000}/")
    async with opened(socket):
        assert await socket.closed() == (4004, "bad_room_name")
