"""`teahouse.post`: from any Django code, in and outside a transaction."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

import teahouse
from teahouse.chat import posting
from teahouse.chat.actions import PostMessage
from teahouse.chat.batch import Batch
from teahouse.chat.making import ensure_room
from teahouse.chat.people import Identity, new_guest
from teahouse.chat.posting import finish_outbox
from teahouse.errors import (
    BadField,
    BadRoomName,
    BadText,
    KeyConflict,
    MessageEmpty,
    MessageTooLong,
    NoSuchRoom,
    Unavailable,
)
from teahouse.models import Message, Outbox, Person
from tests.chat.talk import Talk, commits
from tests.chat.threads import at_once

own_transactions = pytest.mark.django_db(transaction=True)
BOT = Identity(uid="bot-weather", name="Weather", kind="bot")


@pytest.fixture
def bob(make_user: Callable[..., User]) -> User:
    return make_user("bob")


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be done after the host's commit is not done: as when the process is killed there."""
    monkeypatch.setattr(posting, "_finish_after_commit", lambda room_id: None)


def said() -> list[tuple[int, str]]:
    return list(Message.objects.order_by("room_id", "seq").values_list("seq", "text"))


# Outside a transaction


@own_transactions
def test_outside_a_transaction_it_is_stored_at_once_and_returned(talk: Talk, bob: User) -> None:
    message = teahouse.post("Tea", "hello", bob)
    assert message is not None
    assert (message.seq, message.text, message.room, message.author.name) == (1, "hello", talk.room, "bob")
    assert [committed.upto for committed in talk.committed] == [1]
    assert not Outbox.objects.exists()


@own_transactions
def test_the_room_may_be_a_name_or_a_room_and_the_author_a_user_a_guest_or_a_bot(talk: Talk, bob: User) -> None:
    for author in (bob, new_guest("Ann")[0], BOT):
        teahouse.post(talk.room, "hello", author)
    assert list(Person.objects.order_by("pk").values_list("kind", flat=True)) == ["user", "guest", "bot"]
    assert len(said()) == 3


@own_transactions
def test_the_same_key_returns_the_earlier_message(talk: Talk, bob: User) -> None:
    first = teahouse.post("tea", "hello", bob, key="order-7")
    again = teahouse.post("tea", "hello", bob, key="order-7")
    assert first == again
    assert said() == [(1, "hello")]


@own_transactions
def test_without_a_key_the_same_text_twice_is_two_messages(talk: Talk, bob: User) -> None:
    teahouse.post("tea", "hello", bob)
    teahouse.post("tea", "hello", bob)
    assert said() == [(1, "hello"), (2, "hello")]


