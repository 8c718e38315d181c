"""Reading a log: pages of changes, resets, pages of history, and what that costs."""

import logging
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from teahouse.chat.actions import Join
from teahouse.chat.epochs import renew_epochs
from teahouse.chat.log import (
    MAX_PAGE,
    catch_up,
    changes_after,
    head_of,
    heads,
    history,
    newest_page,
    reset_reason,
)
from teahouse.chat.rooms import ensure_room
from teahouse.errors import BadField, NoSuchRoom
from teahouse.models import Room
from teahouse.protocol.codec import encode
from teahouse.protocol.events import Changes, Reset
from tests.chat.picture import Picture
from tests.chat.plans import queries_of, walks_whole_tables
from tests.chat.talk import Talk, bring_level


def changes(talk: Talk, after: int) -> list[Changes]:
    return changes_after(talk.room, talk.epoch(), after, talk.head())


def seqs(page: Any) -> list[int]:
    return [row.seq for row in page.messages]


# Changes


def test_changes_say_what_was_touched_after_a_number(talk: Talk) -> None:
    talk.say("one", "two")
    talk.do(talk.join("Bob"), talk.edit("Ann", 1, 1, "one!"), talk.post("Ann", "three"))
    (event,) = changes(talk, after=2)
    assert (event.room, event.epoch, event.after, event.upto) == ("tea", talk.epoch(), 2, 5)
    assert [(row.seq, row.changed, row.text) for row in event.messages] == [(1, 4, "one!"), (5, 5, "three")]
    assert [(row.person.name, row.changed, row.role) for row in event.members] == [("Bob", 3, "member")]


def test_rows_stand_there_as_they_are_now_and_not_as_they_were(talk: Talk) -> None:
    talk.say("first", "second")
    talk.did(talk.edit("Ann", 1, 1, "changed"))
    talk.did(talk.delete("Ann", 2, 2))
    talk.do(talk.join("Bob"), talk.leave("Bob"))
    for after in range(6):
        said = "".join(encode(event) for event in changes(talk, after))
        assert "first" not in said
        assert "second" not in said
        assert '"role":"member"' not in said


def test_changes_end_at_the_head_that_was_asked_for(talk: Talk) -> None:
    talk.say("one", "two", "three")
    (event,) = changes_after(talk.room, "e", 0, 2)
    assert (event.upto, seqs(event)) == (2, [1, 2])


def test_nothing_changed_after_the_head(talk: Talk) -> None:
    talk.say("one")
    assert changes(talk, after=1) == []


def test_a_page_covers_as_many_entries_as_the_setting_says(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"CATCH_UP_ENTRIES": 3}
    talk.say(*"abcdefgh")
    pages, at = [], 0
    while found := changes(talk, at):
        assert len(found) == 1
        pages.append((found[0].after, found[0].upto, seqs(found[0])))
        at = found[0].upto
    assert pages == [(0, 3, [1, 2, 3]), (3, 6, [4, 5, 6]), (6, 8, [7, 8])]


def test_a_page_of_long_messages_comes_in_events_of_bounded_size(talk: Talk) -> None:
    talk.say(*["茶" * 4000] * 20)
    events = changes(talk, 0)
    assert len(events) > 5
    assert max(len(encode(event).encode()) for event in events) < 34_000
    assert (events[0].after, events[-1].upto) == (0, 20)
    assert all(before.upto == after.after for before, after in pairwise(events))


def test_other_rooms_stay_out_of_it(talk: Talk) -> None:
    cake = ensure_room("cake")
    joins = [Join(cake.pk, talk.person("Ann")), talk.join("Ann"), talk.leave("Ann")]
    talk.do(talk.post("Ann", "cake", room=cake), talk.post("Ann", "tea"), *joins)
    (event,) = changes_after(cake, "e", 0, 2)
    assert [row.text for row in event.messages] == ["cake"]
    assert [row.role for row in event.members] == ["member"]


