"""Reading a log: pages of changes, resets, pages of history, and what that costs."""

import logging
from itertools import pairwise
from typing import Any

import pytest

from teahouse.chat.actions import Join
from teahouse.chat.epochs import renew_epochs
from teahouse.chat.log import catch_up, changes_after, head_of, heads, reset_reason
from teahouse.chat.making import ensure_room
from teahouse.chat.pages import history
from teahouse.errors import NoSuchRoom
from teahouse.models import Room
from teahouse.protocol.codec import encode
from teahouse.protocol.events import Changes, Reset
from tests.chat.picture import Picture
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


def test_a_position_past_the_head_is_written_to_the_log_of_the_server_once_in_a_while(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "teahouse"):
        for _ in range(3):  # a client may claim it as often as it likes
            catch_up(talk.room, talk.epoch(), 7)
    assert caplog.text.count("was the database restored?") == 1


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