@own_transactions
def test_a_refusal_is_raised(talk: Talk, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    teahouse.post("tea", "hello", bob, key="k")
    with pytest.raises(KeyConflict):
        teahouse.post("tea", "another", bob, key="k")
    monkeypatch.setattr(posting, "write", lambda _: [Unavailable("busy", retry_after=1.0)])
    with pytest.raises(Unavailable):
        teahouse.post("tea", "hello", bob)


# Bad input, the same in and outside a transaction


@pytest.mark.parametrize(
    ("room", "text", "key", "error"),
    [
        ("tea", "", None, MessageEmpty),
        ("tea", " \n", None, MessageEmpty),
        ("tea", "x" * 4001, None, MessageTooLong),
        ("tea", "a\0b", None, BadText),
        ("tea", "\ud800", None, BadText),
        ("cake", "hello", None, NoSuchRoom),
        ("a/b", "hello", None, BadRoomName),
        ("tea", "hello", "x" * 65, BadField),
        ("tea", "hello", "a key with spaces", BadField),
        ("tea", "hello", "clé", BadField),
        ("tea", "hello", "k\n", BadField),
        ("tea", "hello", "", BadField),
    ],
)
def test_what_cannot_be_said_is_refused_before_anything_is_stored(
    talk: Talk, bob: User, room: str, text: str, key: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        teahouse.post(room, text, bob, key=key)
    assert not Outbox.objects.exists()
    assert not Message.objects.exists()


# Inside a transaction


def test_inside_a_transaction_it_appears_when_that_commits(talk: Talk, bob: User) -> None:
    with commits(), transaction.atomic():
        assert teahouse.post("tea", "hello", bob) is None
        assert said() == []
    assert said() == [(1, "hello")]
    assert [committed.upto for committed in talk.committed] == [1]
    assert not Outbox.objects.exists()


@own_transactions
def test_a_real_commit_has_it_stored_when_the_block_ends(talk: Talk, bob: User) -> None:
    with transaction.atomic():
        teahouse.post("tea", "hello", bob)
    assert said() == [(1, "hello")]


@own_transactions
def test_it_does_not_appear_when_the_transaction_rolls_back(talk: Talk, bob: User) -> None:
    with transaction.atomic():
        teahouse.post("tea", "never", bob)
        transaction.set_rollback(True)
    assert finish_outbox() == 0
    assert said() == []
    assert talk.say("hello") == [1], "and leaves no hole"


def test_what_a_savepoint_takes_back_does_not_appear(talk: Talk, bob: User) -> None:
    with commits(), transaction.atomic():
        teahouse.post("tea", "outer", bob)
        with transaction.atomic():
            teahouse.post("tea", "taken back", bob)
            transaction.set_rollback(True)
        with transaction.atomic():
            teahouse.post("tea", "inner", bob)
    assert said() == [(1, "outer"), (2, "inner")]


def test_several_posts_of_one_transaction_keep_their_order_and_are_one_commit(talk: Talk, bob: User) -> None:
    cake = ensure_room("cake")
    with commits(), transaction.atomic():
        for number in range(12):
            teahouse.post(cake if number % 3 == 0 else talk.room, str(number), bob)
    in_cake, in_tea = [[message.text for message in room.messages.order_by("seq")] for room in (cake, talk.room)]
    assert in_cake == ["0", "3", "6", "9"]
    assert in_tea == ["1", "2", "4", "5", "7", "8", "10", "11"]
    assert len(talk.committed) == 2


def test_a_key_makes_one_message_also_inside_transactions(talk: Talk, bob: User) -> None:
    for _ in range(2):
        with commits(), transaction.atomic():
            teahouse.post("tea", "hello", bob, key="k")
            teahouse.post("tea", "hello", bob, key="k")
    assert said() == [(1, "hello")]
    assert not Outbox.objects.exists()


def test_a_key_conflict_after_the_commit_is_logged_without_the_text_and_dropped(
    talk: Talk, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), commits(), transaction.atomic():
        teahouse.post("tea", "first secret", bob, key="k")
        teahouse.post("tea", "second secret", bob, key="k")
        teahouse.post("tea", "third", bob)
    assert said() == [(1, "first secret"), (2, "third")]
    assert "key_conflict" in caplog.text
    assert "secret" not in caplog.text
    assert not Outbox.objects.exists()


def test_a_guest_or_bot_who_first_speaks_inside_a_transaction_is_one_person(talk: Talk) -> None:
    with commits(), transaction.atomic():
        teahouse.post("tea", "one", BOT)
        teahouse.post("tea", "two", BOT)
    assert Person.objects.get().uid == "bot-weather"
    assert len(said()) == 2


@own_transactions
def test_the_hosts_transaction_holds_no_room(talk: Talk, bob: User) -> None:
    # SQLite has one writer at a time, whatever it writes: nothing of ours could change that.
    others_can_write = connection.vendor != "sqlite"
    with transaction.atomic():
        teahouse.post("tea", "the host's", bob)
        if others_can_write:
            at_once([lambda: talk.say("another's")])
    assert [text for _, text in said()] == ["another's", "the host's"][not others_can_write :]


# After a crash, and several at once


def test_what_a_crash_left_waiting_is_finished_by_the_next_who_looks(talk: Talk, bob: User, crash: None) -> None:
    with commits(), transaction.atomic():
        teahouse.post("tea", "one", bob)
        teahouse.post("tea", "two", bob)
    assert said() == []
    talk.say("meanwhile")
    with commits():
        assert finish_outbox() == 2
    assert said() == [(1, "meanwhile"), (2, "one"), (3, "two")]
    assert finish_outbox() == 0


def test_a_crash_between_numbering_and_clearing_makes_no_second_message(
    talk: Talk, bob: User, crash: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        teahouse.post("tea", "one", bob)
    row = Outbox.objects.get()
    finish_outbox()
    row.save(force_insert=True)
    assert finish_outbox() == 1
    assert said() == [(1, "one")]


@own_transactions
def test_who_finish_at_the_same_moment_make_each_message_once(talk: Talk, bob: User, crash: None) -> None:
    with transaction.atomic():
        for number in range(6):
            teahouse.post("tea", str(number), bob)
    at_once([finish_outbox] * 3)
    assert said() == [(number + 1, str(number)) for number in range(6)]
    assert not Outbox.objects.exists()


@own_transactions
def test_hosts_that_commit_at_the_same_moment_lose_nothing(talk: Talk) -> None:
    def host(number: int) -> Callable[[], None]:
        guest = new_guest(f"Guest {number}")[0]

        def run() -> None:
            for turn in range(4):
                with transaction.atomic():
                    teahouse.post("tea", f"{number}: {turn} a", guest)
                    teahouse.post("tea", f"{number}: {turn} b", guest)

        return run

    at_once([host(number) for number in range(3)])
    texts = [text for _, text in said()]
    assert len(texts) == 24
    for number in range(3):
        mine = [text for text in texts if text.startswith(f"{number}:")]
        assert mine == [f"{number}: {turn} {letter}" for turn in range(4) for letter in "ab"]
    assert not Outbox.objects.exists()


def test_one_room_can_be_finished_for_itself(talk: Talk, bob: User, crash: None) -> None:
    cake = ensure_room("cake")
    with transaction.atomic():
        teahouse.post(cake, "cake", bob)
        teahouse.post(talk.room, "tea", bob)
    assert finish_outbox(talk.room.pk) == 1
    assert said() == [(1, "tea")]
    assert finish_outbox() == 1


def test_more_than_one_batch_that_waits_is_finished_all_the_same(talk: Talk, bob: User, settings: Any) -> None:
    settings.TEAHOUSE = {"WRITER_BATCH": 2}
    with commits(), transaction.atomic():
        for number in range(7):
            teahouse.post("tea", str(number), bob)
    assert [text for _, text in said()] == [str(number) for number in range(7)]


def test_what_the_database_does_not_take_now_waits_on(
    talk: Talk, bob: User, crash: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        teahouse.post("tea", "one", bob)
    with monkeypatch.context() as patched:
        patched.setattr(posting, "write", lambda actions: [Unavailable("busy") for _ in actions])
        assert finish_outbox() == 0
    assert Outbox.objects.count() == 1
    assert finish_outbox() == 1
    assert said() == [(1, "one")]


def test_long_texts_that_wait_go_in_by_several_commits_in_their_order(
    talk: Talk, bob: User, crash: None, settings: Any
) -> None:
    settings.TEAHOUSE = {"QUEUE_BYTES": 5000}
    with transaction.atomic():
        for letter in "abcde":
            teahouse.post("tea", letter * 1000, bob)
    with commits():
        assert finish_outbox() == 5
    assert [text[0] for _, text in said()] == list("abcde")
    assert [(committed.after, committed.upto) for committed in talk.committed] == [(0, 2), (2, 4), (4, 5)]


def test_once_the_database_is_away_nothing_that_waits_overtakes(
    talk: Talk, bob: User, crash: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TEAHOUSE = {"QUEUE_BYTES": 500}
    with transaction.atomic():
        for text in ("one", "two", "three"):
            teahouse.post("tea", text, bob)
    sound, away = posting.write, [False, True, False]

    def write(actions: Any) -> Any:
        return [Unavailable("busy") for _ in actions] if away.pop(0) else sound(actions)

    with monkeypatch.context() as patched:
        patched.setattr(posting, "write", write)
        assert finish_outbox() == 1
    assert finish_outbox() == 2
    assert [text for _, text in said()] == ["one", "two", "three"]


@own_transactions
def test_a_failure_after_the_hosts_commit_is_none_of_the_hosts(
    talk: Talk, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: int) -> None:
        raise OperationalError("the database is gone")

    with monkeypatch.context() as patched, caplog.at_level(logging.DEBUG):
        patched.setattr(posting, "finish_outbox", fail)
        with transaction.atomic():
            teahouse.post("tea", "a secret", bob)
    assert "must wait for the sweep: OperationalError" in caplog.text
    assert "secret" not in caplog.text
    assert finish_outbox() == 1
    assert said() == [(1, "a secret")]


def test_a_post_on_which_we_break_down_waits_for_better_days_and_holds_up_nobody(
    talk: Talk, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Batch._post

    def breaking_down(batch: Batch, locked: Any, action: PostMessage) -> Any:
        if action.text == "poison":
            raise RuntimeError("a defect")
        return sound(batch, locked, action)

    with monkeypatch.context() as patched, commits(), transaction.atomic():
        patched.setattr(Batch, "_post", breaking_down)
        for text in ("one", "poison", "two"):
            teahouse.post("tea", text, bob)
    assert [text for _, text in said()] == ["one", "two"]
    assert Outbox.objects.get().text == "poison"

    assert finish_outbox() == 1
    assert [text for _, text in said()] == ["one", "two", "poison"]


def test_a_deleted_room_takes_what_waits_for_it_along(talk: Talk, bob: User, crash: None) -> None:
    with transaction.atomic():
        teahouse.post("tea", "one", bob)
    talk.room.delete()
    assert finish_outbox() == 0
    assert not Outbox.objects.exists()
