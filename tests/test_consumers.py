"""Tests of `teahouse.consumers`: who is let in, as what, and how a refusal is said."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.backends.utils import CursorWrapper

from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest, sign_guest
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


def a_page(cookie: str) -> dict[str, str]:
    return {"origin": "http://testserver", "cookie": cookie}


def guest_cookie() -> str:
    guest, secret = new_guest("Ann")
    return f"teahouse_guest={sign_guest(secret, guest.name)}"


def user_cookie(user: Any) -> str:
    session = SessionStore()
    backend = "django.contrib.auth.backends.ModelBackend"
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend, HASH_SESSION_KEY: user.get_session_auth_hash()}
    )
    session.save()
    return f"sessionid={session.session_key}"


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
