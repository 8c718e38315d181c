"""How rooms come to be: by the host, by people whom the policy lets, by entering, and of two people."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from teahouse.chat.hosting import ban
from teahouse.chat.making import create_as, create_room, direct_as, direct_room, ensure_room, random_address
from teahouse.chat.people import Identity, new_guest
from teahouse.chat.rooms import enter
from teahouse.chat.subjects import subject_of
from teahouse.errors import BadField, BadRoomName, NoSuchPerson, NoSuchRoom, NotAllowed
from teahouse.models import Audit, Entry, Log, Membership, Room
from tests.chat.policies import Making
from tests.chat.talk import Talk
from tests.chat.threads import at_once

MakeUser = Callable[..., User]


@pytest.fixture
def making(settings: Any) -> list[Room]:
    """A policy under which people make rooms; and what it was asked."""
    settings.TEAHOUSE = {"POLICY": "tests.chat.policies.Making"}
    Making.asked = []
    return Making.asked


def roles(room: Room) -> dict[str, str]:
    return dict(Membership.objects.filter(room=room).values_list("person__name", "role"))


def test_many_private_rooms_have_one_title_and_each_an_address_that_nobody_guesses(db: None) -> None:
    rooms = [create_room("Cellar") for _ in range(3)]
    assert {room.title for room in rooms} == {"Cellar"}
    addresses = {room.address for room in rooms}
    assert len(addresses) == 3
    assert {len(address) for address in addresses} == {24}
    assert all(enter is not None and address == address.lower() for address in addresses)
    assert len({random_address() for _ in range(100)}) == 100


def test_a_room_begins_with_its_owner_and_members_and_no_entry(talk: Talk, make_user: MakeUser) -> None:
    ann, bob = make_user("ann"), make_user("bob")
    room = create_room("Cellar", owner=ann, members=[bob, ann, bob, talk.person("Gus")])
    assert roles(room) == {"ann": "owner", "bob": "member", "Gus": "member"}
    assert not Entry.objects.exists()
    assert list(Audit.objects.values_list("action", "actor__name", "room")) == [("create", "ann", room.pk)]
    assert enter(room.address, talk.person("Gus")).pk == room.pk


def test_an_open_room_whose_name_is_taken_is_not_made_again(db: None) -> None:
    create_room("Tea", kind="open")
    with pytest.raises(NotAllowed, match="tea"):
        create_room("TEA", kind="open")
    assert (Room.objects.count(), Log.objects.count()) == (1, 1)


@pytest.mark.parametrize("kind", ["direct", "secret", ""])
def test_a_room_is_made_open_or_private(db: None, kind: str) -> None:
    with pytest.raises(BadField):
        create_room("Tea", kind=kind)
    assert not Log.objects.exists()


def test_people_make_rooms_where_the_policy_lets_them_and_own_them(talk: Talk, making: list[Room]) -> None:
    room = create_as(talk.person("Ann"), " Green  tea ", "private")
    assert (room.title, room.kind, roles(room)) == ("Green tea", "private", {"Ann": "owner"})
    assert [(asked.title, asked.kind, asked.pk) for asked in making] == [("Green tea", "private", room.pk)]
    assert roles(create_as(talk.person("Ann"), "Cake", "open")) == {"Ann": "owner"}
    with pytest.raises(BadRoomName):
        create_as(talk.person("Ann"), "a/b", "private")


def test_by_default_people_make_nothing(talk: Talk) -> None:
    talk.say("I am here", by="Bob")
    with pytest.raises(NotAllowed):
        create_as(talk.person("Ann"), "Cellar", "private")
    with pytest.raises(NoSuchPerson):
        direct_as(talk.person("Ann"), talk.uid("Bob"))
    assert Room.objects.count() == 1


# Of two


def test_two_people_have_one_direct_room_whoever_asks(talk: Talk, make_user: MakeUser) -> None:
    ann, bob = make_user("ann"), make_user("bob")
    room = direct_room(ann, bob)
    assert direct_room(bob, ann) == room
    assert (room.kind, roles(room)) == ("direct", {"ann": "member", "bob": "member"})
    with pytest.raises(NoSuchRoom):
        enter(room.address, talk.person("Eve"))
    with pytest.raises(NotAllowed):
        direct_room(ann, ann)


def test_who_left_a_direct_room_comes_back_by_opening_it_and_the_other_does_not(talk: Talk, making: list[Room]) -> None:
    talk.say("I am here", by="Bob")
    talk.say("I too", by="Ann")
    ann, bob = talk.person("Ann"), talk.person("Bob")
    talk.room = direct_as(ann, bob.uid)
    talk.do(talk.leave("Ann"), talk.leave("Bob"))
    assert direct_as(ann, bob.uid) == talk.room
    assert roles(talk.room) == {"Ann": "member", "Bob": ""}
    ban(talk.room, bob)
    with pytest.raises(NoSuchRoom):
        direct_as(bob, ann.uid)


def test_nobody_and_somebody_to_whom_one_may_not_write_are_the_same_answer(talk: Talk, making: list[Room]) -> None:
    talk.say("I am here", by="Tom")
    ann = talk.person("Ann")
    refusals = []
    for uid in (talk.uid("Nobody"), talk.uid("Tom"), "site"):
        with pytest.raises(NoSuchPerson) as refused:
            direct_as(ann, uid)
        refusals.append((refused.value.text, refused.value.field))
    assert len(set(refusals)) == 1
    assert Room.objects.count() == 1
    assert {asked.pair for asked in making} >= {" ".join(sorted([ann.uid, talk.uid("Tom")]))}


@pytest.mark.django_db(transaction=True)
def test_two_who_open_their_direct_room_at_once_are_in_the_same_one() -> None:
    ann, bob = new_guest("Ann")[0], new_guest("Bob")[0]
    rooms = at_once([lambda: direct_room(ann, bob), lambda: direct_room(bob, ann)] * 2)
    assert {room.pk for room in rooms} == {Room.objects.get().pk}
    assert Log.objects.count() == 1
    connection.close()


# Of an object


def test_a_room_belongs_to_an_object_from_its_first_day_or_from_when_it_is_said(talk: Talk) -> None:
    walkers, singers = Group.objects.create(name="walkers"), Group.objects.create(name="singers")
    assert subject_of(ensure_room("Walk", subject=walkers)) == walkers
    assert subject_of(ensure_room("Walk", subject=walkers)) == walkers
    assert subject_of(ensure_room("Walk")) == walkers
    assert talk.head() == 0
    given = ensure_room("tea", subject=singers)
    assert subject_of(Room.objects.get(address="tea")) == subject_of(given) == singers
    assert Entry.objects.get().kind == Entry.Kind.RIGHTS, "what the policy says of it may have changed"
    with pytest.raises(NotAllowed, match="another object"):
        ensure_room("Walk", subject=singers)
    with pytest.raises(ValueError, match="not saved"):
        ensure_room("New", subject=Group(name="nobody"))
    assert not Room.objects.filter(address="new").exists()


def test_a_stranger_is_no_identity_of_the_hosts() -> None:
    assert Identity("g", "G", "guest").user_id is None
