"""A socket's place in a room: what it hears when rights end, and that its changes keep their order when asked anew."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async

import teahouse
from teahouse.chat import hosting
from teahouse.chat.actions import PostMessage
from teahouse.chat.making import create_room, ensure_room
from teahouse.chat.people import Identity, guest_identity, row_of, sign_guest
from teahouse.errors import NoSuchRoom
from teahouse.live.process import current
from teahouse.live.seats import look_at_rights
from teahouse.live.session import Session
from teahouse.models import Message, Person, Room
from tests.live.policies import Closable, Counting, Doubting, Slow
from tests.live.sockets import Socket, opened

pytestmark = pytest.mark.django_db(transaction=True)

ANN, BOB = (guest_identity(f"the secret of {name}", name) for name in ("Ann", "Bob"))


@pytest.fixture(autouse=True)
def tea(transactional_db: None) -> Room:
    return ensure_room("tea")


@pytest.fixture(autouse=True)
def policies() -> Iterator[None]:
    yield
    Closable.barred.clear()
    Counting.asked.clear()
    Slow.rooms.clear()
    Slow.let_go.set()


@pytest.fixture
def kitchen() -> Room:
    """A private room of Ann and Bob."""
    return create_room("Kitchen", owner=ANN, members=[BOB])


def socket_of(person: Identity, **scope: Any) -> Socket:
    token = sign_guest(f"the secret of {person.name}", person.name)
    return Socket("/ws/", headers={"authorization": f"Bearer {token}"}, **scope)


async def watching(socket: Socket, *rooms: Room) -> None:
    await socket.hello(*(room.address for room in rooms))
    for _ in rooms:
        await socket.hear_of("reset")


do = sync_to_async


async def test_who_is_removed_from_a_private_room_hears_that_and_then_nothing_of_it(kitchen: Room) -> None:
    ann, bob = socket_of(ANN), socket_of(BOB)
    async with opened(ann, bob):
        await watching(ann, kitchen)
        await watching(bob, kitchen)
        assert (await ann.ask(type="remove", room=kitchen.address, person=BOB.uid))["seq"] == 1
        assert (await bob.hear_of("changes"))["members"][0]["role"] is None
        await ann.ask(type="post", room=kitchen.address, key="k", text="between us")
        ended = await bob.hear()
        assert (ended["type"], ended["code"]) == ("ended", "no_such_room")
        refused = await bob.ask(type="post", room=kitchen.address, key="k", text="let me in")
        assert refused["code"] == "no_such_room"
        assert (await bob.ask(type="watch", room=kitchen.address))["code"] == "no_such_room"
    assert await Message.objects.acount() == 1


async def test_who_is_banned_from_an_open_room_is_told_so(tea: Room) -> None:
    bob = socket_of(BOB)
    async with opened(bob):
        await watching(bob, tea)
        await bob.ask(type="post", room="tea", key="k", text="hello")
        await do(hosting.ban)(tea, BOB, reason="spam")
        ended = await bob.hear_of("ended")
        assert (ended["code"], ended["room"]) == ("banned", "tea")
        assert (await bob.ask(type="post", room="tea", key="k2", text="again"))["code"] == "banned"
        await do(hosting.unban)(tea, BOB)
        assert (await bob.ask(type="watch", room="tea"))["type"] == "ok"
        assert (await bob.ask(type="post", room="tea", key="k2", text="again"))["type"] == "ok"


async def test_a_guests_ban_ends_what_other_guests_of_the_network_hear(tea: Room) -> None:
    eve = guest_identity("the secret of Eve", "Eve")
    same, other = socket_of(eve), socket_of(ANN)
    async with opened(same, other):
        for socket in (same, other):
            await watching(socket, tea)
        for session in current()._sessions:
            assert isinstance(session, Session)
            session.person = replace(session.person, network="one" if session.person.name == "Eve" else "two")
        await do(hosting.mute)(tea, BOB, seconds=0)
        await do(Person.objects.filter(uid=BOB.uid).update)(network="one")
        await do(hosting.ban)(tea, BOB)
        await do(teahouse.post)(tea, "not for Eve", ANN)
        assert (await same.hear_of("ended"))["code"] == "banned"
        assert (await other.hear_of("changes"))["rights"] == ["*guests"]
        assert (await other.hear_of("changes"))["messages"][0]["text"] == "not for Eve"


async def test_who_leaves_an_open_room_goes_on_to_hear_it(tea: Room) -> None:
    bob = socket_of(BOB)
    async with opened(bob):
        await watching(bob, tea)
        await bob.ask(type="join", room="tea")
        await bob.ask(type="leave", room="tea")
        await do(teahouse.post)(tea, "still there?", ANN)
        while (await bob.hear_of("changes"))["upto"] != 3:
            pass


async def test_a_room_that_becomes_private_is_over_for_visitors_and_goes_on_for_members(tea: Room) -> None:
    ann, bob = socket_of(ANN), socket_of(BOB)
    async with opened(ann, bob):
        for socket in (ann, bob):
            await watching(socket, tea)
        await ann.ask(type="join", room="tea")
        await do(hosting.configure)(tea, kind="private")
        await do(teahouse.post)(tea, "members only", ANN)
        assert (await bob.hear_of("ended"))["code"] == "no_such_room"
        heard: list[str] = []
        while "members only" not in heard:
            heard += [row["text"] for row in (await ann.hear_of("changes")).get("messages", [])]


async def test_what_a_policy_says_anew_acts_at_once_when_the_host_tells(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Closable"}
    ann, bob = socket_of(ANN), socket_of(BOB)
    async with opened(ann, bob):
        for socket in (ann, bob):
            await watching(socket, tea)
        Closable.barred.add("Bob")
        await do(hosting.rights_changed)(room=tea)
        await do(teahouse.post)(tea, "for Ann", ANN)
        assert (await bob.hear_of("ended"))["code"] == "no_such_room"
        assert [(await ann.hear_of("changes"))["upto"] for _ in range(2)] == [1, 2]


async def test_a_policy_is_asked_now_and_then_without_being_told(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Closable"}
    bob = socket_of(BOB)
    async with opened(bob):
        await watching(bob, tea)
        Closable.barred.add("Bob")
        (session,) = current()._sessions
        assert isinstance(session, Session)
        session.tick(current().loop.time() + 29)
        assert (await bob.hear())["type"] == "ping"
        session.tick(current().loop.time() + 31)
        assert (await bob.hear_of("ended"))["code"] == "no_such_room"


@pytest.mark.parametrize("newer", [1, 0])
async def test_a_no_that_is_older_than_another_answer_ends_nothing(
    tea: Room, monkeypatch: pytest.MonkeyPatch, newer: int
) -> None:
    bob = socket_of(BOB)
    async with opened(bob):
        await watching(bob, tea)
        (session,) = current()._sessions
        assert isinstance(session, Session)
        seat = session.seats["tea"]

        async def say_no(*arguments: Any, **options: Any) -> None:
            seat.rights += newer  # somebody asked meanwhile, and was told yes
            raise NoSuchRoom("there is no room")

        monkeypatch.setattr(current(), "ask", say_no)
        await seat.look_again()
        assert ("tea" in session.seats) is bool(newer)


async def test_of_a_room_that_is_watched_no_more_nobody_is_asked_or_told(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Closable"}
    bob = socket_of(BOB)
    async with opened(bob):
        await watching(bob, tea)
        await bob.ask(type="unwatch", room="tea")
        Closable.barred.add("Bob")
        (session,) = current()._sessions
        assert isinstance(session, Session)
        look_at_rights(session.seats.values())
        assert not session._tasks
        assert (await bob.ask(type="post", room="tea", key="k", text="x"))["code"] == "no_such_room"


def outdate(posts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host changes rights between the question and the write of so many posts, once each."""
    writer = current().writer
    submitted: list[PostMessage] = []
    submit = writer.submit

    def hold_back(action: Any, lane: Any, number: int) -> Any:
        if isinstance(action, PostMessage) and len(submitted) < posts:
            submitted.append(action)
            outdated = action.rights
            assert outdated is not None
            rights = type(outdated)(outdated.room - 1, outdated.person, outdated.admitted)
            action = PostMessage(action.room_id, action.person, action.key, action.text, rights)
        return submit(action, lane, number)

    monkeypatch.setattr(writer, "submit", hold_back)


