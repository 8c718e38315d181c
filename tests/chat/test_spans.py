"""Cutting what entries touched into events: contiguous, whole, and bounded in bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.spans import EVENT_BYTES, Row, spans
from teahouse.protocol.codec import encode
from teahouse.protocol.events import EVERYBODY, Changes, MemberRow, MessageRow, PersonRow, RoomRow

ANN = PersonRow(id="g1", name="Ann", kind="guest")
ENVELOPE_BYTES = 1000


def message(seq: int, text: str, author: PersonRow = ANN) -> MessageRow:
    return MessageRow(seq=seq, changed=seq, at=1795360000000, author=author, key=f"key-{seq}", text=text)


def cut(touched: list[tuple[int, Row | None]], after: int = 0, ends: dict[int, str] | None = None) -> list[Changes]:
    return spans("tea", "e1", after, [(seq, row, (ends or {}).get(seq, "")) for seq, row in touched])


def test_what_is_small_travels_in_one_event() -> None:
    rows: list[tuple[int, Row | None]] = [(seq, message(seq, "hello")) for seq in range(8, 11)]
    rows.append((11, MemberRow(person=ANN, changed=11, role="member")))
    (event,) = cut(rows, after=7)
    assert (event.room, event.epoch, event.after, event.upto) == ("tea", "e1", 7, 11)
    assert [row.seq for row in event.messages] == [8, 9, 10]
    assert [row.role for row in event.members] == ["member"]


def test_nothing_makes_no_event() -> None:
    assert cut([]) == []


def test_a_row_that_is_gone_still_counts_in_the_span() -> None:
    (event,) = cut([(1, None), (2, None)])
    assert (event.after, event.upto, event.messages, event.members) == (0, 2, [], [])


def test_entries_that_touched_the_same_row_show_it_once() -> None:
    row = message(1, "hello")
    (event,) = cut([(1, row), (2, row), (3, row)])
    assert event.messages == [row]
    assert event.upto == 3


def test_equal_rows_of_two_entries_are_two() -> None:
    (event,) = cut([(1, message(1, "hello")), (2, message(2, "hello"))])
    assert len(event.messages) == 2


def test_a_row_stands_in_the_event_of_every_entry_that_touched_it() -> None:
    """So that each event is whole for a client which has all that lies before it."""
    row = message(1, "hello")
    filling: list[tuple[int, Row | None]] = [(seq, message(seq, "x" * 4000)) for seq in range(2, 12)]
    events = cut([(1, row), *filling, (12, row)])
    assert len(events) > 1
    assert row in events[0].messages
    assert row in events[-1].messages


def test_one_row_larger_than_an_event_travels_alone() -> None:
    long = message(2, "x" * 2 * EVENT_BYTES)
    events = cut([(1, message(1, "a")), (2, long), (3, message(3, "b"))])
    assert [[row.seq for row in event.messages] for event in events] == [[1], [2], [3]]
    assert [(event.after, event.upto) for event in cut([(1, long)])] == [(0, 1)]


def test_a_row_that_was_touched_often_counts_once() -> None:
    row = message(1, "x" * 4000)
    (event,) = cut([(seq, row) for seq in range(1, 100)])
    assert event.upto == 99


TEXTS = st.builds(
    lambda character, length: character * length,
    # One byte, an escape of two, of six, three bytes, four bytes.
    st.sampled_from(["a", '"', "\x01", "茶", "🍵"]),
    st.integers(1, 4000),
)
NAMES = st.sampled_from(["Ann", "茶" * 40, "🍵" * 150])


@st.composite
def touched_rows(draw: st.DrawFn) -> list[tuple[int, Row | None]]:
    """Entries 1, 2, 3 …, of which some touch rows that earlier ones touched."""
    rows: list[tuple[int, Row | None]] = []
    for seq in range(1, draw(st.integers(1, 40)) + 1):
        kind = draw(st.sampled_from(["message", "message", "message", "member", "again", "gone"]))
        person = PersonRow(id="g1", name=draw(NAMES), kind="guest")
        if kind == "message":
            rows.append((seq, message(seq, draw(TEXTS), person)))
        elif kind == "member":
            rows.append((seq, MemberRow(person=person, changed=seq, role="member")))
        else:
            rows.append((seq, draw(st.sampled_from(rows))[1] if rows and kind == "again" else None))
    return rows


def test_a_room_stands_in_an_event_as_it_is() -> None:
    room = RoomRow("Tea", "open", locked=True, archived=False, slow_seconds=0, changed=2)
    (event,) = cut([(1, message(1, "hello")), (2, room)])
    assert event.info == room


def test_an_entry_that_may_end_a_right_is_the_last_of_its_event() -> None:
    rows: list[tuple[int, Row | None]] = [(seq, message(seq, "hello")) for seq in range(1, 8)]
    events = cut(rows, ends={3: "g1", 4: EVERYBODY, 7: "g2"})
    told = [(event.after, event.upto, event.rights) for event in events]
    assert told == [(0, 3, ["g1"]), (3, 4, [EVERYBODY]), (4, 7, ["g2"])]


def test_a_row_behind_the_end_of_a_right_counts_in_its_new_event() -> None:
    row, filling = message(1, "x" * 4000), [(seq, message(seq, "x" * 3300)) for seq in range(3, 20)]
    events = cut([(1, row), (2, row), *filling], ends={1: "g1"})
    assert all(len(encode(event)) <= EVENT_BYTES + ENVELOPE_BYTES for event in events)


@given(touched_rows(), st.integers(0, 1000), st.sets(st.integers(1, 40)))
def test_events_are_contiguous_whole_and_bounded(
    touched: list[tuple[int, Row | None]], after: int, ending: set[int]
) -> None:
    touched = [(after + seq, row) for seq, row in touched]
    ends = {after + seq: "g1" for seq in ending if seq <= len(touched)}
    events = cut(touched, after, ends)
    assert {event.upto: event.rights[0] for event in events if event.rights} == ends

    assert events[0].after == after
    assert events[-1].upto == after + len(touched)
    assert all(event.after < event.upto for event in events)
    assert all(before.upto == following.after for before, following in pairwise(events))
    for event in events:
        rows = [*event.messages, *event.members]
        expected = {id(row) for seq, row in touched if event.after < seq <= event.upto and row is not None}
        assert {id(row) for row in rows} == expected
        assert len(rows) == len(expected)
        size = len(encode(event).encode())
        assert len(rows) == 1 or size <= EVENT_BYTES + ENVELOPE_BYTES
