"""Tests of `teahouse.live.session`: protocol v1 through the edge's ASGI application, on the tests' database."""

import asyncio
from typing import Any
from unittest.mock import ANY

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from rest_framework.authtoken.models import Token

from teahouse.chat.hosting import ban
from teahouse.chat.making import ensure_room
from teahouse.chat.people import identity_of_row, identity_of_user, new_guest, sign_guest
from teahouse.chat.policy import Policy
from teahouse.chat.proofs import Proved, TokenProof, mark_of
from teahouse.chat.tokens import token_for
from teahouse.live import standing
from teahouse.live.entrances import enter_one
from teahouse.live.process import current
from teahouse.models import Membership, Message, Person, Room
from tests.live.policies import Closable
from tests.live.sockets import Socket, opened

BACKEND = "django.contrib.auth.backends.ModelBackend"

pytestmark = pytest.mark.django_db(transaction=True)


def login_into(session: SessionStore, user: Any) -> None:
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()}
    )
    session.save()


@pytest.fixture(autouse=True)
def tea(transactional_db: None) -> Room:
    return ensure_room("Tea")


async def test_hello_answers_for_each_room_by_itself_and_in_order() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        answer = await socket.hello("TEA", "no such", "a/b")
        first, second, third = answer["rooms"]
        assert (first["room"], first["title"], first["head"], first["role"]) == ("tea", "Tea", 0, None)
        assert second["error"]["code"] == "no_such_room"
        assert third["error"]["code"] == "bad_room_name"
        assert (await socket.hear())["type"] == "reset"


async def test_a_post_is_answered_and_heard_by_everyone_and_by_its_sender() -> None:
    ann, bob = Socket("/ws/"), Socket("/ws/")
    async with opened(ann, bob):
        for socket in (ann, bob):
            await socket.hello("tea")
            await socket.hear_of("reset")
        ann.say({"type": "post", "id": 5, "room": "tea", "key": "k", "text": "早上好"})
        heard = {event["type"]: event for event in (await ann.hear(), await ann.hear())}
        assert (heard["ok"]["seq"], heard["ok"]["repeat"]) == (1, False)
        assert heard["changes"] == await bob.hear()
        assert heard["changes"]["messages"][0]["text"] == "早上好"


async def test_the_same_key_gets_the_same_answer_and_is_one_message() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        post = {"type": "post", "room": "tea", "key": "k", "text": "once"}
        first, again = await socket.ask(**post), await socket.ask(**post)
        assert again == {**first, "repeat": True}
        assert (await socket.ask(**{**post, "text": "other"}))["code"] == "key_conflict"
    assert await Message.objects.acount() == 1


async def test_edit_and_delete_need_the_version_that_stands() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        await socket.ask(type="post", room="tea", key="k", text="one")
        edited = await socket.ask(type="edit", room="tea", seq=1, changed=1, text="two")
        assert edited["changed"] == 2
        conflict = await socket.ask(type="delete", room="tea", seq=1, changed=1)
        assert (conflict["code"], conflict["message"]["text"]) == ("conflict", "two")
        assert (await socket.ask(type="delete", room="tea", seq=1, changed=2))["changed"] == 3


async def test_joining_and_leaving_are_entries_that_everyone_hears() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        await socket.hear_of("reset")
        socket.say({"type": "join", "id": 1, "room": "tea"})
        heard = {event["type"]: event for event in (await socket.hear(), await socket.hear())}
        assert heard["ok"]["role"] == heard["changes"]["members"][0]["role"] == "member"
        assert (await socket.ask(type="leave", room="tea"))["role"] is None
    assert (await Membership.objects.aget()).role == ""


async def test_what_somebody_has_read_is_answered_to_them_and_told_at_their_next_hello() -> None:
    token = sign_guest("a secret", "Bob")
    bob, ann = Socket("/ws/"), Socket("/ws/")
    async with opened(bob, ann):
        await bob.hello("tea", token=token)
        assert (await bob.ask(type="read", room="tea", seq=1))["code"] == "not_allowed"
        await bob.ask(type="join", room="tea")
        await ann.hello("tea")
        for number in range(3):
            await ann.ask(type="post", room="tea", key=f"k{number}", text="hello")
        assert (await bob.ask(type="read", room="tea", seq=2))["seq"] == 2
        heard = await ann.ask(type="watch", room="tea")
        assert (heard["head"], heard["read"], heard["unread"]) == (4, None, None)
    again = Socket("/ws/")
    async with opened(again):
        (state,) = (await again.hello("tea", token=token))["rooms"]
        assert (state["read"], state["unread"]) == (2, 2)


