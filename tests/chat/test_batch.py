"""What one transaction makes of a batch of actions: each is judged by itself, and as if it came alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from teahouse.chat import announcing
from teahouse.chat import batch as batch_module
from teahouse.chat import held as held_module
from teahouse.chat.actions import Action, AskAgain, Configure, Moved, Posted, ReadUpTo, Result, Rights, Touched
from teahouse.chat.making import ensure_room
from teahouse.errors import Conflict, KeyConflict, NoSuchMessage, NoSuchRoom, NotAllowed, TeahouseError
from teahouse.models import Entry, Log, Membership, Message, Person, Room
from tests.chat.talk import PLAY, Talk, undone


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The time in milliseconds; each batch takes the next one."""
    times = [1000]

    def tick() -> int:
        times[0] += 1
        return times[0]

    monkeypatch.setattr(batch_module, "now", tick)
    return times


# Numbers


def test_numbers_have_no_holes(talk: Talk) -> None:
    for size in (1, 3, 2):
        talk.say(*["hello"] * size)
    talk.refused(talk.edit("Bob", 1, 1, "not mine"))
    talk.say("again")

    numbers = list(range(1, 8))
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == numbers
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == numbers
    assert talk.head() == 7


def test_every_change_is_one_entry_that_names_what_it_touched_and_who(talk: Talk, clock: list[int]) -> None:
    talk.say("hello")
    talk.did(talk.edit("Ann", 1, 1, "hello!"))
    talk.did(talk.join("Bob"))
    talk.did(talk.delete("Ann", 1, 2))
    talk.did(talk.leave("Bob"))

    ann, bob = (Person.objects.get(name=name).pk for name in ("Ann", "Bob"))
    kind = Entry.Kind
    fields = ("seq", "kind", "message_seq", "member_id", "actor_id", "at")
    assert list(Entry.objects.order_by("seq").values_list(*fields)) == [
        (1, kind.POST, 1, None, ann, 1001),
        (2, kind.EDIT, 1, None, ann, 1002),
        (3, kind.JOIN, None, bob, bob, 1003),
        (4, kind.DELETE, 1, None, ann, 1004),
        (5, kind.LEAVE, None, bob, bob, 1005),
    ]
    assert Log.objects.get().at == 1005


def test_each_room_counts_for_itself(talk: Talk) -> None:
    cake = ensure_room("cake")
    results = talk.do(
        talk.post("Ann", "one"), talk.post("Ann", "two", room=cake), talk.post("Ann", "three"), talk.post("Bob", "four")
    )
    assert [result.seq for result in results if isinstance(result, Posted)] == [1, 1, 2, 3]
    assert [(c.room_id, c.after, c.upto) for c in talk.committed] == [(talk.room.pk, 0, 3), (cake.pk, 0, 1)]


def test_messages_of_a_batch_keep_the_order_in_which_they_came(talk: Talk) -> None:
    talk.say(*[str(number) for number in range(250)])
    texts = Message.objects.order_by("seq").values_list("text", flat=True)
    assert list(texts) == [str(number) for number in range(250)]


# Each by itself


def test_in_a_mixed_batch_each_action_is_judged_by_itself(talk: Talk) -> None:
    first, second = talk.say("mine", "hers", by="Ann")
    results = talk.do(
        talk.post("Ann", "three"),
        talk.edit("Bob", first, first, "not his"),
        talk.join("Bob"),
        talk.delete("Ann", 77, 77),
        talk.edit("Ann", first, 1, "mine!"),
        talk.edit("Ann", second, 99, "stale"),
        talk.post("Bob", "four"),
        talk.delete("Ann", second, second),
        talk.leave("Bob"),
    )
    kinds = [type(result) for result in results]
    expected = [Posted, NotAllowed, Moved, NoSuchMessage, Touched, Conflict, Posted, Touched, Moved]
    assert kinds == expected
    assert talk.head() == 8, "six changes after the first two, and none for a refusal"
    assert list(Message.objects.order_by("seq").values_list("text", "deleted")) == [
        ("mine!", False), ("", True), ("three", False), ("four", False)
    ]  # fmt: skip


