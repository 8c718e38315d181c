"""What one commit takes: whatever is said, its events fit into half of a socket's queue."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from teahouse.chat.actions import Action, DeleteMessage, MarkRead, PostMessage
from teahouse.chat.people import Identity
from teahouse.chat.portions import portion
from teahouse.chat.spans import spans
from teahouse.protocol.codec import encode
from teahouse.protocol.events import MessageRow, PersonRow
from teahouse.settings import settings

ANN = Identity(uid="g" + "a" * 24, name="Ann", kind="guest")
TEXTS = st.builds(
    lambda character, length: character * length,
    # One byte, an escape of two, of six, three bytes, four bytes.
    st.sampled_from(["a", '"', "\x01", "茶", "🍵"]),
    st.sampled_from([1, 64, 500, 4000]),
)


def posts(texts: list[str], person: Identity = ANN) -> list[Action]:
    return [PostMessage(7, person, f"a-key-of-usual-length-{number}", text) for number, text in enumerate(texts)]


def person_row(person: Identity) -> PersonRow:
    return PersonRow(person.uid, person.name, person.kind)


def bytes_of_events(actions: list[Action]) -> int:
    """What one commit of these posts tells a room, as its sockets get it."""
    rows = [
        (seq, MessageRow(seq, seq, 1795360000000, person_row(action.person), action.key, action.text), "")
        for seq, action in enumerate(actions, 10**6)
        if isinstance(action, PostMessage)
    ]
    return sum(len(encode(event).encode()) for event in spans("tea", "0123456789ab", 10**6 - 1, rows))


@given(st.lists(TEXTS, min_size=1, max_size=60), st.integers(2, 12), st.sampled_from(["Ann", "茶" * 150]))
def test_what_goes_into_one_commit_is_about_half_a_queue(texts: list[str], repeated: int, name: str) -> None:
    actions = posts(texts * repeated, replace(ANN, name=name))
    count = portion(actions, most=10**6)
    about_half = range(int(settings.QUEUE_BYTES * 0.4), int(settings.QUEUE_BYTES * 0.6))
    assert count == 1 or bytes_of_events(actions[:count]) < about_half.stop
    assert count == len(actions) or bytes_of_events(actions[: count + 1]) > about_half.start


def test_one_goes_in_however_long_it_is() -> None:
    assert portion(posts(["x" * settings.QUEUE_BYTES, "y"]), most=10) == 1


def test_never_more_go_in_than_may() -> None:
    assert portion(posts(["x"] * 5), most=3) == 3
    assert portion(posts(["x"] * 2), most=3) == 2
    assert portion([], most=3) == 0


def test_usual_messages_are_bounded_by_their_number_and_not_by_their_bytes() -> None:
    usual = posts(["x" * 64] * 1000)
    assert portion(usual, settings.WRITER_BATCH) == settings.WRITER_BATCH


def test_what_says_nothing_takes_room_too() -> None:
    assert portion([DeleteMessage(7, ANN, 1, 1)] * 10_000, most=10_000) < 1000


def test_no_more_is_looked_at_than_goes_in() -> None:
    def endless() -> Iterator[Action]:
        while True:
            yield from posts(["x"])

    assert portion(endless(), most=3) == 3


def test_read_positions_take_nothing_of_what_a_commit_may_tell() -> None:
    marks: list[Action] = [MarkRead(7, ANN, seq) for seq in range(10**5)]
    assert portion(marks, 10**6) == 10**5
    assert portion(marks, 500) == 500
