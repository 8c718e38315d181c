"""The place of a moment: exact while times rise, near where a clock jumped, never an error."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.dates import place_of
from teahouse.chat.pages import history
from teahouse.models import Message, Person, Room
from tests.chat.talk import PLAY, Talk, undone

GREATEST = 2**53 - 1
Times = list[tuple[int, int]]


@pytest.fixture
def ann(talk: Talk) -> Person:
    return Person.objects.create(uid="p1", kind="guest", name="Ann")


def fill(room: Room, author: Person, times: Times) -> None:
    """Puts messages at these numbers and times."""
    Message.objects.bulk_create(
        Message(room=room, author=author, seq=seq, changed=seq, key=str(seq), digest="", text="hello", at=at)
        for seq, at in times
    )


def first_at(times: Times, at: int) -> int | None:
    """What a reader of the whole room would find."""
    return next((seq for seq, posted in times if posted >= at), None)


def found_at(room: Room, at: int) -> int | None:
    page = history(room, after=place_of(room.pk, at) - 1, limit=1)
    return page.messages[0].seq if page.messages else None


def gaps(most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, most), max_size=25)


def rising(steps: list[int]) -> list[int]:
    numbers = [0]
    for step in steps:
        numbers.append(numbers[-1] + step)
    return numbers[1:]


@settings(PLAY, max_examples=60)
@given(places=gaps(4), waits=st.lists(st.integers(0, 3), min_size=25, max_size=25), data=st.data())
def test_while_times_rise_the_first_message_at_or_after_a_moment_is_found(
    talk: Talk, ann: Person, places: list[int], waits: list[int], data: st.DataObject
) -> None:
    """Numbers have holes, where people came and went, and several messages have one time."""
    times = list(zip(rising(places), rising(waits), strict=False))
    with undone():
        fill(talk.room, ann, times)
        for at in data.draw(st.lists(st.integers(0, 80), min_size=5)):
            assert found_at(talk.room, at) == first_at(times, at)


@settings(PLAY, max_examples=60)
@given(
    places=gaps(4),
    clock=st.lists(st.integers(0, 60), min_size=25, max_size=25),
    at=st.integers(0, 70) | st.just(GREATEST),
    limit=st.integers(1, 8),
)
def test_whatever_the_clock_did_a_page_is_a_stretch_of_the_room(
    talk: Talk, ann: Person, places: list[int], clock: list[int], at: int, limit: int
) -> None:
    times = list(zip(rising(places), clock, strict=False))
    seqs = [seq for seq, _ in times]
    with undone():
        fill(talk.room, ann, times)
        page = history(talk.room, at=at, limit=limit)
        shown = [row.seq for row in page.messages]
        start = seqs.index(shown[0]) if shown else 0
        assert shown == seqs[start : start + len(shown)]
        assert shown or not seqs or limit == 1
        assert page.more_before == bool(shown and start > 0) or not shown
        assert page.more_after == (bool(shown) and shown[-1] != seqs[-1]) or not shown


@settings(PLAY, max_examples=40)
@given(places=gaps(4), clock=st.lists(st.integers(0, 60), min_size=25, max_size=25), at=st.integers(0, 70))
def test_where_a_clock_jumped_the_place_is_one_where_the_times_pass_the_moment(
    talk: Talk, ann: Person, places: list[int], clock: list[int], at: int
) -> None:
    times = list(zip(rising(places), clock, strict=False))
    with undone():
        fill(talk.room, ann, times)
        place = place_of(talk.room.pk, at)
        before = [posted for seq, posted in times if seq < place]
        after = [posted for seq, posted in times if seq >= place]
        assert not before or before[-1] < at
        assert not after or after[0] >= at


def test_a_page_at_a_moment_has_its_first_message_in_the_middle(talk: Talk, ann: Person) -> None:
    fill(talk.room, ann, [(seq, 1000 * seq) for seq in range(1, 11)])
    for at, limit, expected in (
        (5_000, 4, [3, 4, 5, 6]),
        (4_001, 4, [3, 4, 5, 6]),
        (5_001, 5, [4, 5, 6, 7, 8]),
        (0, 4, [1, 2]),
        (10_001, 4, [9, 10]),
        (GREATEST, 1, []),
    ):
        assert [row.seq for row in history(talk.room, at=at, limit=limit).messages] == expected


def test_the_neighbours_times_are_not_looked_at(talk: Talk, ann: Person) -> None:
    other = Room.objects.create(log=type(talk.room.log).objects.create(), address="cake", title="Cake")
    fill(other, ann, [(1, 10), (2, 20)])
    fill(talk.room, ann, [(3, 1), (4, 15)])
    assert (found_at(talk.room, 12), found_at(other, 12)) == (4, 2)


def test_an_empty_room_has_a_page_at_any_moment(talk: Talk) -> None:
    page = history(talk.room, at=5)
    assert (page.messages, page.more_before, page.more_after) == ([], False, False)


def test_the_greatest_numbers_are_found_too(talk: Talk, ann: Person) -> None:
    far = 2**41 - 1
    fill(talk.room, ann, [(1, 5), (far - 1, 6), (far, 7)])
    assert [found_at(talk.room, at) for at in (5, 6, 7, 8)] == [1, far - 1, far, None]


def test_as_people_write_it_is_found_by_when_they_did(talk: Talk, monkeypatch: Any) -> None:
    for number in (1, 2, 3):
        monkeypatch.setattr("teahouse.chat.batch.now", lambda number=number: 1_000 * number)
        talk.do(talk.post("Ann", str(number)), talk.join("Bob"))
    assert [row.text for row in history(talk.room, at=2_000, limit=1).messages] == ["2"]