def test_an_action_for_a_room_that_is_gone_is_refused_alone(talk: Talk) -> None:
    cake = ensure_room("cake")
    lost = talk.post("Ann", "lost", room=cake)
    Room.objects.filter(pk=cake.pk).delete()
    gone, kept = talk.do(lost, talk.post("Ann", "kept"))
    assert isinstance(gone, NoSuchRoom)
    assert isinstance(kept, Posted)


def test_an_empty_batch_does_nothing(talk: Talk) -> None:
    assert talk.do() == []
    assert talk.committed == []


# Keys


def test_the_same_key_gets_the_same_answer_and_makes_one_message(talk: Talk, clock: list[int]) -> None:
    post = talk.post("Ann", "hello", key="k")
    twice_at_once = talk.do(post, post)
    later = talk.did(post)
    assert twice_at_once == [Posted(1, 1001, repeat=False), Posted(1, 1001, repeat=True)]
    assert later == Posted(1, 1001, repeat=True)
    assert Message.objects.count() == Entry.objects.count() == talk.head() == 1
    assert len(talk.committed) == 1, "a repeat rings nobody"


def test_a_key_gets_the_same_answer_after_an_edit_and_after_a_delete(talk: Talk, clock: list[int]) -> None:
    post = talk.post("Ann", "hello", key="k")
    talk.did(post)
    talk.did(talk.edit("Ann", 1, 1, "changed"))
    assert talk.did(post) == Posted(1, 1001, repeat=True)
    talk.did(talk.delete("Ann", 1, 2))
    assert talk.did(post) == Posted(1, 1001, repeat=True)
    assert Message.objects.get().deleted


def test_the_same_key_with_another_text_is_a_conflict(talk: Talk) -> None:
    talk.did(talk.post("Ann", "hello", key="k"))
    other = talk.post("Ann", "something else", key="k")
    assert isinstance(talk.refused(other), KeyConflict)
    talk.did(talk.edit("Ann", 1, 1, "something else"))
    assert isinstance(talk.refused(other), KeyConflict), "the text as posted counts, and not as it stands"
    talk.did(talk.delete("Ann", 1, 2))
    # Nothing of a deleted text is kept, not even what would tell it from another.
    assert talk.did(other).repeat
    assert Message.objects.get().digest == ""


def test_after_several_edits_the_text_as_posted_is_still_the_one_that_repeats(talk: Talk) -> None:
    post = talk.post("Ann", "hello", key="k")
    talk.did(post)
    for seen, text in ((1, "second"), (2, "third")):
        talk.did(talk.edit("Ann", 1, seen, text))
    assert talk.did(post).repeat
    for text in ("second", "third"):
        assert isinstance(talk.refused(talk.post("Ann", text, key="k")), KeyConflict)


def test_two_texts_under_one_key_in_one_batch_are_a_conflict(talk: Talk) -> None:
    first, second = talk.do(talk.post("Ann", "one", key="k"), talk.post("Ann", "two", key="k"))
    assert isinstance(first, Posted)
    assert isinstance(second, KeyConflict)
    assert second.field == "key"
    assert not second.retry


def test_what_a_batch_does_to_a_message_shows_in_the_answer_to_its_repeat(talk: Talk) -> None:
    talk.did(talk.post("Ann", "hello", key="k"))
    other = talk.post("Ann", "something else", key="k")
    refused, _, repeated = talk.do(other, talk.delete("Ann", 1, 1), other)
    assert isinstance(refused, KeyConflict)
    assert isinstance(repeated, Posted)
    assert repeated.repeat


def test_what_a_batch_posts_it_can_change(talk: Talk) -> None:
    """Nobody knows a number before it is answered; but what travels together must not change what is answered."""
    results = talk.do(talk.post("Ann", "hello"), talk.edit("Ann", 1, 1, "hello!"), talk.post("Bob", "hi"))
    assert [type(result) for result in results] == [Posted, Touched, Posted]
    assert list(Message.objects.order_by("seq").values_list("seq", "changed", "text")) == [
        (1, 2, "hello!"),
        (3, 3, "hi"),
    ]


def test_keys_belong_to_one_person_and_one_room(talk: Talk) -> None:
    cake = ensure_room("cake")
    results = talk.do(
        talk.post("Ann", "one", key="k"),
        talk.post("Bob", "two", key="k"),
        talk.post("Ann", "three", key="k", room=cake),
    )
    assert [result.repeat for result in results if isinstance(result, Posted)] == [False, False, False]


