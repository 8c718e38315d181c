"""Pages of a room's messages: the newest, beside a number, around a number."""

from typing import Any

import pytest

from teahouse.chat.pages import MAX_PAGE, history, newest_page
from teahouse.errors import BadField
from tests.chat.talk import Talk


def seqs(page: Any) -> list[int]:
    return [row.seq for row in page.messages]


# The newest page


def test_the_newest_page_is_ascending_and_says_whether_there_is_more(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"PAGE_MESSAGES": 3}
    for size, expected, more in ((0, [], False), (3, [1, 2, 3], False), (1, [2, 3, 4], True)):
        talk.say(*["hello"] * size)
        page = newest_page(talk.room, "new")
        assert (seqs(page), page.more, page.upto) == (expected, more, talk.head())


def test_a_deleted_message_keeps_its_place_in_the_page(talk: Talk) -> None:
    talk.say("one", "two")
    talk.did(talk.delete("Ann", 1, 1))
    page = newest_page(talk.room, "new")
    assert [(row.seq, row.deleted, row.text) for row in page.messages] == [(1, True, None), (2, False, "two")]


def test_a_page_says_where_the_log_stood_when_its_rows_were_read(talk: Talk) -> None:
    talk.say("one")
    talk.do(talk.join("Bob"))
    page = history(talk.room)
    assert (page.epoch, page.head) == (talk.epoch(), 2)
    reset = newest_page(talk.room, "behind")
    assert (reset.epoch, reset.upto, reset.reason, reset.room) == (talk.epoch(), 2, "behind", "tea")


# History


PLACES = list(range(1, 20, 2))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 10, 11])
def test_a_page_of_history_is_what_stands_beside_a_number(long_talk: Talk, limit: int) -> None:
    room = long_talk.room
    for number in range(23):
        older, newer = [seq for seq in PLACES if seq < number], [seq for seq in PLACES if seq > number]
        upto = [seq for seq in PLACES if seq <= number]

        page = history(room, before=number, limit=limit)
        assert seqs(page) == older[-limit:]
        assert (page.more_before, page.more_after) == (len(older) > limit, len(older) < len(PLACES))

        page = history(room, after=number, limit=limit)
        assert seqs(page) == newer[:limit]
        assert (page.more_before, page.more_after) == (len(newer) < len(PLACES), len(newer) > limit)

        page = history(room, around=number, limit=limit)
        half = limit // 2
        assert seqs(page) == upto[-(limit - half) :] + newer[:half]
        assert (page.more_before, page.more_after) == (len(upto) > limit - half, len(newer) > half)


def test_history_without_a_bound_is_the_newest_page(long_talk: Talk) -> None:
    page = history(long_talk.room, limit=4)
    assert (seqs(page), page.more_before, page.more_after) == ([13, 15, 17, 19], True, False)
    assert page.epoch == long_talk.epoch()


def test_around_a_message_that_stands_there_it_is_in_the_middle(long_talk: Talk) -> None:
    assert seqs(history(long_talk.room, around=9, limit=5)) == [5, 7, 9, 11, 13]


def test_paging_back_and_forth_shows_each_message_once(long_talk: Talk) -> None:
    back, bound = [], 20
    while True:
        page = history(long_talk.room, before=bound, limit=3)
        back = seqs(page) + back
        if not page.more_before:
            break
        bound = page.messages[0].seq
    forth, bound = [], 0
    while True:
        page = history(long_talk.room, after=bound, limit=3)
        forth += seqs(page)
        if not page.more_after:
            break
        bound = page.messages[-1].seq
    assert back == forth == PLACES


def test_a_page_of_history_is_bounded(talk: Talk, settings: Any) -> None:
    talk.say(*["hello"] * 120)
    assert len(history(talk.room).messages) == 50
    assert len(history(talk.room, limit=10_000).messages) == MAX_PAGE == 100
    settings.TEAHOUSE = {"PAGE_MESSAGES": 7}
    assert len(history(talk.room).messages) == 7


def test_history_far_past_the_end_is_empty_or_the_end(long_talk: Talk) -> None:
    far = 2**53 - 1
    assert seqs(history(long_talk.room, after=far)) == []
    assert seqs(history(long_talk.room, before=far)) == PLACES
    assert seqs(history(long_talk.room, around=far, limit=4)) == [17, 19]


def test_history_of_an_empty_room_is_empty(talk: Talk) -> None:
    for bound in ({}, {"before": 5}, {"after": 0}, {"around": 3}, {"at": 3}):
        page = history(talk.room, **bound)
        assert (page.messages, page.more_before, page.more_after) == ([], False, False)


def test_history_takes_one_bound(talk: Talk) -> None:
    for bounds in ({"before": 3, "after": 1}, {"around": 3, "at": 1}):
        with pytest.raises(BadField):
            history(talk.room, **bounds)
