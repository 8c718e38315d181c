"""Tests of `teahouse.live.sweep`, on the tests' database."""

import queue
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import connection

from teahouse.chat.actions import PostMessage
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.writing import write
from teahouse.live import sweep as module
from teahouse.live.sweep import Sweep
from teahouse.models import Message, Outbox, Person, Room

Found = tuple[dict[int, tuple[str, int]], Sequence[int]]


@pytest.fixture
def room(transactional_db: None) -> Room:
    return ensure_room("tea")


@pytest.fixture
def swept(room: Room, settings: object) -> Iterator[Callable[[], Found]]:
    """Starts a sweep that watches the room; returns how to wait for what it finds."""
    found: queue.Queue[Found] = queue.Queue()
    sweep = Sweep(lambda: [room.pk], lambda heads, asked: found.put((heads, asked)), lambda is_due: None)
    yield lambda: found.get(timeout=20)
    sweep.stop()


def say(room: Room) -> None:
    write([PostMessage(room.pk, new_guest("Ann")[0], "k", "hello")])


def test_a_sweep_tells_where_the_watched_logs_stand(swept: Callable[[], Found], room: Room) -> None:
    heads, asked = swept()
    assert heads[room.pk][1] == 0
    assert list(asked) == [room.pk]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the version of the data is SQLite's; PostgreSQL waits")
def test_what_another_connection_writes_is_found_at_once(room: Room, settings: object) -> None:
    settings.TEAHOUSE = {"SWEEP_SECONDS": 1000}  # type: ignore[attr-defined]
    found: queue.Queue[Found] = queue.Queue()
    sweep = Sweep(lambda: [room.pk], lambda heads, asked: found.put((heads, asked)), lambda is_due: None)
    found.get(timeout=20)
    say(room)
    assert found.get(timeout=20)[0][room.pk][1] == 1
    sweep.stop()


def test_what_a_crash_left_in_the_outbox_is_posted(room: Room, swept: Callable[[], Found]) -> None:
    swept()
    author = Person.objects.create(uid="gann", kind="guest", name="Ann")
    Outbox.objects.create(room=room, author=author, key="left", text="hello")
    while not swept()[0][room.pk][1]:
        pass
    assert Message.objects.get(room=room).key == "left"
    assert not Outbox.objects.exists()


def test_a_database_that_fails_is_asked_again(
    room: Room, settings: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TEAHOUSE = {"SWEEP_SECONDS": 0.01}  # type: ignore[attr-defined]
    heads, fails = module.heads, [True]

    def fail_once(ids: Sequence[int]) -> dict[int, tuple[str, int]]:
        if fails:
            raise RuntimeError(f"no database {fails.pop()}")
        return heads(ids)

    monkeypatch.setattr(module, "heads", fail_once)
    found: queue.Queue[Found] = queue.Queue()
    sweep = Sweep(lambda: [room.pk], lambda heads, asked: found.put((heads, asked)), lambda is_due: None)
    assert found.get(timeout=20)[0][room.pk][1] == 0
    sweep.stop()
    assert "could not ask the database" in caplog.text


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the version of the data is SQLite's; PostgreSQL waits")
def test_what_no_log_tells_is_due_all_the_same_while_somebody_writes(room: Room, settings: object) -> None:
    settings.TEAHOUSE = {"SWEEP_SECONDS": 0.5}  # type: ignore[attr-defined]
    told: queue.Queue[bool] = queue.Queue()
    sweep = Sweep(lambda: [room.pk], lambda heads, asked: None, told.put)
    heard = [told.get(timeout=20)]
    number = 0
    while heard.count(True) < 3:
        write([PostMessage(room.pk, new_guest("Ann")[0], f"k{(number := number + 1)}", "hello")])
        heard.append(told.get(timeout=20))
    sweep.stop()
    assert heard[0]
    assert False in heard
