"""Rooms: their addresses, entering and creating them, the lobby."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from teahouse.chat.making import create_room, ensure_room
from teahouse.chat.people import Identity, new_guest
from teahouse.chat.rooms import enter, room_at, rooms_for
from teahouse.errors import BadRoomName, Banned, NoSuchRoom
from teahouse.models import Log, Room
from tests.chat.conftest import Clock
from tests.chat.talk import Talk

ANN, EVE = new_guest("Ann")[0], new_guest("Eve")[0]


@pytest.fixture
def creating(db: None, settings: Any) -> Iterator[None]:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Creating"}
    return


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("闲聊", "闲聊"),
        ("群聊", "群聊"),
        ("tea & cake", "tea & cake"),
        ("  Tea   &  Cake ", "tea & cake"),
        ("Admin", "admin"),
        ("ＡＤＭＩＮ", "admin"),
        ("Straße", "strasse"),
        ("<script>alert(1)</script>".replace("/", ""), "<script>alert(1)<script>"),
        ("100%", "100%"),
        ("a?b#c", "a?b#c"),
        ("☕", "☕"),
    ],
)
def test_a_room_is_found_by_every_spelling_of_its_name(db: None, name: str, address: str) -> None:
    made = ensure_room(name)
    assert made.address == address
    assert room_at(name) == made
    assert room_at(address) == made
    assert room_at(name.upper()) == made


def test_the_title_is_the_name_as_it_was_written_first(db: None) -> None:
    assert ensure_room("  Tea   & Cake ").title == "Tea & Cake"
    assert ensure_room("TEA & CAKE").title == "Tea & Cake"


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "a/b", "a\\b", "a\0b", "\ud800", "x" * 10_000, "ﷺ" * 10_000, "é" * 81, "\u200b"]
)
def test_a_name_that_is_no_address_is_refused_everywhere_and_makes_nothing(creating: None, name: str) -> None:
    for ask in (room_at, ensure_room, lambda name: enter(name, ANN)):
        with pytest.raises(BadRoomName) as refused:
            ask(name)
        assert len(refused.value.text) < 300
    assert not Log.objects.exists()


def test_the_longest_name_fits_the_table(db: None) -> None:
    # Every character of it shrinks to a third when composed, so the title is three times as long as the address.
    name = "\u1100\u1161\u11a8" * 80
    room = ensure_room(name)
    assert len(room.address) == 80
    assert room.title == name


def test_a_room_and_its_log_share_one_key(db: None) -> None:
    room = ensure_room("tea")
    assert room.pk == Log.objects.get().pk == room.log.pk


def test_a_room_that_is_not_there_is_made_where_the_policy_allows(creating: None) -> None:
    room = enter("Tea", ANN)
    assert (room.address, room.title, room.kind) == ("tea", "Tea", "open")
    assert enter("TEA", EVE) == room


def test_a_room_that_the_policy_does_not_make_is_none(creating: None, settings: Any) -> None:
    with pytest.raises(NoSuchRoom):
        enter("staff", ANN)
    settings.TEAHOUSE = {}
    with pytest.raises(NoSuchRoom):
        enter("tea", ANN)
    assert not Room.objects.exists()


def test_finding_a_room_never_makes_it(creating: None) -> None:
    with pytest.raises(NoSuchRoom):
        room_at("tea")
    assert not Room.objects.exists()


def test_a_private_room_is_told_from_none_by_nobody_who_is_no_member(talk: Talk) -> None:
    talk.did(talk.join("Ann"))
    Room.objects.update(kind=Room.Kind.PRIVATE)
    assert enter("tea", talk.person("Ann")) == talk.room

    refusals = []
    # However it is spelt: an answer in the room's own spelling would tell it from none.
    for name, address in (("tea", "tea"), ("tee", "tee"), ("TEA", "tea"), ("TEE", "tee"), ("  Tea", "tea")):
        with pytest.raises(NoSuchRoom) as refused:
            enter(name, EVE)
        error = refused.value
        refusals.append((error.text.replace(address, "…"), error.field, error.retry, error.details))

    assert refusals == [refusals[0]] * 5


def test_who_is_banned_from_a_private_room_is_told_that_there_is_none(talk: Talk) -> None:
    talk.come(Olga="owner", Ann="member")
    talk.do(talk.configure("Olga", kind="private"), talk.ban("Olga", "Ann"))
    texts = []
    for person in (talk.person("Ann"), EVE):
        with pytest.raises(NoSuchRoom) as refused:
            enter("tea", person)
        texts.append(refused.value.text)
    assert texts[0] == texts[1]


def test_who_is_banned_from_an_open_room_that_the_policy_hides_is_told_that_there_is_none(
    talk: Talk, settings: Any
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    talk.come(Olga="owner", Eve="member")
    talk.do(talk.ban("Olga", "Eve"))
    with pytest.raises(NoSuchRoom):
        enter("tea", talk.person("Eve"))


def test_who_is_banned_enters_no_open_room_until_the_ban_ends(talk: Talk, clock: Clock) -> None:
    talk.come(Olga="owner", Ann="member")
    talk.did(talk.ban("Olga", "Ann", until=clock.now + 1000))
    with pytest.raises(Banned):
        enter("tea", talk.person("Ann"))
    clock.pass_seconds(1)
    assert enter("tea", talk.person("Ann")) == talk.room


def test_a_guest_of_a_banned_network_enters_no_more_and_a_user_of_it_does(talk: Talk, clock: Clock) -> None:
    talk.come(Olga="owner")
    talk._people["Troll"] = Identity("g1", "Troll", "guest", network="n1")
    talk.do(talk.post("Troll", "x"), talk.ban("Olga", "Troll"))
    with pytest.raises(Banned):
        enter("tea", Identity("g2", "Again", "guest", network="n1"))
    for other in (
        Identity("g3", "Far", "guest", network="n2"),
        Identity("g4", "Unknown", "guest"),
        Identity("u1", "User", "user", 7, network="n1"),
    ):
        assert enter("tea", other) == talk.room
    clock.pass_seconds(24 * 3600)
    assert enter("tea", Identity("g2", "Again", "guest", network="n1")) == talk.room


def test_a_member_who_left_is_told_that_there_is_no_such_room(talk: Talk) -> None:
    talk.did(talk.join("Ann"))
    talk.did(talk.leave("Ann"))
    Room.objects.update(kind=Room.Kind.PRIVATE)
    with pytest.raises(NoSuchRoom):
        enter("tea", talk.person("Ann"))


def test_a_host_that_lets_somebody_in_nowhere_hides_all_rooms(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Closing"}
    with pytest.raises(NoSuchRoom):
        enter("tea", EVE)
    assert rooms_for(EVE) == []
    assert rooms_for(ANN) == [talk.room]


@pytest.mark.django_db(transaction=True)
def test_everybody_who_enters_a_new_room_at_once_is_in_the_same_one(settings: Any) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Creating"}
    together = Barrier(4)

    def come(number: int) -> int:
        try:
            together.wait(10)
            return int(enter("tea", new_guest(f"Guest {number}")[0]).pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rooms = set(pool.map(come, range(4)))

    assert rooms == {Room.objects.get().pk}
    assert Log.objects.count() == 1, "who lost the race left no log behind"


def test_the_lobby_shows_open_rooms_with_the_newest_activity_first(db: None) -> None:
    rooms = {name: ensure_room(name) for name in ("quiet", "busy", "closed", "middle")}
    Room.objects.filter(address="closed").update(kind=Room.Kind.PRIVATE)
    for name, at in {"busy": 300, "middle": 200, "closed": 400}.items():
        Log.objects.filter(pk=rooms[name].pk).update(at=at, head=7)

    shown = rooms_for(ANN)

    assert [room.address for room in shown] == ["busy", "middle", "quiet"]
    assert [room.log.head for room in shown] == [7, 7, 0]


def test_the_lobby_shows_private_rooms_to_their_members_alone(talk: Talk) -> None:
    ensure_room("open")
    talk.did(talk.join("Ann"))
    Room.objects.filter(address="tea").update(kind=Room.Kind.PRIVATE)
    assert [room.address for room in rooms_for(talk.person("Ann"))] == ["tea", "open"]
    assert [room.address for room in rooms_for(talk.person("Bob"))] == ["open"]


def test_the_lobby_shows_no_archived_room(talk: Talk) -> None:
    talk.did(talk.join("Ann"))
    Room.objects.update(archived=True)
    assert rooms_for(talk.person("Ann")) == []


def test_rooms_of_the_same_moment_stand_in_the_same_order_each_time(db: None) -> None:
    for name in ("c", "a", "b"):
        ensure_room(name)
    assert [room.address for room in rooms_for(ANN)] == ["a", "b", "c"]


def test_a_post_moves_a_room_to_the_top_of_the_lobby(talk: Talk) -> None:
    ensure_room("another")
    talk.say("hello")
    assert next(iter(rooms_for(ANN))) == talk.room


def test_the_lobby_asks_no_more_the_more_private_rooms_somebody_is_in(
    talk: Talk, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        create_room(f"Cellar {number}", owner=talk.person("Ann"))
    with django_assert_num_queries(2):
        assert len(rooms_for(talk.person("Ann"))) == 6


def test_the_lobby_is_bounded_and_asks_twice(db: None, django_assert_num_queries: Any) -> None:
    for number in range(5):
        ensure_room(f"room {number}")
    with django_assert_num_queries(2):
        assert [room.log.head for room in rooms_for(ANN, limit=3)] == [0, 0, 0]
