"""How rooms stand for one person: what a member has read and not read, whatever everybody does."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.chat.making import ensure_room
from teahouse.chat.rooms import room_at
from teahouse.chat.states import counted, room_state, uncounted_state, unread_of
from teahouse.chat.unread import UNREAD_MOST
from tests.chat.talk import PLAY, Talk, undone


def read_and_unread(talk: Talk, name: str) -> tuple[int | None, int | None]:
    state = room_state(room_at(talk.room.address), talk.person(name))
    return state.read, state.unread


def test_a_member_finds_what_was_posted_since_they_read(talk: Talk) -> None:
    talk.do(talk.join("Bob"))
    talk.say("one", "two", "three")
    assert read_and_unread(talk, "Bob") == (1, 3)
    talk.did(talk.read("Bob", 3))
    assert read_and_unread(talk, "Bob") == (3, 1)


def test_a_visitor_and_who_left_have_nothing_read_or_unread(talk: Talk) -> None:
    talk.do(talk.join("Bob"), talk.leave("Bob"))
    talk.say("one")
    assert [read_and_unread(talk, name) for name in ("Ann", "Bob")] == [(None, None)] * 2
    assert [unread_of(talk.person(name), [room_at(talk.room.address)]) for name in ("Ann", "Bob")] == [{}, {}]


def test_who_comes_in_has_nothing_unread(talk: Talk) -> None:
    talk.say("one", "two")
    talk.do(talk.join("Bob"))
    assert read_and_unread(talk, "Bob") == (3, 0)


def test_many_rooms_are_counted_in_one_query_and_none_where_all_is_read(
    talk: Talk, django_assert_num_queries: Any
) -> None:
    bob = talk.person("Bob")
    rooms = [ensure_room(f"room {number}") for number in range(5)]
    talk.do(*(action for room in rooms for action in (talk.join("Bob", room), talk.post("Ann", "hello", room=room))))
    rooms = [room_at(room.address) for room in rooms]
    found = [(room, uncounted_state(room, bob)) for room in rooms]
    with django_assert_num_queries(1):
        assert [state.unread for state in counted(found)] == [1] * 5
    with django_assert_num_queries(2):
        assert unread_of(bob, rooms) == {room.pk: 1 for room in rooms}
    talk.do(*(talk.read("Bob", 2, room) for room in rooms))
    found = [(room, uncounted_state(room, bob)) for room in rooms]
    with django_assert_num_queries(0):
        assert [state.unread for state in counted(found)] == [0] * 5
    with django_assert_num_queries(1):
        assert unread_of(bob, rooms) == {room.pk: 0 for room in rooms}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(1, 60)),
        st.tuples(st.just("read"), st.integers(0, 150)),
        st.tuples(st.just("delete"), st.integers(0, 150)),
        st.tuples(st.sampled_from(["join", "leave"]), st.just(0)),
    ),
    max_size=12,
)


@settings(PLAY, max_examples=30)
@given(steps=STEPS)
def test_read_never_falls_and_unread_is_what_a_reader_would_count(talk: Talk, steps: list[tuple[str, int]]) -> None:
    with undone():
        standing: dict[int, bool] = {}
        member, read = False, 0
        for step, number in [("join", 0), *steps]:
            if step == "say":
                standing.update(dict.fromkeys(talk.say(*["hello"] * number), True))
            elif step == "delete" and standing.get(number):
                talk.did(talk.delete("Ann", number, number))
                standing[number] = False
            elif step == "read" and member:
                read = max(read, min(number, talk.head()))
                assert talk.did(talk.read("Bob", number)).seq == read
            elif step in ("join", "leave"):
                talk.did(talk.join("Bob") if step == "join" else talk.leave("Bob"))
                read = talk.head() if step == "join" and not member else read
                member = step == "join"
            later = [stands for seq, stands in standing.items() if seq > read]
            unread = UNREAD_MOST if len(later) > UNREAD_MOST else sum(later)
            assert read_and_unread(talk, "Bob") == ((read, unread) if member else (None, None))