def test_keys_that_differ_by_case_are_two(talk: Talk) -> None:
    talk.do(talk.post("Ann", "one", key="k"), talk.post("Ann", "two", key="K"))
    assert [talk.did(talk.post("Ann", text, key=key)).seq for text, key in (("one", "k"), ("two", "K"))] == [1, 2]


def test_a_repeat_is_answered_also_when_the_right_to_post_is_gone(talk: Talk) -> None:
    """The message was acknowledged or may have been: its sender must learn that, and not send it elsewhere."""
    talk.did(talk.join("Ann"))
    post = talk.post("Ann", "hello")
    talk.did(post)
    talk.did(talk.leave("Ann"))
    Room.objects.update(kind=Room.Kind.PRIVATE)
    assert talk.did(post).repeat


def test_a_repeat_among_other_posts_takes_no_number_from_them(talk: Talk) -> None:
    repeated = talk.post("Ann", "hello")
    talk.did(repeated)
    results = talk.do(talk.post("Ann", "two"), repeated, talk.post("Bob", "three"), repeated, talk.join("Bob"))
    assert [result.seq for result in results if not isinstance(result, TeahouseError)] == [2, 1, 3, 1, 4]
    assert [result.repeat for result in results if isinstance(result, Posted)] == [False, True, False, True]
    assert [(committed.after, committed.upto) for committed in talk.committed] == [(0, 1), (1, 4)]
    assert Entry.objects.count() == 4


def test_a_repeat_among_posts_that_are_refused_is_answered(talk: Talk) -> None:
    talk.do(talk.join("Ann"), talk.join("Bob"))
    repeated = talk.post("Ann", "hello")
    talk.did(repeated)
    talk.did(talk.leave("Ann"))
    Room.objects.update(kind=Room.Kind.PRIVATE)
    kinds = [type(result) for result in talk.do(talk.post("Ann", "no"), repeated, talk.post("Bob", "yes"))]
    assert kinds == [NoSuchRoom, Posted, Posted]
    assert talk.head() == 5


# Editing and deleting


def test_an_edit_gives_the_message_a_new_version_and_keeps_its_place(talk: Talk, clock: list[int]) -> None:
    talk.say("hello", "later")
    assert talk.did(talk.edit("Ann", 1, 1, "hello!")) == Touched(seq=1, changed=3, at=1002)
    message = Message.objects.get(seq=1)
    assert (message.text, message.changed, message.at, message.edited_at) == ("hello!", 3, 1001, 1002)


def test_a_delete_keeps_the_place_and_nothing_of_the_text(talk: Talk, clock: list[int]) -> None:
    talk.say("hello")
    assert talk.did(talk.delete("Ann", 1, 1)) == Touched(seq=1, changed=2, at=1002)
    message = Message.objects.get()
    assert (message.text, message.digest, message.deleted, message.changed) == ("", "", True, 2)


def test_the_same_edit_or_delete_again_has_the_same_answer_and_no_entry(talk: Talk, clock: list[int]) -> None:
    talk.say("hello")
    edit = talk.edit("Ann", 1, 1, "hello!")
    assert talk.did(edit) == talk.did(edit) == Touched(1, 2, 1002)
    delete = talk.delete("Ann", 1, 2)
    clock[0] = 2000
    assert talk.did(delete) == talk.did(delete) == Touched(1, 3, 2001)
    assert talk.head() == 3


def test_an_edit_that_changes_nothing_is_no_entry(talk: Talk) -> None:
    talk.say("hello")
    assert talk.did(talk.edit("Ann", 1, 1, "hello")).changed == 1
    assert talk.head() == 1


def test_an_edit_of_what_changed_meanwhile_is_a_conflict_that_shows_it(talk: Talk) -> None:
    talk.say("hello")
    done, late = talk.do(talk.edit("Ann", 1, 1, "mine"), talk.edit("Ann", 1, 1, "too late"))
    assert isinstance(done, Touched)
    assert isinstance(late, Conflict)
    shown = late.details["message"]
    assert (shown.seq, shown.changed, shown.text) == (1, 2, "mine")
    assert late.field == "changed"
    assert Message.objects.get().text == "mine"