async def test_watching_again_gives_what_is_missing_and_unwatch_ends_it() -> None:
    ann, bob = Socket("/ws/"), Socket("/ws/")
    async with opened(ann, bob):
        await ann.hello("tea")
        await bob.hello("tea")
        epoch = (await bob.hear_of("reset"))["epoch"]
        await bob.ask(type="unwatch", room="tea")
        await ann.ask(type="post", room="tea", key="k", text="unheard")
        state = await bob.ask(type="watch", room="tea", epoch=epoch, seq=0)
        assert state["head"] == 1
        assert (await bob.hear())["messages"][0]["text"] == "unheard"


async def test_unwatch_of_a_room_that_is_not_watched_asks_nobody_and_makes_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Policy, "can_create", lambda self, person, room: True)
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello()
        assert await socket.ask(type="unwatch", room="New") == {"type": "ok", "id": 1, "room": "new"}
        assert not await Room.objects.filter(address="new").aexists()


async def test_history_is_read_by_number_and_by_time() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        for number in range(1, 4):
            await socket.ask(type="post", room="tea", key=f"k{number}", text=str(number))
        page = await socket.ask(type="history", room="tea", before=3, limit=1)
        assert ([row["seq"] for row in page["messages"]], page["more_before"], page["more_after"]) == ([2], True, True)
        first = await socket.ask(type="history", room="tea", at=0)
        assert [row["seq"] for row in first["messages"]] == [1, 2, 3]


async def test_a_guest_without_a_cookie_stays_itself_by_its_token() -> None:
    first, again = Socket("/ws/"), Socket("/ws/")
    async with opened(first, again):
        answer = await first.hello(name="Ann")
        assert answer["me"]["name"] == "Ann"
        back = await again.hello(token=answer["token"])
        assert back["me"] == answer["me"]
        assert "token" not in back


async def test_a_page_of_ours_brings_its_guest_by_cookie_and_others_do_not() -> None:
    guest, secret = new_guest("Ann")
    cookie = {"cookie": f"teahouse_guest={sign_guest(secret, 'Ann')}"}
    page = Socket("/ws/", headers={**cookie, "origin": "http://testserver"})
    script = Socket("/ws/", headers=cookie)
    async with opened(page, script):
        assert (await page.hello())["me"]["id"] == guest.uid
        assert (await script.hello())["me"]["id"] != guest.uid


async def test_a_host_user_comes_by_session(django_user_model: Any) -> None:
    user = await sync_to_async(django_user_model.objects.create_user)("bob")
    session = SessionStore()
    await sync_to_async(login_into)(session, user)
    socket = Socket("/ws/", headers={"origin": "http://testserver", "cookie": f"sessionid={session.session_key}"})
    async with opened(socket):
        me = (await socket.hello("tea"))["me"]
    assert (me["name"], me["kind"]) == ("bob", "user")


async def test_a_forged_token_closes_and_does_not_come_back() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        assert (await socket.hello(token="forged"))["code"] == "bad_token"
        assert (await socket.hear())["type"] == "bye"
        assert await socket.closed() == (4002, "bad_token")


async def test_what_cannot_be_understood_is_answered_and_harms_nobody() -> None:
    odd, calm = Socket("/ws/"), Socket("/ws/")
    async with opened(odd, calm):
        await calm.hello("tea")
        await calm.hear_of("reset")
        odd.say({"type": "post", "id": 1, "room": "tea", "key": "k", "text": "early"})
        assert (await odd.hear())["code"] == "hello_first"
        await odd.hello("tea")
        await odd.hear_of("reset")
        for frame, code in [(b"\x00", "binary_frame"), ("{", "not_json"), ("[" * 10_000, "too_deep")]:
            odd.say(frame)
            assert (await odd.hear())["code"] == code
        await odd.ask(type="post", room="tea", key="k", text="fine")
        assert (await calm.hear())["messages"][0]["text"] == "fine"


async def test_a_socket_that_speaks_something_else_is_closed() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        for _ in range(100):
            socket.say("GET / HTTP/1.1")
        assert await socket.closed() == (4000, "protocol_error")


