"""Tests of `teahouse.chat.entering`: many people enter their rooms at once, as each would alone."""

import pytest
from pytest_django import DjangoAssertNumQueries

from teahouse.chat.actions import Join, Leave, MarkRead, PostMessage
from teahouse.chat.entering import Entering, enter_together
from teahouse.chat.making import ensure_room
from teahouse.chat.people import Identity, guest_identity
from teahouse.chat.states import room_state
from teahouse.chat.writing import write
from teahouse.models import Room

ANN, BOB = guest_identity("ann", "Ann"), guest_identity("bob", "Bob")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tea() -> Room:
    room = ensure_room("Tea")
    write([Join(room.pk, ANN), Join(room.pk, BOB), Leave(room.pk, BOB)])
    return Room.objects.select_related("log").get(pk=room.pk)


@pytest.fixture
def cellar() -> Room:
    room = ensure_room("Cellar")
    write([Join(room.pk, ANN), Join(room.pk, BOB), Leave(room.pk, BOB)])
    Room.objects.filter(pk=room.pk).update(kind=Room.Kind.PRIVATE)
    return Room.objects.select_related("log").get(pk=room.pk)


@pytest.mark.parametrize("person", [ANN, BOB, guest_identity("cyd", "Cyd")])
def test_everybody_finds_a_room_as_they_would_alone(person: Identity, tea: Room) -> None:
    (entered,) = enter_together([Entering(person, ["tea"])])
    room, state = entered["tea"]
    assert state == room_state(tea, person)
    assert (room.pk, room.address, room.title, room.kind, room.log.head) == (tea.pk, "tea", "Tea", "open", tea.log.head)


def test_a_private_room_is_left_out_for_who_is_no_member(cellar: Room) -> None:
    ann, bob, cyd = enter_together([Entering(who, ["cellar"]) for who in (ANN, BOB, guest_identity("cyd", "Cyd"))])
    assert ann["cellar"][1].role == "member"
    assert (bob, cyd) == ({}, {})


def test_a_room_that_does_not_exist_is_left_out(tea: Room) -> None:
    (entered,) = enter_together([Entering(ANN, ["tea", "nowhere"])])
    assert entered.keys() == {"tea"}


def test_roles_stay_with_their_own_room_and_person(tea: Room) -> None:
    ensure_room("Cake")
    ann, bob = enter_together([Entering(ANN, ["tea", "cake"]), Entering(BOB, ["cake", "tea"])])
    assert {address: state.role for address, (_, state) in ann.items()} == {"tea": "member", "cake": None}
    assert {address: state.role for address, (_, state) in bob.items()} == {"cake": None, "tea": None}


def test_a_hundred_people_cost_two_queries(tea: Room, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    everybody = [Entering(guest_identity(str(number), "Somebody"), ["tea"]) for number in range(100)]
    with django_assert_num_queries(2):
        assert len(enter_together(everybody)) == 100
    with django_assert_num_queries(1):
        assert enter_together([Entering(ANN, ["nowhere"])]) == [{}]


def test_what_many_members_have_not_read_costs_one_query_more(
    tea: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cake = ensure_room("Cake")
    write([Join(cake.pk, ANN), *(PostMessage(room.pk, ANN, f"{n}", "hello") for room in (tea, cake) for n in range(3))])
    write([Join(tea.pk, BOB), PostMessage(tea.pk, ANN, "last", "hello")])
    with django_assert_num_queries(3):
        ann, bob, cyd = enter_together(
            [Entering(who, ["cake", "tea"]) for who in (ANN, BOB, guest_identity("cyd", "Cyd"))]
        )
    assert {address: state.unread for address, (_, state) in ann.items()} == {"cake": 3, "tea": 4}
    assert {address: state.unread for address, (_, state) in bob.items()} == {"cake": None, "tea": 1}
    assert {state.unread for _, state in cyd.values()} == {None}


def test_members_who_have_read_everything_cost_no_query_more(
    tea: Room, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write([MarkRead(tea.pk, ANN, tea.log.head)])
    with django_assert_num_queries(2):
        (entered,) = enter_together([Entering(ANN, ["tea"])])
    assert (entered["tea"][1].read, entered["tea"][1].unread) == (tea.log.head, 0)
