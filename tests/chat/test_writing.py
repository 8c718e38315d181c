"""The transaction around a batch: what fails fails alone, what the database refuses can be sent again."""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, Thread
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from teahouse.chat import writing
from teahouse.chat.actions import Posted, PostMessage
from teahouse.chat.batch import Batch
from teahouse.chat.log import heads
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.statements import Statements
from teahouse.chat.writing import write
from teahouse.errors import InternalError, TeahouseError, Unavailable
from teahouse.models import Entry, Log, Message, Person
from tests.chat.talk import Talk
from tests.chat.threads import at_once

SECRET = "nobody may read this in a log"
own_transactions = pytest.mark.django_db(transaction=True)


def codes(results: list[Any]) -> list[str]:
    return [result.code if isinstance(result, TeahouseError) else type(result).__name__ for result in results]


# One bad action


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> str:
    """A text at which judging breaks down, as by a defect of ours."""
    sound = Batch._post

    def post(batch: Batch, locked: Any, action: PostMessage) -> Any:
        if action.text == "poison":
            raise RuntimeError("a defect")
        return sound(batch, locked, action)

    monkeypatch.setattr(Batch, "_post", post)
    return "poison"


def test_a_bad_action_fails_alone_and_the_others_keep_their_order(talk: Talk, poison: str) -> None:
    talk.say("before")
    results = talk.do(talk.post("Ann", "one"), talk.post("Ann", poison), talk.join("Bob"), talk.post("Ann", "two"))
    assert codes(results) == ["Posted", "internal_error", "Moved", "Posted"]
    assert list(Message.objects.order_by("seq").values_list("seq", "text")) == [(1, "before"), (2, "one"), (4, "two")]
    assert [(committed.after, committed.upto) for committed in talk.committed] == [(0, 1), (1, 2), (2, 3), (3, 4)]