async def test_a_socket_of_one_room_carries_no_other() -> None:
    await sync_to_async(ensure_room)("cake")
    socket = Socket("/ws/Tea/")
    async with opened(socket):
        answer = await socket.hello("tea", "cake")
        assert answer["rooms"][1]["error"]["code"] == "other_room"
        assert (await socket.ask(type="watch", room="cake"))["code"] == "other_room"


async def test_one_socket_carries_only_so_many_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    await sync_to_async(ensure_room)("cake")
    monkeypatch.setattr("teahouse.protocol.commands.MAX_ROOMS", 1)
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        assert (await socket.ask(type="watch", room="cake"))["code"] == "not_allowed"
        assert (await socket.ask(type="watch", room="tea"))["type"] == "ok"


async def test_a_hello_with_too_many_rooms_is_refused_unread() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        assert (await socket.hello(*["tea"] * 501))["code"] == "bad_field"
        assert (await socket.hello("tea"))["type"] == "ok"


async def test_the_policy_of_the_host_is_asked_before_a_post(settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.ReadOnly"}
    socket = Socket("/ws/")
    async with opened(socket):
        assert (await socket.hello("tea"))["rooms"][0]["can_post"] is False
        assert (await socket.ask(type="post", room="tea", key="k", text="hello"))["code"] == "not_allowed"
    assert await Message.objects.acount() == 0


async def test_whom_the_host_bars_neither_writes_nor_reads_on_over_an_open_socket(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Closable"}
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea", name="Ann")
        assert (await socket.ask(type="post", room="tea", key="k1", text="hello"))["type"] == "ok"
        monkeypatch.setattr(Closable, "barred", {"Ann"})
        write = {"room": "tea", "seq": 1, "changed": 1}
        refused = [
            await socket.ask(type="post", room="tea", key="k2", text="still here"),
            await socket.ask(type="edit", text="still here", **write),
            await socket.ask(type="delete", **write),
            await socket.ask(type="history", room="tea"),
        ]
    assert [answer.get("code") for answer in refused] == ["no_such_room"] * 4
    assert await Message.objects.acount() == 1


async def test_who_left_a_private_room_reads_no_more_of_its_history() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        await socket.ask(type="join", room="tea")
        await Room.objects.aupdate(kind=Room.Kind.PRIVATE)
        assert (await socket.ask(type="history", room="tea"))["type"] == "ok"
        assert (await socket.ask(type="leave", room="tea"))["role"] is None
        assert (await socket.ask(type="history", room="tea"))["code"] == "no_such_room"


async def test_who_guesses_the_number_of_their_ban_hears_nothing_behind_it(
    tea: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right is asked and ends before the answer is used; the position that is shown skips the entry of that."""
    ann, bob = Socket("/ws/"), Socket("/ws/")

    async def enter_and_be_banned(*arguments: Any) -> Any:
        found = await enter_one(*arguments)
        await sync_to_async(ban)(tea, identity_of_row(await Person.objects.aget(uid=me)))
        while (await bob.hear_of("changes"))["upto"] < 2:
            pass
        return found

    async with opened(ann, bob):
        await bob.hello("tea")
        me = (await ann.hello())["me"]["id"]
        await ann.ask(type="post", room="tea", key="k", text="one")
        epoch = (await ann.ask(type="history", room="tea"))["epoch"]
        monkeypatch.setattr("teahouse.live.session.enter_one", enter_and_be_banned)
        assert (await ann.ask(type="watch", room="tea", epoch=epoch, seq=2))["type"] == "ok"
        await bob.ask(type="post", room="tea", key="k", text="two")
        assert await ann.hear() == {"type": "ended", "room": "tea", "code": "banned", "text": ANY}


async def test_what_breaks_in_the_server_is_an_error_and_not_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: Any) -> None:
        raise ZeroDivisionError

    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea")
        monkeypatch.setattr("teahouse.chat.commands.history", fail)
        assert (await socket.ask(type="history", room="tea"))["code"] == "internal_error"
        assert (await socket.ask(type="post", room="tea", key="k", text="private words"))["type"] == "ok"
    assert "private words" not in caplog.text


async def user_named(name: str, django_user_model: Any) -> Any:
    return await sync_to_async(django_user_model.objects.create_user)(name, password="old")


async def test_a_newer_token_of_the_same_person_prolongs_and_anothers_changes_nothing(django_user_model: Any) -> None:
    bob, eve = await user_named("bob", django_user_model), await user_named("eve", django_user_model)
    socket = Socket("/ws/")
    async with opened(socket):
        expires_at = (await socket.hello("tea", token=token_for(bob)))["expires_at"]
        (line,) = current()._sessions
        proof = line.proof
        for token in (token_for(eve), "forged", "a\0b", sign_guest("secret", "bob")):
            assert (await socket.ask(type="refresh", token=token))["code"] == "bad_token"
            assert line.proof is proof
        answer = await socket.ask(type="refresh", token=token_for(bob))
        assert answer == {"type": "ok", "id": 1, "expires_at": answer["expires_at"]}
        assert answer["expires_at"] >= expires_at
        assert line.proof is not proof
        assert (await socket.ask(type="post", room="tea", key="k", text="hello"))["type"] == "ok"


async def test_a_guest_may_show_their_token_again_which_has_no_end() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        token = (await socket.hello("tea"))["token"]
        assert await socket.ask(type="refresh", token=token) == {"type": "ok", "id": 1}


async def test_refresh_comes_after_hello() -> None:
    socket = Socket("/ws/")
    async with opened(socket):
        assert (await socket.ask(type="refresh", token="x"))["code"] == "hello_first"


async def test_who_is_shown_again_ends_with_the_newer_token(django_user_model: Any) -> None:
    bob = await user_named("bob", django_user_model)
    socket = Socket("/ws/")
    async with opened(socket):
        await socket.hello("tea", token=token_for(bob))
        key = await sync_to_async(Token.objects.create)(user=bob)
        assert "expires_at" not in await socket.ask(type="refresh", token=key.key)
        await sync_to_async(key.delete)()
        assert (await socket.hear_of("bye"))["code"] == 4002
        assert await socket.closed() == (4002, "bad_token")


@pytest.mark.parametrize("has_session", [True, False])
async def test_whom_the_host_named_ends_with_their_session_or_their_account(
    has_session: bool, django_user_model: Any
) -> None:
    bob = await user_named("bob", django_user_model)
    session = SessionStore()
    await sync_to_async(login_into)(session, bob)
    cookie = {"cookie": f"sessionid={session.session_key}"} if has_session else {}
    page = {"origin": "http://testserver", **cookie}
    socket, other = Socket("/ws/", headers=page, user=bob), Socket("/ws/")
    async with opened(socket, other):
        me = (await socket.hello("tea"))["me"]
        assert me["name"] == "bob"
        await other.hello("tea")
        await current().standing.recheck([me["id"]])
        assert (await socket.ask(type="ping_me"))["code"] == "unknown_command"
        if has_session:
            await sync_to_async(session.delete)()
        else:
            await sync_to_async(django_user_model.objects.update)(password="new")
            await current().standing.recheck([me["id"]])
        bye = await socket.hear_of("bye")
        assert (bye["code"], 0 < bye["retry_after"] <= 1) == (4203, True)
        assert await socket.closed() == (4203, "login_changed")
        assert (await other.ask(type="post", room="tea", key="k", text="hello"))["type"] == "ok"


@pytest.mark.parametrize("by_token", [True, False])
async def test_a_change_that_is_told_while_a_socket_opens_is_not_missed(
    by_token: bool, django_user_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await user_named("bob", django_user_model)
    person = await sync_to_async(identity_of_user)(bob)
    await asyncio.to_thread(current().sweep.stop)  # which would find it in a while
    monkeypatch.setattr(standing, "AGAIN_SECONDS", 1000)
    proved = Proved(person, TokenProof(bob.pk, mark_of(bob), 2**53))
    await sync_to_async(django_user_model.objects.update)(is_active=False)
    current().standing.changed([person.uid])
    # As it stood when the token, or the user whom the host named, was looked at a moment ago.
    monkeypatch.setattr("teahouse.live.session.proved_by_token", lambda token: proved)
    socket = Socket("/ws/") if by_token else Socket("/ws/", headers={"origin": "http://testserver"}, user=bob)
    async with opened(socket):
        if by_token:
            await socket.hello(token="a token")
        assert (await socket.hear_of("bye"))["code"] == (4002 if by_token else 4203)