def test_a_stale_delete_is_a_conflict_too(talk: Talk) -> None:
    talk.say("hello")
    talk.did(talk.edit("Ann", 1, 1, "changed"))
    assert talk.refused(talk.delete("Ann", 1, 1)).details["message"].text == "changed"


def test_a_deleted_message_is_edited_no_more_and_shows_no_text(talk: Talk) -> None:
    talk.say("secret")
    talk.did(talk.delete("Ann", 1, 1))
    for seen in (1, 2):
        shown = talk.refused(talk.edit("Ann", 1, seen, "back again")).details["message"]
        assert (shown.deleted, shown.text, shown.edited_at) == (True, None, None)


def test_only_who_wrote_a_message_may_change_it(talk: Talk) -> None:
    talk.say("hello")
    for action in (talk.edit("Bob", 1, 1, "hello"), talk.delete("Bob", 1, 1)):
        refusal = talk.refused(action)
        assert isinstance(refusal, NotAllowed)
        assert not refusal.details, "who may not change it is not told how it stands"


@pytest.mark.parametrize("seq", [0, 2, 2**53 - 1])
def test_a_message_that_is_not_there_cannot_be_changed(talk: Talk, seq: int) -> None:
    talk.say("hello")
    assert isinstance(talk.refused(talk.edit("Ann", seq, seq, "x")), NoSuchMessage)
    assert isinstance(talk.refused(talk.delete("Ann", seq, seq)), NoSuchMessage)


def test_a_message_of_another_room_is_not_there(talk: Talk) -> None:
    cake = ensure_room("cake")
    talk.did(talk.post("Ann", "hello", room=cake))
    assert isinstance(talk.refused(talk.edit("Ann", 1, 1, "x")), NoSuchMessage)


# Memberships


def test_joining_and_leaving_twice_is_one_entry_each(talk: Talk) -> None:
    talk.say("hello")
    assert talk.do(talk.join("Bob"), talk.join("Bob")) == [Moved(2, "member"), Moved(2, "member")]
    assert talk.did(talk.join("Bob")) == Moved(2, "member")
    assert talk.did(talk.leave("Bob")) == talk.did(talk.leave("Bob")) == Moved(3, None)
    assert talk.did(talk.join("Bob")) == Moved(4, "member")
    membership = Membership.objects.get()
    assert (membership.role, membership.changed) == ("member", 4)


def test_joining_again_keeps_a_moderators_role(talk: Talk) -> None:
    talk.did(talk.join("Bob"))
    Membership.objects.update(role=Membership.Role.MODERATOR)
    assert talk.did(talk.join("Bob")) == Moved(1, "moderator")


def test_who_joins_has_nothing_unread_and_keeps_the_place_when_leaving(talk: Talk) -> None:
    talk.say("hello")
    places = []
    for action in (talk.join("Bob"), talk.leave("Bob"), talk.join("Bob")):
        talk.did(action)
        places.append(Membership.objects.get().read)
    assert places == [2, 2, 4]


def test_who_never_joined_leaves_without_an_entry(talk: Talk) -> None:
    talk.say("hello")
    assert talk.did(talk.leave("Bob")) == Moved(1, None)
    assert talk.head() == 1


# Rooms that are not open


@pytest.fixture
def closed(talk: Talk) -> Talk:
    """A private room that Ann is in, where Bob was and said something."""
    talk.do(talk.join("Ann"), talk.join("Bob"), talk.post("Bob", "I was here"), talk.leave("Bob"))
    Room.objects.update(kind=Room.Kind.PRIVATE)
    return talk


def test_in_a_private_room_only_members_do_anything(closed: Talk) -> None:
    head = closed.head()
    for name in ("Bob", "Eve"):
        for action in (
            closed.post(name, "x"),
            closed.edit(name, 3, 3, "x"),
            closed.delete(name, 3, 3),
            closed.join(name),
        ):
            assert isinstance(closed.refused(action), NoSuchRoom)
    assert closed.head() == head
    assert isinstance(closed.did(closed.post("Ann", "still here")), Posted)


def test_who_leaves_a_private_room_writes_nothing_later_in_the_same_batch(closed: Talk) -> None:
    results = closed.do(closed.post("Ann", "bye"), closed.leave("Ann"), closed.post("Ann", "me again"))
    assert [type(result) for result in results] == [Posted, Moved, NoSuchRoom]