@own_transactions
def test_once_the_database_is_away_nothing_overtakes_the_action_that_it_did_not_take(
    talk: Talk, poison: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a batch that is tried one by one, and away just long enough for one of them."""
    poisoned = Batch._post

    def post(batch: Batch, locked: Any, action: PostMessage) -> Any:
        if action.text == "one":
            raise OperationalError("gone away")
        return poisoned(batch, locked, action)

    monkeypatch.setattr(Batch, "_post", post)
    results = talk.do(talk.post("Ann", poison), talk.post("Ann", "one"), talk.post("Ann", "two"))
    assert codes(results) == ["internal_error", "unavailable", "unavailable"]
    assert not Message.objects.exists()


def test_what_the_server_broke_on_is_in_its_log_without_the_text(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def post(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(Batch, "_post", post)
    with caplog.at_level(logging.DEBUG):
        refusal = talk.refused(talk.post("Ann", SECRET))
    assert isinstance(refusal, InternalError)
    assert "could not write a PostMessage: RuntimeError" in caplog.text
    assert "Traceback" in caplog.text
    assert SECRET not in caplog.text + refusal.text


@own_transactions
def test_a_row_that_the_database_refuses_fails_alone_and_is_quoted_nowhere(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL's error says `Failing row contains (…)`, with the text of the message."""
    talk.say("before")
    unfit = PostMessage(talk.room.pk, talk.person("Ann"), None, SECRET)  # type: ignore[arg-type]
    with caplog.at_level(logging.DEBUG):
        results = write([talk.post("Ann", "one"), unfit, talk.post("Ann", "two")])
    assert codes(results) == ["Posted", "internal_error", "Posted"]
    assert list(Message.objects.order_by("seq").values_list("seq", "text")) == [(1, "before"), (2, "one"), (3, "two")]
    assert "IntegrityError" in caplog.text
    assert SECRET not in caplog.text


@own_transactions
def test_what_a_database_says_of_a_row_is_quoted_nowhere(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing_at_first(monkeypatch, DataError(f"Failing row contains (1, {SECRET})"), times=1)
    with caplog.at_level(logging.DEBUG):
        (refusal,) = write([talk.post("Ann", SECRET)])
    assert codes([refusal]) == ["internal_error"]
    assert "could not write a PostMessage: DataError" in caplog.text
    assert SECRET not in caplog.text + str(refusal)


@own_transactions
def test_inside_a_callers_transaction_a_database_error_is_the_callers(talk: Talk) -> None:
    unfit = PostMessage(talk.room.pk, talk.person("Ann"), None, "x")  # type: ignore[arg-type]
    with pytest.raises(IntegrityError), transaction.atomic():
        write([talk.post("Ann", "one"), unfit])
    assert not Message.objects.exists()
    assert talk.say("hello") == [1]


def test_inside_a_callers_transaction_our_own_defect_still_fails_alone(talk: Talk, poison: str) -> None:
    with transaction.atomic():
        results = write([talk.post("Ann", poison), talk.post("Ann", "one")])
    assert codes(results) == ["internal_error", "Posted"]


# Two at once


@own_transactions
def test_a_guest_who_speaks_in_two_rooms_at_once_is_one_person(talk: Talk) -> None:
    rooms = [ensure_room(f"room {number}") for number in range(4)]
    for turn in range(3):
        name = f"Guest {turn}"
        guest = talk.person(name)
        posts = [talk.post(name, "hello", room=room) for room in rooms]
        calls = [lambda post=post: write([post]) for post in posts]
        assert [codes(results) for results in at_once(calls)] == [["Posted"]] * 4
        assert Person.objects.filter(uid=guest.uid).count() == 1


@pytest.mark.parametrize("names", [["Ann"], ["Ann", "Bob"]])
def test_who_finds_that_another_process_made_the_guest_first_writes_all_the_same(
    transactional_db: None, talk: Talk, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    talk.say("I am here", by="Ann")
    sound, blind = Statements.people, [True]

    def people(statements: Statements, uids: Any) -> Any:
        return [] if blind and blind.pop() else sound(statements, uids)

    monkeypatch.setattr(Statements, "people", people)
    results = write([talk.post(name, "hello") for name in names])
    assert codes(results) == ["Posted"] * len(names)
    assert Person.objects.count() == 1 + (len(names) > 1)
    assert set(Message.objects.values_list("author__name", flat=True)) == {"Ann", *names}


@own_transactions
@pytest.mark.parametrize("within", [False, True])
def test_a_batch_that_held_a_repeat_leaves_one_trace_and_is_told_once(talk: Talk, within: bool) -> None:
    """The first try, which took it for new, is rolled back: also to a savepoint, in a caller's transaction."""
    repeated = talk.post("Ann", "hello")
    write([repeated])
    new = talk.person("Bob")
    with transaction.atomic() if within else nullcontext():
        results = write([talk.post("Bob", "two"), repeated, talk.post("Ann", "three")])
        assert connection.in_atomic_block == within
    assert [result.seq for result in results if isinstance(result, Posted)] == [2, 1, 3]
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["hello", "two", "three"]
    assert Person.objects.filter(uid=new.uid).count() == 1
    assert [(committed.after, committed.upto) for committed in talk.committed] == [(0, 1), (1, 3)]


@own_transactions
def test_a_defect_beside_a_repeat_still_fails_alone(talk: Talk, poison: str) -> None:
    repeated = talk.post("Ann", "hello")
    write([repeated])
    results = write([talk.post("Ann", "two"), repeated, talk.post("Ann", poison), talk.post("Ann", "three")])
    assert codes(results) == ["Posted", "Posted", "internal_error", "Posted"]
    assert [result.seq for result in results if isinstance(result, Posted)] == [2, 1, 3]


@own_transactions
def test_the_same_posts_at_the_same_moment_are_stored_once_and_answered_alike(talk: Talk) -> None:
    posts = [talk.post(name, f"{name} {number}") for number in range(4) for name in ("Ann", "Bob")]
    answers = at_once([lambda: write(posts)] * 3)
    places = [[result.seq for result in results if isinstance(result, Posted)] for results in answers]
    assert places == [list(range(1, 9))] * 3
    repeats = [[result.repeat for result in results if isinstance(result, Posted)] for results in answers]
    assert sorted(map(all, repeats)) == [False, True, True]
    assert Message.objects.count() == Entry.objects.count() == talk.head() == 8


@own_transactions
def test_two_who_edit_one_message_at_once_are_one_edit_and_one_conflict(talk: Talk) -> None:
    talk.say("hello")
    calls = [lambda text=text: write([talk.edit("Ann", 1, 1, text)]) for text in ("this", "that")]
    results = [codes(result) for result in at_once(calls)]
    assert sorted(results) == [["Touched"], ["conflict"]]
    assert Entry.objects.count() == 2


@own_transactions
def test_commit_order_is_number_order_whoever_writes_where(talk: Talk) -> None:
    """Whoever reads a head finds all that lies before it; and nobody waits for each other in a circle."""
    rooms = [talk.room, ensure_room("cake"), ensure_room("cream")]
    ids = [room.pk for room in rooms]
    done = Event()

    def writer(seed: int) -> Callable[[], int]:
        chance = random.Random(seed)
        guest = new_guest(f"Guest {seed}")[0]

        def run() -> int:
            for turn in range(10):
                chosen = [chance.choice(ids) for _ in range(chance.randint(1, 4))]
                posts = [PostMessage(pk, guest, f"{turn}-{place}", "hello") for place, pk in enumerate(chosen)]
                assert codes(write(posts)) == ["Posted"] * len(posts)
            return 0

        return run

    def reader() -> int:
        looks = 0
        while not done.is_set():
            for pk, (_, head) in heads(ids).items():
                assert Entry.objects.filter(log_id=pk, seq__lte=head).count() == head
                assert Message.objects.filter(room_id=pk, seq__lte=head).count() == head
            looks += 1
        return looks

    def writers_then_stop() -> int:
        try:
            return sum(at_once([writer(seed) for seed in range(3)]))
        finally:
            done.set()

    _, looks = at_once([writers_then_stop, reader])
    assert looks > 0
    for pk, (_, head) in heads(ids).items():
        assert list(Entry.objects.filter(log_id=pk).order_by("seq").values_list("seq", flat=True)) == [
            *range(1, head + 1)
        ]


# A database that does not take it


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_lost_connection_costs_nobody_a_refusal(
    transactional_db: None, talk: Talk, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    failing_at_first(monkeypatch, error("gone away"), times=1)
    assert codes(write([talk.post("Ann", "one"), talk.post("Ann", "two")])) == ["Posted", "Posted"]


@own_transactions
def test_a_commit_whose_answer_was_lost_is_not_written_twice(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection broke after the database had committed: the second try finds the keys."""
    sound, lost = writing._write, [True]

    def and_lose_the_answer(actions: Any) -> Any:
        results = sound(actions)
        if lost and lost.pop():
            raise OperationalError("server closed the connection unexpectedly")
        return results

    monkeypatch.setattr(writing, "_write", and_lose_the_answer)
    results = write([talk.post("Ann", "one"), talk.join("Bob")])
    assert codes(results) == ["Posted", "Moved"]
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_does_not_answer_is_a_refusal_that_can_be_sent_again(
    transactional_db: None,
    talk: Talk,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: type[Exception],
) -> None:
    failing_at_first(monkeypatch, error("disk is full"), times=2)
    posts = [talk.post("Ann", SECRET), talk.post("Ann", "two")]
    with caplog.at_level(logging.DEBUG):
        refused = write(posts)
    assert codes(refused) == ["unavailable", "unavailable"]
    assert all(isinstance(refusal, Unavailable) and refusal.retry and refusal.retry_after for refusal in refused)
    assert not Message.objects.exists()
    assert "disk is full" in caplog.text
    assert SECRET not in caplog.text

    assert [result.repeat for result in write(posts) if isinstance(result, Posted)] == [False, False]


@own_transactions
def test_while_another_one_holds_the_room_it_is_unavailable_and_works_after(talk: Talk, impatient: None) -> None:
    talk.say("before")
    post = talk.post("Ann", "hello")
    with held(talk.room.pk):
        assert codes(write([post])) == ["unavailable"]
    assert codes(write([post])) == ["Posted"]
    assert list(Message.objects.order_by("seq").values_list("seq", "text")) == [(1, "before"), (2, "hello")]


@own_transactions
def test_inside_a_callers_transaction_a_busy_database_is_the_callers(talk: Talk, monkeypatch: Any) -> None:
    failing_at_first(monkeypatch, OperationalError("database is locked"), times=1)
    with pytest.raises(OperationalError), transaction.atomic():
        write([talk.post("Ann", "hello")])


def failing_at_first(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> None:
    """Lets the database fail at the end of a batch, with all rows already in, so many times."""
    sound, left = Batch.store, [error] * times

    def store(batch: Batch) -> None:
        sound(batch)
        if left:
            raise left.pop()

    monkeypatch.setattr(Batch, "store", store)


@pytest.fixture
def impatient(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections that wait for a lock for a moment only."""
    moment: dict[str, Any] = (
        {"options": "-c lock_timeout=50ms"} if connection.vendor == "postgresql" else {"timeout": 0.05}
    )
    connection.close()
    for option, value in moment.items():
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], option, value)
    yield
    connection.close()


@contextmanager
def held(log_id: int) -> Iterator[None]:
    """Another thread has changed this log and does not commit."""
    has_it, enough = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Log.objects.filter(pk=log_id).update(at=F("at"))
                has_it.set()
                enough.wait(20)
        finally:
            connection.close()

    thread = Thread(target=hold)
    thread.start()
    try:
        assert has_it.wait(20)
        yield
    finally:
        enough.set()
        thread.join(20)