def test_what_is_announced_live_is_what_is_read_from_the_log(talk: Talk) -> None:
    talk.say("one", "two")
    deeds = (
        [talk.post("Bob", "three"), talk.join("Bob"), talk.edit("Ann", 1, 1, "one!"), talk.delete("Ann", 2, 2)],
        [talk.edit("Ann", 1, 5, "one?"), talk.delete("Ann", 1, 7), talk.leave("Bob"), talk.join("Bob")],
        [talk.post("Ann", "茶" * 4000) for _ in range(12)],
    )
    for actions in deeds:
        talk.committed.clear()
        after = talk.head()
        talk.do(*actions)
        assert talk.live() == changes(talk, after)


# Catching up


def test_who_is_level_gets_nothing(talk: Talk) -> None:
    talk.say("one")
    assert catch_up(talk.room, talk.epoch(), 1) == []


@pytest.mark.parametrize(
    ("epoch", "seq", "reason"),
    [
        (None, None, "new"),
        (None, 7, "new"),
        ("now", None, "new"),
        ("before", 7, "epoch"),
        ("before", 2000, "epoch"),
        ("now", 1001, "ahead"),
        ("now", 499, "behind"),
        ("now", 0, "behind"),
        ("now", 500, None),
        ("now", 1000, None),
    ],
)
def test_a_position_that_cannot_be_continued_from_has_a_reason(
    epoch: str | None, seq: int | None, reason: str | None
) -> None:
    assert reset_reason(epoch, seq, "now", 1000) == reason


def test_the_reason_stands_in_the_reset(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"RESET_ENTRIES": 2}
    talk.say("one", "two", "three")
    epoch = talk.epoch()
    asked = [(None, None), ("another", 1), (epoch, 4), (epoch, 0)]
    found = [catch_up(talk.room, *position) for position in asked]
    assert [reset.reason for reset in found if isinstance(reset, Reset)] == ["new", "epoch", "ahead", "behind"]
    assert {(reset.epoch, reset.upto) for reset in found if isinstance(reset, Reset)} == {(epoch, 3)}


def test_a_position_past_the_head_is_written_to_the_log_of_the_server(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "teahouse"):
        catch_up(talk.room, talk.epoch(), 7)
    assert "was the database restored?" in caplog.text


def test_after_a_restore_everybody_starts_anew(talk: Talk) -> None:
    talk.say("one")
    before = talk.epoch()
    renew_epochs("a test")
    found = catch_up(talk.room, before, 1)
    assert isinstance(found, Reset)
    assert (found.reason, found.epoch) == ("epoch", talk.epoch())
    assert found.epoch != before


def test_who_may_not_be_reset_reads_everything_however_far_behind(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"RESET_ENTRIES": 10, "CATCH_UP_ENTRIES": 20}
    talk.say(*[str(number) for number in range(110)])
    assert isinstance(catch_up(talk.room, talk.epoch(), 0), Reset)
    seen: list[int] = []
    while found := catch_up(talk.room, talk.epoch(), len(seen), may_reset_when_behind=False):
        assert isinstance(found, list)
        seen += [row.seq for event in found for row in event.messages]
    assert seen == list(range(1, 111))


def test_who_is_as_far_behind_as_is_allowed_pages_through(talk: Talk) -> None:
    talk.say(*[str(number) for number in range(500)])
    picture = Picture(talk.epoch(), 0)
    events = bring_level(picture, talk.room)
    assert [event.upto for event in events] == [100, 200, 300, 400, 500]
    assert picture.texts() == [str(number) for number in range(500)]

    talk.say("one more")
    late = Picture(talk.epoch(), 0)
    (reset,) = bring_level(late, talk.room)
    assert isinstance(reset, Reset)
    assert len(late.messages) == 50


# The newest page


def test_the_newest_page_is_ascending_and_says_whether_there_is_more(talk: Talk, settings: Any) -> None:
    settings.TEAHOUSE = {"PAGE_MESSAGES": 3}
    for size, expected, more in ((0, [], False), (3, [1, 2, 3], False), (1, [2, 3, 4], True)):
        talk.say(*["hello"] * size)
        page = newest_page(talk.room, "new", *head_of(talk.room))
        assert (seqs(page), page.more, page.upto) == (expected, more, talk.head())


def test_a_deleted_message_keeps_its_place_in_the_page(talk: Talk) -> None:
    talk.say("one", "two")
    talk.did(talk.delete("Ann", 1, 1))
    page = newest_page(talk.room, "new", *head_of(talk.room))
    assert [(row.seq, row.deleted, row.text) for row in page.messages] == [(1, True, None), (2, False, "two")]