# A batch is its actions one by one

NAMES = st.sampled_from(["Ann", "Bob"])
TEXTS = st.sampled_from(["one", "two", "three"])
KEYS = st.sampled_from(["k1", "k2", "k3"])
PLACES = st.integers(1, 4)
"""Few of each: most batches repeat a key that an earlier one stored, or one of their own, among other deeds."""
DEEDS = st.one_of(
    st.tuples(st.just("post"), NAMES, TEXTS, KEYS),
    st.tuples(st.just("edit"), NAMES, PLACES, st.integers(1, 8), TEXTS),
    st.tuples(st.just("delete"), NAMES, PLACES, st.integers(1, 8)),
    st.tuples(st.just("join"), NAMES),
    st.tuples(st.just("leave"), NAMES),
)


@settings(PLAY, max_examples=40)
@given(batches=st.lists(st.lists(DEEDS, max_size=8), max_size=3), kind=st.sampled_from(["open", "private"]))
def test_a_batch_is_its_actions_one_by_one(talk: Talk, batches: list[list[Any]], kind: str) -> None:
    """Also where keys that were posted before stand among new ones, by people whose right is gone."""
    with undone():
        begin(talk, kind)
        together = [told(result) for deeds in batches for result in talk.do(*actions(talk, deeds))]
        table = everything()
    with undone():
        begin(talk, kind)
        alone = [told(*talk.do(action)) for deeds in batches for action in actions(talk, deeds)]
        assert together == alone
        assert table == everything()


def begin(talk: Talk, kind: str) -> None:
    """Both have said something under keys that they may use again; only Ann is a member."""
    talk.do(talk.join("Ann"), talk.post("Ann", "one", key="k1"), talk.post("Bob", "two", key="k2"))
    Room.objects.update(kind=kind)


def actions(talk: Talk, deeds: list[Any]) -> list[Action]:
    return [getattr(talk, deed)(*arguments) for deed, *arguments in deeds]


def told(result: Result) -> object:
    """A result without its time."""
    if isinstance(result, TeahouseError):
        return result.code, result.text
    return type(result), {**asdict(result), "at": None}


def everything() -> list[object]:
    """All rows, without their times and without the keys that the database made."""
    messages = Message.objects.order_by("seq").values_list(
        "seq", "changed", "author__name", "key", "digest", "text", "deleted"
    )
    entries = Entry.objects.order_by("seq").values_list("seq", "kind", "message_seq", "member__name", "actor__name")
    members = Membership.objects.order_by("person__name").values_list("person__name", "role", "changed")
    people = Person.objects.order_by("name").values_list("name", flat=True)
    return [list(rows) for rows in (messages, entries, members, people, Log.objects.values_list("head"))]


# What it costs


def statements_of(talk: Talk, *actions: Action) -> list[str]:
    """The first word of each statement of one transaction, without those by which it begins and ends."""
    with CaptureQueriesContext(connection) as asked:
        talk.do(*actions)
    words = [query["sql"].removeprefix(f"{len(actions)} times: ").split()[0] for query in asked.captured_queries]
    return [word for word in words if word in ("SELECT", "INSERT", "UPDATE", "DELETE")]


@pytest.mark.parametrize("size", [1, 40])
def test_posts_cost_the_same_few_statements_however_many_they_are(talk: Talk, size: int) -> None:
    talk.say("hello")
    locks = ["SELECT"] if connection.vendor == "postgresql" else []
    expected = [*locks, "SELECT", "SELECT", "INSERT", "UPDATE", "INSERT"]
    assert statements_of(talk, *(talk.post("Ann", "hello") for _ in range(size))) == expected


def test_posts_that_are_refused_cost_one_look_at_their_keys(talk: Talk) -> None:
    talk.do(talk.join("Ann"), talk.join("Bob"), talk.leave("Bob"))
    Room.objects.update(kind=Room.Kind.PRIVATE)
    allowed = statements_of(talk, talk.post("Ann", "one"))
    refused = statements_of(talk, talk.post("Bob", "two"), talk.post("Ann", "three"), talk.post("Bob", "four"))
    assert len(refused) == len(allowed) + 1


