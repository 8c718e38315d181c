"""Tests of `teahouse.consumers`: who is let in, as what, and how a refusal is said."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.backends.utils import CursorWrapper

from teahouse.addresses import network_of
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest, sign_guest
from teahouse.live.process import current, drain
from teahouse.routing import with_chat
from tests.chat.sessions import log_in
from tests.live.sockets import Socket, not_found, opened

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


def a_page(cookie: str) -> dict[str, str]:
    return {"origin": "http://testserver", "cookie": cookie}


def guest_cookie() -> str:
    guest, secret = new_guest("Ann")
    return f"teahouse_guest={sign_guest(secret, guest.name)}"


def user_cookie(user: Any) -> str:
    return f"sessionid={log_in(user)}"


@pytest.mark.parametrize("who", ["guest", "user"])
async def test_a_socket_opens_and_posts_while_the_thread_that_all_share_is_held(
    who: str, django_user_model: Any
) -> None:
    bob = await sync_to_async(django_user_model.objects.create_user)("bob")
    cookie = guest_cookie() if who == "guest" else await sync_to_async(user_cookie)(bob)
    let_go = threading.Event()
    held = asyncio.ensure_future(sync_to_async(let_go.wait)(60))
    try:
        socket = Socket("/ws/", headers=a_page(cookie))
        async with opened(socket):
            assert (await socket.hello("tea"))["me"]["kind"] == who
            assert (await socket.ask(type="post", room="tea", key="k", text="hello"))["type"] == "ok"
        assert not held.done()
    finally:
        let_go.set()
        await held


async def test_a_guest_with_a_cookie_is_let_in_without_a_query(statements: list[str]) -> None:
    socket = Socket("/ws/", headers=a_page(guest_cookie()))
    async with opened(socket):
        assert statements == []


async def test_many_who_come_back_at_once_share_their_queries(statements: list[str], django_user_model: Any) -> None:
    def log_in() -> list[str]:
        return [user_cookie(django_user_model.objects.create_user(f"user {number}")) for number in range(20)]

    sockets = [Socket("/ws/", headers=a_page(cookie)) for cookie in await sync_to_async(log_in)()]
    first = Socket("/ws/", headers=a_page(guest_cookie()))
    async with opened(first):
        state = (await first.hello("tea"))["rooms"][0]
        await first.hear_of("reset")
        level = {"room": "tea", "epoch": state["epoch"], "seq": state["head"]}
        statements.clear()
        await asyncio.gather(*(socket.open() for socket in sockets))
        assert sum("django_session" in statement for statement in statements) <= 2
        statements.clear()
        answers = await asyncio.gather(*(socket.hello(level) for socket in sockets))
        assert len({answer["me"]["id"] for answer in answers}) == len(sockets)
        assert len(statements) <= 4
        for socket in sockets:
            await socket.end()


async def test_whom_the_host_put_into_the_scope_is_believed_before_a_cookie(django_user_model: Any) -> None:
    ann, bob = [await sync_to_async(django_user_model.objects.create_user)(name) for name in ("ann", "bob")]
    socket = Socket("/ws/", headers=a_page(await sync_to_async(user_cookie)(ann)), user=bob)
    async with opened(socket):
        assert (await socket.hello())["me"]["name"] == "bob"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the database, by any thread."""
    asked: list[str] = []
    execute = CursorWrapper.execute

    def recorded(self: Any, sql: Any, params: Any = None) -> Any:
        # Of the sweep, and of a connection that is opened, nothing is of interest here.
        if not str(sql).startswith("PRAGMA"):
            asked.append(str(sql))
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", recorded)
    return asked


FROM = ("203.0.113.9", 50_000)


async def test_an_address_that_opens_too_many_sockets_is_told_when_to_come_back(settings: Any) -> None:
    settings.TEAHOUSE = {"HANDSHAKES_PER_SECOND": 0.5, "HANDSHAKE_BURST": 1}
    first, second = Socket("/ws/", client=FROM), Socket("/ws/", client=FROM)
    async with opened(first):
        start = await second.open()
        assert start["status"] == 429
        assert dict(start["headers"])[b"retry-after"] == b"2"
        assert (await second.next())["body"].decode().startswith("rate_limited: sockets of 203.0.113.9 come faster")
        await second.end()
        await first.hello()


@pytest.mark.parametrize("limit", ["SOCKETS_PER_ADDRESS", "SOCKETS_PER_PERSON"])
async def test_one_who_has_too_many_sockets_open_gets_another_when_one_is_closed(settings: Any, limit: str) -> None:
    settings.TEAHOUSE = {limit: 1}
    headers = a_page(guest_cookie())
    first, second, third = (Socket("/ws/", client=FROM, headers=headers) for _ in range(3))
    async with opened(first):
        start = await second.open()
        assert start["status"] == 429
        assert limit.encode() in (await second.next())["body"]
        await second.end()
        await first.end()
        async with opened(third):
            await third.hello()


async def test_whose_token_has_too_many_sockets_is_sent_away_at_hello(settings: Any) -> None:
    settings.TEAHOUSE = {"SOCKETS_PER_PERSON": 1}
    guest, secret = new_guest("Ann")
    token = sign_guest(secret, guest.name)
    first, second = Socket("/ws/"), Socket("/ws/")
    async with opened(first, second):
        await first.hello(token=token)
        assert (await second.hello(token=token))["code"] == "rate_limited"
        assert await second.closed() == (4101, "rate_limited")


async def test_a_socket_that_never_came_to_be_is_not_counted(settings: Any) -> None:
    settings.TEAHOUSE = {"SOCKETS_PER_ADDRESS": 1}
    for parts in [{"subprotocols": ["x"]}, {"headers": {"origin": "null"}}, {"headers": {"authorization": "Bearer x"}}]:
        socket = Socket("/ws/", client=FROM, **parts)
        await socket.open()
        await socket.end()
    broken = Socket("/ws/tea/", client=FROM, plain=True)

    async def gone(message: Any) -> None:
        raise ConnectionResetError

    broken._send = gone  # type: ignore[method-assign]
    broken._to_server.put_nowait({"type": "websocket.connect"})
    with pytest.raises(ConnectionResetError):
        await with_chat(not_found)(broken.scope, broken._to_server.get, broken._send)
    async with opened(Socket("/ws/", client=FROM)):
        pass


async def test_a_flood_of_handshakes_fills_no_log(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.TEAHOUSE = {"HANDSHAKE_BURST": 1, "HANDSHAKES_PER_SECOND": 0.01}
    for _ in range(20):
        socket = Socket("/ws/", client=FROM, headers={"origin": "null"})
        await socket.open()
        await socket.end()
    await drain(0)
    assert [record.message for record in caplog.records if "rate_limited" in record.message] == [
        record.message for record in caplog.records[1:]
    ]
    assert len(caplog.records) == 2


async def test_only_a_guest_is_noted_with_the_network_it_comes_from(django_user_model: Any) -> None:
    ann = await sync_to_async(django_user_model.objects.create_user)("ann")
    for headers, fields in [(a_page(guest_cookie()), {}), ({}, {}), ({}, {"token": guest_cookie().partition("=")[2]})]:
        socket = Socket("/ws/", client=FROM, headers=headers)
        async with opened(socket):
            await socket.hello(**fields)
            (line,) = current()._sessions
            assert line.person.network == network_of(FROM[0])  # type: ignore[attr-defined]
    socket = Socket("/ws/", client=FROM, headers=a_page(await sync_to_async(user_cookie)(ann)))
    async with opened(socket):
        (line,) = current()._sessions
        assert line.person.network == ""  # type: ignore[attr-defined]