async def texts_in_order() -> list[str]:
    return [text async for text in Message.objects.order_by("seq").values_list("text", flat=True)]


async def test_changes_that_were_asked_for_with_outdated_rights_are_asked_anew_in_their_order(
    tea: Room, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Counting"}
    ann = socket_of(ANN)
    async with opened(ann):
        await watching(ann, tea)
        outdate(3, monkeypatch)
        for number in range(8):
            ann.say({"type": "post", "id": number, "room": "tea", "key": f"k{number}", "text": str(number)})
        answers = {}
        while len(answers) < 8:
            event = await ann.hear()
            if event["type"] != "changes":
                answers[event["id"]] = event["type"]
        assert set(answers.values()) == {"ok"}
    assert await texts_in_order() == [str(number) for number in range(8)]


async def test_what_is_asked_anew_lets_nothing_pass_that_came_behind_what_was_refused_meanwhile(
    tea: Room, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"POLICY": "tests.live.policies.Counting"}
    settings.TEAHOUSE = {**own, "POST_BURST": 1, "POSTS_PER_SECOND": 0.001}
    ann = socket_of(ANN)

    def post(key: str) -> dict[str, str]:
        return {"type": "post", "room": "tea", "key": key, "text": key}

    async with opened(ann):
        await watching(ann, tea)
        outdate(1, monkeypatch)
        ann.say({**post("a"), "id": 1})
        ann.say({**post("b"), "id": 2})
        answers = [await ann.hear_of(kind) for kind in ("error", "ok")]
        assert [(answer["id"], answer.get("code")) for answer in answers] == [(2, "rate_limited"), (1, None)]
        settings.TEAHOUSE = own
        assert (await ann.ask(**post("c")))["code"] == "rate_limited"
        assert [(await ann.ask(**post(key)))["type"] for key in "bc"] == ["ok", "ok"]
    assert await texts_in_order() == ["a", "b", "c"]


async def test_an_answer_about_a_seat_that_was_given_up_does_not_end_the_one_in_its_place(tea: Room) -> None:
    ann = socket_of(ANN)
    async with opened(ann):
        await watching(ann, tea)
        (line,) = current()._sessions
        seat = line.seats["tea"]  # type: ignore[attr-defined]
        seat.dismiss("no_such_room", "the first answer")
        assert (await ann.hear())["type"] == "ended"
        await ann.ask(type="watch", room="tea")
        seat.dismiss("no_such_room", "an answer that comes late")
        assert (await ann.hear())["type"] == "reset"
        await do(hosting.ban)(tea, ANN)
        assert (await ann.hear_of("ended"))["code"] == "banned"


async def test_a_slow_policy_delays_its_own_room_alone(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Slow"}
    await do(ensure_room)("slow")
    Slow.let_go.clear()
    Slow.rooms.add("slow")
    ann, bob = socket_of(ANN), socket_of(BOB)
    async with opened(ann, bob):
        await watching(bob, tea)
        answer = await ann.hello("slow", "tea")
        slow, quick = answer["rooms"]
        assert (slow["error"]["code"], slow["error"]["retry"]) == ("unavailable", True)
        assert quick["room"] == "tea"
        assert (await bob.ask(type="post", room="tea", key="k", text="quick"))["type"] == "ok"
        Slow.let_go.set()
        assert (await ann.ask(type="watch", room="slow"))["type"] == "ok"


async def test_a_policy_that_fails_says_no_is_logged_and_tells_nobody_why(
    tea: Room, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Broken"}
    for name in ("broken", "lost"):
        await do(ensure_room)(name)
    ann = socket_of(ANN)
    async with opened(ann):
        broken, lost, none, fine = (await ann.hello("broken", "lost", "none such", "tea"))["rooms"]
        assert lost["error"]["code"] == "unavailable"
        assert broken["error"] == {**none["error"], "text": none["error"]["text"].replace("none such", "broken")}
        assert fine["room"] == "tea"
        assert (await ann.ask(type="post", room="broken", key="k", text="x"))["code"] == "no_such_room"
    assert "the host's own defect" in caplog.text


async def test_a_plain_client_is_closed_when_its_right_ends(tea: Room) -> None:
    token = sign_guest("the secret of Bob", "Bob")
    bob = Socket("/ws/tea/", plain=True, headers={"authorization": f"Bearer {token}"})
    async with opened(bob):
        bob.say("hello")
        assert await bob.hear() == "hello"
        await do(hosting.ban)(tea, BOB)
        await do(teahouse.post)(tea, "not for Bob", ANN)
        assert await bob.closed() == (4003, "banned")


async def test_a_seat_asks_again_when_the_person_may_have_changed(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Closable"}
    ann, bob = socket_of(ANN), socket_of(BOB)
    async with opened(ann, bob):
        for socket in (ann, bob):
            await watching(socket, tea)
        Closable.barred.add("Bob")
        for session in current()._sessions:
            assert isinstance(session, Session)
            session.ask_rights_again()
        await do(teahouse.post)(tea, "for Ann", ANN)
        assert (await bob.hear())["type"] == "ended"
        assert (await ann.hear_of("changes"))["messages"][0]["text"] == "for Ann"


async def test_an_answer_from_before_rights_changed_lets_nobody_hear(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Doubting"}
    Doubting.begin()
    bob = socket_of(BOB)
    async with opened(bob):
        await do(row_of)(BOB)
        bob.say({"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "tea"}]})
        assert await do(Doubting.asked.wait)(20)
        Doubting.is_barred = True
        await do(teahouse.rights_changed)(person=BOB)
        await current().standing.recheck([BOB.uid])  # has heard it by now
        Doubting.let_go.set()
        assert (await bob.hear_of("ended"))["code"] == "no_such_room"


async def test_an_answer_from_before_rights_changed_lets_no_seat_hear_that_asks_again(tea: Room, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.live.policies.Doubting"}
    Doubting.begin()
    Doubting.let_go.set()
    bob = socket_of(BOB)
    async with opened(bob):
        await do(row_of)(BOB)
        await watching(bob, tea)
        Doubting.asked.clear()
        Doubting.let_go.clear()
        await current().standing.recheck([BOB.uid])
        assert await do(Doubting.asked.wait)(20)
        Doubting.is_barred = True
        await current().standing.recheck([BOB.uid])
        Doubting.let_go.set()
        assert (await bob.hear_of("ended"))["code"] == "no_such_room"