def test_a_repeat_costs_at_most_as_much_again_and_one_look_at_its_key(talk: Talk) -> None:
    post = talk.post("Ann", "hello")
    talk.did(post)
    new = statements_of(talk, talk.post("Ann", "two"))
    assert len(statements_of(talk, post, talk.post("Ann", "three"))) <= 2 * len(new) + 1


def test_the_first_thing_that_a_batch_does_is_to_lock(talk: Talk) -> None:
    talk.say("hello")
    with CaptureQueriesContext(connection) as asked:
        talk.do(talk.post("Ann", "again"))
    if connection.vendor == "postgresql":
        (first, *_) = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("SELECT")]
        assert "teahouse_log" in first
        assert first.endswith("FOR UPDATE")
    else:
        assert "transaction_mode" in connection.settings_dict["OPTIONS"], "else see the test of Statements.lock"


def test_events_that_nobody_asks_for_are_not_made(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(held_module, "spans", lambda *_: made.append("spans") or [])
    monkeypatch.setattr(announcing, "_listeners", [talk.committed.extend])
    talk.say("hello")
    (committed,) = talk.committed
    assert made == []
    assert committed.events is committed.events
    assert made == ["spans"]


# Read positions


def test_to_have_read_is_no_entry_and_nobody_hears_of_it(talk: Talk) -> None:
    talk.do(talk.join("Bob"))
    talk.say("one", "two")
    before = list(Log.objects.values()), list(Entry.objects.values()), len(talk.committed)
    with CaptureQueriesContext(connection) as context:
        assert talk.did(talk.read("Bob", 3)).seq == 3
    assert (list(Log.objects.values()), list(Entry.objects.values()), len(talk.committed)) == before
    changes = [query["sql"] for query in context if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert [sql for sql in changes if "teahouse_log" not in sql and "teahouse_membership" not in sql] == []
    assert Membership.objects.get().read == 3


def test_a_read_position_never_falls_nor_passes_the_head(talk: Talk) -> None:
    talk.do(talk.join("Bob"))
    talk.say("one", "two")
    results = talk.do(*(talk.read("Bob", seq) for seq in (2, 1, 99, 0)))
    assert results == [ReadUpTo(2), ReadUpTo(2), ReadUpTo(3), ReadUpTo(3)]
    assert (Membership.objects.get().read, Membership.objects.get().changed) == (3, 1)


def test_who_reads_in_the_batch_that_posts_has_read_that_too(talk: Talk) -> None:
    talk.do(talk.join("Bob"), talk.post("Ann", "one"), talk.read("Bob", 2), talk.post("Ann", "two"))
    assert (Membership.objects.get().read, talk.head()) == (2, 3)


def test_a_visitor_has_no_read_position_and_is_told_why(talk: Talk) -> None:
    talk.say("one")
    refusal = talk.refused(talk.read("Ann", 1))
    assert isinstance(refusal, NotAllowed)
    assert "no member" in refusal.text
    talk.do(talk.join("Bob"), talk.leave("Bob"))
    assert isinstance(talk.refused(talk.read("Bob", 1)), NotAllowed)


def test_who_may_not_see_a_room_does_not_learn_of_it_by_reading(talk: Talk) -> None:
    Room.objects.update(kind=Room.Kind.PRIVATE)
    assert isinstance(talk.refused(talk.read("Mallory", 1)), NoSuchRoom)


def test_a_member_who_posts_while_the_room_becomes_private_is_one(talk: Talk) -> None:
    talk.did(talk.join("Ann"))
    closing = Configure(talk.room.pk, talk.person("Host"), kind="private", granted=True)
    results = talk.do(closing, talk.post("Ann", "in"), talk.post("Eve", "out"))
    assert isinstance(results[1], Posted)
    assert isinstance(results[2], NoSuchRoom)


def test_what_somebody_said_behind_a_message_that_must_come_again_waits_for_it(talk: Talk) -> None:
    outdated = Rights(room=talk.room.rights + 1, person=0, admitted=False)
    first = replace(talk.post("Ann", "one"), rights=outdated)
    results = talk.do(first, talk.post("Ann", "two"), talk.post("Bob", "three"))
    assert [type(result) for result in results] == [AskAgain, AskAgain, Posted]