def test_a_page_that_is_newer_than_its_position_does_no_harm(talk: Talk) -> None:
    """The head is read first: what comes between is in the rows already, and comes again."""
    talk.say("one")
    epoch, head = head_of(talk.room)
    talk.did(talk.edit("Ann", 1, 1, "one!"))
    talk.say("two")
    picture = Picture()
    picture.apply(newest_page(talk.room, "new", epoch, head))
    bring_level(picture, talk.room)
    assert picture.texts() == ["one!", "two"]


# History


@pytest.fixture
def long_talk(talk: Talk) -> Talk:
    """Messages at 1, 3, 5 … 19: between them somebody comes or goes."""
    for number in range(10):
        talk.do(talk.post("Ann", str(number)), talk.leave("Bob") if number % 2 else talk.join("Bob"))
    return talk


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
    for bound in ({}, {"before": 5}, {"after": 0}, {"around": 3}):
        page = history(talk.room, **bound)
        assert (page.messages, page.more_before, page.more_after) == ([], False, False)


def test_history_takes_one_bound(talk: Talk) -> None:
    with pytest.raises(BadField):
        history(talk.room, before=3, after=1)


# Heads


def test_heads_tell_where_rooms_stand_and_leave_out_those_that_are_gone(
    talk: Talk, django_assert_num_queries: Any
) -> None:
    cake = ensure_room("cake")
    talk.say("one", "two")
    with django_assert_num_queries(1):
        found = heads([talk.room.pk, cake.pk, 10**6])
    assert {pk: head for pk, (_, head) in found.items()} == {talk.room.pk: 2, cake.pk: 0}


def test_a_room_that_is_gone_is_no_room_to_read(talk: Talk) -> None:
    Room.objects.all().delete()
    talk.room.log.delete()
    for read in (head_of, history, lambda room: catch_up(room, None, None)):
        with pytest.raises(NoSuchRoom):
            read(talk.room)


# What it costs

READS: dict[str, Callable[[Talk], object]] = {
    "heads": lambda talk: heads([talk.room.pk]),
    "level": lambda talk: catch_up(talk.room, talk.room.log.epoch, talk.head()),
    "changes": lambda talk: catch_up(talk.room, talk.room.log.epoch, 1),
    "reset": lambda talk: catch_up(talk.room, None, None),
    "newest": lambda talk: history(talk.room),
    "before": lambda talk: history(talk.room, before=10),
    "after": lambda talk: history(talk.room, after=3),
    "around": lambda talk: history(talk.room, around=9),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_asks_the_same_few_questions_however_much_is_said(
    long_talk: Talk, read: Callable[[Talk], object]
) -> None:
    few = len(queries_of(lambda: read(long_talk)))
    for name in "CDEFGH":
        long_talk.do(*(long_talk.post(name, "hello") for _ in range(10)), long_talk.join(name))
    assert len(queries_of(lambda: read(long_talk))) == few <= 4


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_goes_by_an_index(long_talk: Talk, read: Callable[[Talk], object]) -> None:
    asked = queries_of(lambda: read(long_talk))
    assert asked
    assert not {sql: steps for sql in asked if (steps := walks_whole_tables(sql))}


def test_a_write_goes_by_an_index_too(long_talk: Talk) -> None:
    actions = [long_talk.post("Ann", "x"), long_talk.edit("Ann", 1, 1, "y"), long_talk.delete("Ann", 3, 3)]
    asked = queries_of(lambda: long_talk.do(*actions, long_talk.join("Bob"), long_talk.post("Bob", "z")))
    assert len(asked) > 5
    assert not {sql: steps for sql in asked if (steps := walks_whole_tables(sql))}


def test_the_measure_of_plans_knows_a_walk_from_a_look(talk: Talk) -> None:
    assert walks_whole_tables("SELECT * FROM teahouse_message WHERE text = 'x'")
    assert walks_whole_tables("SELECT * FROM teahouse_message WHERE room_id = 1 ORDER BY at")
    assert not walks_whole_tables("SELECT * FROM teahouse_message WHERE room_id = 1 ORDER BY seq DESC")
