"""The statements of a batch: they store and find what the models' own would, and name all that a table has."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, models
from django.db.models.fields import NOT_PROVIDED
from django.test.utils import CaptureQueriesContext

from teahouse.chat import statements as module
from teahouse.chat.records import MembershipRecord, MessageRecord, PersonRecord
from teahouse.chat.statements import Statements
from teahouse.models import Entry, Log, Membership, Message, Person, Room
from tests.chat.plans import queries_of, walks_whole_tables
from tests.chat.talk import Talk

ODD = "茶 '\"%s \\ 🍵\n"


@pytest.fixture
def statements(db: None) -> Statements:
    return Statements(connection.cursor())


def people(count: int) -> list[PersonRecord]:
    Person.objects.bulk_create([Person(uid=f"g{number}", kind="guest", name="Ann") for number in range(count)])
    return [PersonRecord(*row) for row in Person.objects.order_by("pk").values_list("id", "uid", "kind", "name")]


def message(room: Room, author: PersonRecord, seq: int, key: str, text: str = "hello") -> MessageRecord:
    return MessageRecord(room.pk, author, seq, seq, key, text, 1000)


# What is stored


@pytest.mark.parametrize(
    ("template", "model"),
    [
        (module._INSERT_PERSON, Person),
        (module._INSERT_MESSAGE, Message),
        (module._STORE_MEMBERSHIP, Membership),
        (module._INSERT_MESSAGE_ENTRY, Entry),
        (module._INSERT_MEMBER_ENTRY, Entry),
    ],
)
def test_an_insert_names_every_column_that_the_database_does_not_fill(template: str, model: type[models.Model]) -> None:
    """Django fills a new field by its default in Python, which a statement of our own knows nothing of."""
    named = re.findall(rf"{{{model.__name__}:(\w+)}}", template[: template.index(") VALUES")])
    unfilled = {field.attname for field in model._meta.concrete_fields if field.db_default is NOT_PROVIDED} - {"id"}
    assert unfilled <= set(named) <= {field.attname for field in model._meta.concrete_fields}


def test_a_new_message_becomes_the_row_that_it_says(talk: Talk, statements: Statements) -> None:
    (ann,) = people(1)
    assert statements.insert_messages([message(talk.room, ann, 1, "k1"), message(talk.room, ann, 2, "k2", ODD)])
    first, second = Message.objects.order_by("seq").values()
    first.pop("id")
    assert first == {
        "room_id": talk.room.pk,
        "author_id": ann.id,
        "seq": 1,
        "changed": 1,
        "key": "k1",
        "digest": "",
        "text": "hello",
        "at": 1000,
        "edited_at": None,
        "deleted": False,
    }
    assert second["text"] == ODD


def test_a_message_whose_key_is_taken_does_not_go_in_and_is_told_of(talk: Talk, statements: Statements) -> None:
    ann, bob = people(2)
    assert statements.insert_messages([message(talk.room, ann, 1, "k")])
    assert not statements.insert_messages([message(talk.room, ann, 2, "k")])
    assert not statements.insert_messages([message(talk.room, bob, 2, "k"), message(talk.room, ann, 3, "k", "other")])
    assert list(Message.objects.order_by("seq").values_list("author_id", "seq")) == [(ann.id, 1), (bob.id, 2)]


def test_what_became_of_a_message_is_stored(talk: Talk, statements: Statements) -> None:
    (ann,) = people(1)
    kept, changed = message(talk.room, ann, 1, "k1"), message(talk.room, ann, 2, "k2")
    statements.insert_messages([kept, changed])
    changed.text, changed.changed, changed.edited_at, changed.deleted, changed.digest = ODD, 7, 2000, True, "d"
    statements.update_messages([changed])
    fields = ("seq", "text", "changed", "edited_at", "deleted", "digest")
    assert list(Message.objects.order_by("seq").values_list(*fields)) == [
        (1, "hello", 1, None, False, ""),
        (2, ODD, 7, 2000, True, "d"),
    ]


def test_a_membership_is_made_and_then_changed(talk: Talk, statements: Statements) -> None:
    ann, bob = people(2)
    hers, his = (MembershipRecord(talk.room.pk, person, "member", 3, 3) for person in (ann, bob))
    statements.store_memberships([hers, his])
    hers.role, hers.changed, hers.read = "", 5, 4
    statements.store_memberships([hers])
    rows = Membership.objects.order_by("person_id").values_list("person_id", "role", "changed", "read")
    assert list(rows) == [(ann.id, "", 5, 4), (bob.id, "member", 3, 3)]


def test_a_person_who_has_a_row_by_now_keeps_it(statements: Statements) -> None:
    (ann,) = people(1)
    statements.insert_people([PersonRecord(None, "g0", "guest", "Anne"), PersonRecord(None, "g1", "guest", ODD)])
    assert list(Person.objects.order_by("pk").values_list("uid", "name")) == [("g0", "Ann"), ("g1", ODD)]
    assert Person.objects.get(uid="g0").pk == ann.id


def test_a_new_entry_becomes_the_row_that_it_says(talk: Talk, statements: Statements) -> None:
    (ann,) = people(1)
    room = talk.room.pk
    statements.insert_message_entries([(room, 1, 1, 1, ann.id, 1000)])
    statements.insert_member_entries([(room, 2, 4, ann.id, ann.id, 9)])
    fields = ("log_id", "seq", "kind", "message_seq", "member_id", "actor_id", "at")
    assert list(Entry.objects.order_by("seq").values_list(*fields)) == [
        (room, 1, 1, 1, None, ann.id, 1000),
        (room, 2, 4, None, ann.id, ann.id, 9),
    ]


def test_heads_rise_each_for_itself(talk: Talk, statements: Statements) -> None:
    other = Log.objects.create()
    statements.raise_heads([(7, 1000, talk.room.pk), (8, 1001, other.pk)])
    assert list(Log.objects.order_by("pk").values_list("head", "at")) == [(7, 1000), (8, 1001)]


# What is found


def test_nothing_to_do_asks_the_database_nothing(statements: Statements) -> None:
    with CaptureQueriesContext(connection) as asked:
        statements.insert_people([])
        assert statements.insert_messages([])
        statements.update_messages([])
        statements.store_memberships([])
        statements.raise_heads([])
        statements.insert_message_entries([])
        statements.insert_member_entries([])
        assert statements.people([]) == []
        assert statements.memberships({}) == []
        assert not statements.banned_networks([], 1)
        statements.update_rooms([])
        statements.move_people([])
        assert statements.messages_at([]) == statements.messages_with_key([]) == []
    assert not asked.captured_queries


def test_what_stands_under_a_key_is_found_by_all_three_parts_of_it(talk: Talk, statements: Statements) -> None:
    ann, bob = people(2)
    stored = [message(talk.room, ann, 1, "k"), message(talk.room, bob, 2, "k2")]
    statements.insert_messages(stored)
    room = talk.room.pk
    asked = [
        (ann.id, room, "k"),
        (ann.id, room, "k2"),
        (bob.id, room, "k"),
        (ann.id, room + 1, "k"),
        (ann.id, room, "K"),
    ]
    assert statements.messages_with_key(asked)[:1] == stored[:1]
    assert {found.seq for found in statements.messages_with_key(asked)} == {1}


def test_messages_and_memberships_are_found_by_their_places(talk: Talk, statements: Statements) -> None:
    ann, bob = people(2)
    room = talk.room.pk
    statements.insert_messages([message(talk.room, ann, seq, f"k{seq}") for seq in (1, 2, 3)])
    statements.store_memberships([MembershipRecord(room, person, "member", 3, 2) for person in (ann, bob)])
    assert {found.seq for found in statements.messages_at([(room, 1), (room, 3), (room, 4), (room + 1, 2)])} == {1, 3}
    found = statements.memberships({(room, bob.id or 0): bob, (room + 1, ann.id or 0): ann})
    assert found == [MembershipRecord(room, bob, "member", 3, 2)]
    assert found[0].person is bob


def test_more_keys_than_one_statement_takes_are_all_found(talk: Talk, statements: Statements) -> None:
    authors = people(310)
    statements.insert_messages([message(talk.room, author, seq, f"k{seq}") for seq, author in enumerate(authors, 1)])
    keys = [(author.id, talk.room.pk, f"k{seq}") for seq, author in enumerate(authors, 1)]
    found = statements.messages_with_key([*keys, (authors[0].id, talk.room.pk, "none")])
    assert {earlier.seq for earlier in found} == set(range(1, 311))
    assert len(queries_of(lambda: Statements(connection.cursor()).messages_with_key(keys))) == 2
    assert {person.uid for person in statements.people([*(author.uid for author in authors), "none"])} == {
        author.uid for author in authors
    }


def test_few_texts_serve_all_lengths_of_lists() -> None:
    """Else the database would prepare a new text for nearly each batch."""
    lengths = {len(some) for count in range(1, 600) for some in module._portions(list(range(count)))}
    assert lengths == {1, 2, 4, 8, 16, 32, 64, 128, 256}
    assert [set(some) for some in module._portions([1, 2, 3])] == [{1, 2, 3}]


@pytest.mark.parametrize(
    "ask",
    [
        lambda asked: asked.rooms([1, 2]),
        lambda asked: asked.people(["a", "b"]),
        lambda asked: asked.memberships([(1, 1), (1, 2)]),
        lambda asked: asked.messages_at([(1, 1), (1, 2)]),
        lambda asked: asked.messages_with_key([(1, 1, "k"), (1, 2, "k")]),
    ],
)
def test_what_is_looked_for_is_found_by_an_index(talk: Talk, ask: Callable[[Statements], object]) -> None:
    (sql,) = queries_of(lambda: ask(Statements(connection.cursor())))
    assert walks_whole_tables(sql) == []


# Locking


def locking() -> list[str]:
    return [sql.split()[0] for sql in queries_of(lambda: Statements(connection.cursor()).lock([1]))]


def test_where_a_transaction_did_not_begin_by_locking_it_locks(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite by a write: a transaction that began by reading cannot write when another one wrote meanwhile."""
    if connection.vendor == "postgresql":
        assert locking() == ["SELECT"]
        return
    assert locking() == []
    monkeypatch.setattr(connections["default"], "transaction_mode", None)
    assert locking() == ["UPDATE"]
    monkeypatch.setattr(connections["default"], "transaction_mode", "IMMEDIATE")
    monkeypatch.setattr(connections["default"], "commit_on_exit", False)  # as after set_autocommit(False)
    assert locking() == ["UPDATE"]


def test_a_tracer_that_puts_a_cursor_of_its_own_sees_every_statement(db: None) -> None:
    class Traced:
        def __init__(self, cursor: Any) -> None:
            self.cursor = cursor
            self.seen: list[str] = []

        def execute(self, sql: str, values: Any = None) -> Any:
            self.seen.append(sql)
            return self.cursor.execute(sql, values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.cursor, name)

    with connection.cursor() as cursor:
        cursor.cursor = traced = Traced(cursor.cursor)
        assert Statements(cursor).rooms([1]) == []
    assert [sql.split()[0] for sql in traced.seen] == ["SELECT"]
