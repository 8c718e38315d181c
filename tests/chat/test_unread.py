"""Counts of what was not read: what stands, and no more than people want to know."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.making import ensure_room
from teahouse.chat.unread import UNREAD_MOST, unread
from tests.chat.talk import PLAY, Talk, undone


def count(talk: Talk, seq: int) -> int:
    return unread([(talk.room.pk, seq)])[talk.room.pk, seq]


def test_what_was_posted_after_a_number_is_unread(talk: Talk) -> None:
    talk.say("one", "two", "three")
    assert [count(talk, seq) for seq in range(5)] == [3, 2, 1, 0, 0]


def test_only_messages_count_and_only_those_that_stand(talk: Talk) -> None:
    talk.say("one", "two", "three")
    talk.do(talk.join("Bob"), talk.edit("Ann", 1, 1, "one!"), talk.delete("Ann", 2, 2), talk.leave("Bob"))
    assert [count(talk, seq) for seq in range(4)] == [2, 1, 1, 0]


def test_nobody_is_told_of_more_than_a_hundred(talk: Talk) -> None:
    talk.say(*["hello"] * (UNREAD_MOST + 50))
    assert [count(talk, seq) for seq in (0, 49, 50, 51, 149)] == [100, 100, 100, 99, 1]


def test_where_more_than_a_hundred_were_posted_nobody_counts_the_deleted(talk: Talk) -> None:
    seqs = talk.say(*["hello"] * (UNREAD_MOST + 1))
    talk.do(*(talk.delete("Ann", seq, seq) for seq in seqs[:50]))
    assert [count(talk, 0), count(talk, 1)] == [100, 51]


def test_all_rooms_are_counted_at_once(talk: Talk, django_assert_num_queries: Any) -> None:
    cake = ensure_room("cake")
    talk.say("one", "two")
    talk.do(talk.post("Ann", "three", room=cake))
    places = [
        (talk.room.pk, 1),
        (cake.pk, 0),
        (10**6, 0),
        *((number, 0) for number in range(2 * 10**6, 2 * 10**6 + 300)),
    ]
    with django_assert_num_queries(1):
        found = unread(places)
    assert (found[talk.room.pk, 1], found[cake.pk, 0], found[10**6, 0], len(found)) == (1, 1, 0, 303)


def test_one_room_is_counted_from_many_places(talk: Talk, django_assert_num_queries: Any) -> None:
    talk.say("one", "two", "three")
    with django_assert_num_queries(1):
        assert unread({(talk.room.pk, seq) for seq in range(4)}) == {(talk.room.pk, seq): 3 - seq for seq in range(4)}


def test_nothing_asked_is_nothing_found(talk: Talk, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert unread([]) == {}


def test_a_thousand_rooms_stay_below_the_limits_of_old_databases(talk: Talk) -> None:
    talk.say("one")
    found = unread([(talk.room.pk + number, 0) for number in range(1_000)])
    assert (len(found), sum(found.values())) == (1_000, 1)


@settings(PLAY, max_examples=20)
@given(deleted=st.sets(st.integers(1, 12)), size=st.integers(0, 12), seq=st.integers(0, 15))
def test_any_count_is_what_a_reader_would_count(talk: Talk, deleted: set[int], size: int, seq: int) -> None:
    with undone():
        seqs = talk.say(*["hello"] * size)
        talk.do(*(talk.delete("Ann", each, each) for each in seqs if each in deleted))
        assert count(talk, seq) == len([each for each in seqs if each > seq and each not in deleted])
