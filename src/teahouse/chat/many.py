"""Statements for many rows at once, where a model's instance for each costs more than the row; used by ``held``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Field, Model

from teahouse.models import Entry, Message, Person

_KEYS_AT_ONCE = 300
"""Times three parameters stays below 999, the limit of an older SQLite."""


@dataclass(slots=True)
class NewMessage:
    """A message that a batch posts: it can be read and changed as its row will be, once the batch is stored."""

    room_id: int
    author: Person
    seq: int
    changed: int
    key: str
    digest: str
    text: str
    at: int
    edited_at: int | None = None
    deleted: bool = False


_MESSAGE_FIELDS = ("room_id", "author_id", "seq", "changed", "key", "digest", "text", "at", "edited_at", "deleted")
_message_values = attrgetter(*(name.replace("author_id", "author.id") for name in _MESSAGE_FIELDS))


class NewEntry(NamedTuple):
    """An entry as its row will be."""

    log_id: int
    seq: int
    kind: int
    message_seq: int | None
    member_id: int | None
    actor_id: int
    at: int


class Earlier(NamedTuple):
    """What the answer to a repeat needs of the message that was posted first."""

    room_id: int
    author_id: int
    key: str
    digest: str
    seq: int
    at: int


def insert_messages(messages: Iterable[NewMessage]) -> None:
    """Store new messages; their authors have rows by now."""
    _insert(Message, _MESSAGE_FIELDS, [_message_values(message) for message in messages])


def insert_entries(entries: Iterable[NewEntry]) -> None:
    """Store entries."""
    _insert(Entry, NewEntry._fields, list(entries))


def posted_before(keys: Sequence[tuple[int, int, str]]) -> Iterator[Earlier]:
    """Find what stands under keys, each (person's row, room, key).

    The database is asked for these very places. Three lists of people, rooms and keys would make it look at each
    combination of them: a quarter of a million when 500 people post once.
    """
    with connection.cursor() as cursor:
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            cursor.execute(_find_keys(len(some)), [value for key in some for value in key])
            yield from map(Earlier._make, cursor.fetchall())


def _find_keys(count: int) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(f"m.{quote(_column(Message, name))}" for name in Earlier._fields)
    author, room, key = (f"m.{quote(_column(Message, name))}" for name in ("author_id", "room_id", "key"))
    wanted = ", ".join(["(%s, %s, %s)"] * count)
    # SQLite walks a cross join from the left: the keys, and for each its place in the index.
    return (
        f"SELECT {columns} FROM (VALUES {wanted}) AS wanted CROSS JOIN {quote(Message._meta.db_table)} AS m"  # noqa: S608
        f" WHERE {author} = wanted.column1 AND {room} = wanted.column2 AND {key} = wanted.column3"
    )


def _insert(model: type[Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_column(model, name)) for name in names)
    values = ", ".join(["%s"] * len(names))
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({values})"  # noqa: S608 (names of ours)
    with connection.cursor() as cursor:
        cursor.executemany(insert, rows)


def _column(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    assert field.column
    return field.column
