"""What reading costs: few questions however much was said, and each by an index. Nothing that they ask slips by."""

from collections.abc import Callable

import pytest
from django.db import connection

from teahouse.chat.log import catch_up, changes_after, head_of, heads
from teahouse.chat.pages import history
from teahouse.chat.people import Identity
from teahouse.chat.rooms import is_banned, rooms_for
from teahouse.chat.statements import Statements
from teahouse.chat.unread import unread
from teahouse.models import Room
from tests.chat.plans import queries_of, walks_whole_tables
from tests.chat.talk import Talk

READS: dict[str, tuple[int, Callable[[Talk], object]]] = {
    "heads": (1, lambda talk: heads([talk.room.pk, talk.room.pk + 1])),
    "head": (1, lambda talk: head_of(talk.room)),
    "level": (1, lambda talk: catch_up(talk.room, talk.room.log.epoch, 20)),
    "changes": (2, lambda talk: catch_up(talk.room, talk.room.log.epoch, 1)),
    "changes after": (1, lambda talk: changes_after(talk.room, "e", 1, 20)),
    "reset": (1, lambda talk: catch_up(talk.room, None, None)),
    "reset to another epoch": (2, lambda talk: catch_up(talk.room, "another", 3)),
    "newest": (1, lambda talk: history(talk.room)),
    "before": (1, lambda talk: history(talk.room, before=10)),
    "after": (1, lambda talk: history(talk.room, after=3)),
    "around": (1, lambda talk: history(talk.room, around=9)),
    "at": (2, lambda talk: history(talk.room, at=1_000)),
    "unread": (1, lambda talk: unread([(talk.room.pk, 3), (talk.room.pk + 1, 0)])),
    "banned networks": (1, lambda talk: Statements(connection.cursor()).banned_networks([talk.room.pk], 1)),
    "banned": (2, lambda talk: is_banned(talk.room, Identity("g", "G", "guest", network="n"))),
    "lobby": (2, lambda talk: rooms_for(talk.person("Ann"), limit=5)),
}


# Above the keys that other tests of the same run ever reach.
NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 101000 UNION ALL SELECT n + 1 FROM numbers WHERE n < 103000)"
MANY = {
    "teahouse_person (id, uid, kind, name)": "n, 'p' || n, 'guest', 'P'",
    "teahouse_log (id, epoch, head, at)": "n, 'e', n, n",
    "teahouse_room (log_id, address, title, kind)": "n, 'room ' || n, 'Room', 'open'",
    "teahouse_membership (room_id, person_id, role, changed, read)": "101000 + n % 5, n, 'member', 1, 0",
    "teahouse_message (seq, room_id, author_id, changed, key, digest, text, at, deleted)": (
        "n, CASE WHEN n % 2 = 0 THEN 101000 ELSE {room} END, n, n, 'k' || n, '', 'hello', n, FALSE"
    ),
    "teahouse_entry (seq, log_id, kind, message_seq, actor_id, at)": (
        "n, CASE WHEN n % 2 = 0 THEN 101000 ELSE {room} END, 1, n, n, n"
    ),
}


@pytest.fixture
def full(long_talk: Talk) -> Talk:
    """Many rooms with people and messages beside the one that is read, and a database that knows how full it is."""
    with connection.cursor() as cursor:
        for table, values in MANY.items():
            given = values.format(room=long_talk.room.pk)
            cursor.execute(f"INSERT INTO {table} {NUMBERS} SELECT {given} FROM numbers")
        cursor.execute("ANALYZE")
    return long_talk


@pytest.mark.parametrize(("questions", "read"), READS.values(), ids=READS)
def test_a_read_asks_few_questions_each_by_an_index_however_much_is_said(
    full: Talk, questions: int, read: Callable[[Talk], object]
) -> None:
    asked = queries_of(lambda: read(full))
    assert len(asked) == questions
    assert not {sql: steps for sql in asked if (steps := walks_whole_tables(sql, counted=True))}


@pytest.mark.parametrize("name", sorted(READS.keys() - {"lobby"}))
def test_an_empty_database_is_asked_by_an_index_too(talk: Talk, name: str) -> None:
    """A database that was never analysed guesses, and must not guess wrong about what grows."""
    asked = queries_of(lambda: READS[name][1](talk))
    assert not {sql: steps for sql in asked if (steps := walks_whole_tables(sql, counted=True))}


def test_a_write_goes_by_an_index_too(full: Talk) -> None:
    actions = [full.post("Ann", "x"), full.edit("Ann", 1, 1, "y"), full.delete("Ann", 3, 3)]
    asked = queries_of(lambda: full.do(*actions, full.join("Bob"), full.post("Bob", "z")))
    assert len(asked) > 3
    assert not {sql: steps for sql in asked if (steps := walks_whole_tables(sql, counted=True))}


def test_the_measure_of_plans_knows_a_walk_from_a_look(full: Talk) -> None:
    for walk in (
        "SELECT * FROM teahouse_message WHERE text = 'x'",
        "SELECT * FROM teahouse_message WHERE room_id = 1 ORDER BY at",
        "SELECT COUNT(*) FROM teahouse_message",
        "WITH said AS (SELECT * FROM teahouse_message) SELECT * FROM said WHERE at > 1",
    ):
        assert walks_whole_tables(walk), walk
    assert not walks_whole_tables("SELECT * FROM teahouse_message WHERE room_id = 1 ORDER BY seq DESC")


def test_no_statement_that_asks_for_rows_is_left_out(talk: Talk) -> None:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("  WITH one AS (SELECT 1) SELECT * FROM one")
        Room.objects.update(title="x")

    assert [sql.split()[0] for sql in queries_of(ask)] == ["WITH", "UPDATE"]
