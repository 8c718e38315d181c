"""The fixed statements of a transaction that grows logs, each for many rows at once; used by ``held``.

They are written out, because to build each anew by the ORM costs several times what the database needs to do it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model

from teahouse.chat.records import LockedRoom, MembershipRecord, MessageRecord, PersonRecord
from teahouse.models import Entry, Log, Membership, Message, Person, Room

Row = tuple[Any, ...]

_KEYS_AT_ONCE = 256
"""Times three parameters stays below 999, the limit of an older SQLite."""

# In these, `{Log}` is a table, `{Log.head}` a column of it, and `{Log:head}` the column's name alone.
# SQLite walks a cross join from the left: what is wanted, and for each its place in an index.
_LOCK = "SELECT {Log.id} FROM {Log} WHERE {Log.id} IN ({marks}) ORDER BY {Log.id} FOR UPDATE"
_LOCK_BY_WRITING = "UPDATE {Log} SET {Log:head} = {Log:head} WHERE {Log:id} IN ({marks})"
_ROOMS = (
    "SELECT {Log.id}, {Log.epoch}, {Log.head}, {Room.address}, {Room.kind}, {Room.title}, {Room.locked},"
    " {Room.archived}, {Room.slow_seconds}, {Room.guarded}, {Room.changed}, {Room.rights}"
    " FROM {Log} JOIN {Room} ON {Room.log_id} = {Log.id} WHERE {Log.id} IN ({marks}) ORDER BY {Log.id}"
)
_PEOPLE = (
    "SELECT {Person.id}, {Person.uid}, {Person.kind}, {Person.name}, {Person.rights}, {Person.network}"
    " FROM {wanted} CROSS JOIN {Person} WHERE {Person.uid} = wanted.column1"
)
_MEMBERSHIPS = (
    "SELECT {Membership.room_id}, {Membership.person_id}, {Membership.role}, {Membership.changed}, {Membership.read},"
    " {Membership.banned_until}, {Membership.muted_until}, {Membership.posted_at}, {Membership.network},"
    " {Membership.network_until} FROM {wanted} CROSS JOIN {Membership}"
    " WHERE {Membership.room_id} = wanted.column1 AND {Membership.person_id} = wanted.column2"
)
# In the words of the index, which SQLite uses for no others.
_BANNED_NETWORKS = (
    "SELECT {Membership.room_id}, {Membership.network} FROM {Membership} WHERE {Membership.room_id} IN ({marks})"
    " AND NOT ({Membership.network} = '') AND {Membership.network_until} > %s"
)
_MESSAGE = (
    "SELECT {Message.room_id}, {Person.id}, {Person.uid}, {Person.kind}, {Person.name}, {Message.seq},"
    " {Message.changed}, {Message.key}, {Message.text}, {Message.at}, {Message.edited_at}, {Message.deleted},"
    " {Message.digest} FROM {wanted} CROSS JOIN {Message} JOIN {Person} ON {Person.id} = {Message.author_id}"
)
_MESSAGES_AT = _MESSAGE + " WHERE {Message.room_id} = wanted.column1 AND {Message.seq} = wanted.column2"
_MESSAGES_WITH_KEY = _MESSAGE + (
    " WHERE {Message.author_id} = wanted.column1 AND {Message.room_id} = wanted.column2"
    " AND {Message.key} = wanted.column3"
)
_INSERT_PERSON = (
    "INSERT INTO {Person} ({Person:uid}, {Person:kind}, {Person:name}, {Person:user_id}, {Person:network})"
    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT ({Person:uid}) DO NOTHING"
)
_MOVE_PERSON = "UPDATE {Person} SET {Person:network} = %s WHERE {Person:id} = %s"
_INSERT_MESSAGE = (
    "INSERT INTO {Message} ({Message:room_id}, {Message:author_id}, {Message:seq}, {Message:changed}, {Message:key},"
    " {Message:text}, {Message:at}, {Message:edited_at}, {Message:deleted}, {Message:digest})"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, NULL, FALSE, '')"
    " ON CONFLICT ({Message:author_id}, {Message:room_id}, {Message:key}) DO NOTHING"
)
_UPDATE_MESSAGE = (
    "UPDATE {Message} SET {Message:text} = %s, {Message:changed} = %s, {Message:edited_at} = %s,"
    " {Message:deleted} = %s, {Message:digest} = %s WHERE {Message:room_id} = %s AND {Message:seq} = %s"
)
_STORE_MEMBERSHIP = (
    "INSERT INTO {Membership} ({Membership:room_id}, {Membership:person_id}, {Membership:role}, {Membership:changed},"
    " {Membership:read}, {Membership:banned_until}, {Membership:muted_until}, {Membership:posted_at},"
    " {Membership:network}, {Membership:network_until}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT ({Membership:room_id}, {Membership:person_id}) DO UPDATE SET"
    " {Membership:role} = excluded.{Membership:role}, {Membership:changed} = excluded.{Membership:changed},"
    " {Membership:read} = excluded.{Membership:read}, {Membership:banned_until} = excluded.{Membership:banned_until},"
    " {Membership:muted_until} = excluded.{Membership:muted_until},"
    " {Membership:posted_at} = excluded.{Membership:posted_at}, {Membership:network} = excluded.{Membership:network},"
    " {Membership:network_until} = excluded.{Membership:network_until}"
)
_UPDATE_ROOM = (
    "UPDATE {Room} SET {Room:kind} = %s, {Room:title} = %s, {Room:locked} = %s, {Room:archived} = %s,"
    " {Room:slow_seconds} = %s, {Room:guarded} = %s, {Room:changed} = %s, {Room:rights} = %s"
    " WHERE {Room:log_id} = %s"
)
_RAISE_HEAD = "UPDATE {Log} SET {Log:head} = %s, {Log:at} = %s WHERE {Log:id} = %s"
# Two texts, because a NULL that stands in the text is bound for no row: that is an eighth of what a post costs.
_INSERT_MESSAGE_ENTRY = (
    "INSERT INTO {Entry} ({Entry:log_id}, {Entry:seq}, {Entry:kind}, {Entry:message_seq}, {Entry:member_id},"
    " {Entry:actor_id}, {Entry:at}) VALUES (%s, %s, %s, %s, NULL, %s, %s)"
)
_INSERT_MEMBER_ENTRY = (
    "INSERT INTO {Entry} ({Entry:log_id}, {Entry:seq}, {Entry:kind}, {Entry:message_seq}, {Entry:member_id},"
    " {Entry:actor_id}, {Entry:at}) VALUES (%s, %s, %s, NULL, %s, %s, %s)"
)


class Statements:
    """The statements of one transaction, on one cursor."""

    def __init__(self, cursor: CursorWrapper) -> None:
        """Errors of the database pass as they are: whoever asks holds them with ``wrap_database_errors``."""
        self._database = cursor.db
        self._cursor, self._mark = _quickest(cursor)

    def lock(self, log_ids: Sequence[int]) -> None:
        """Lock these logs, in this order, until the transaction ends."""
        if self._database.features.has_select_for_update:
            self._cursor.execute(self._sql(_LOCK, len(log_ids)), log_ids)
        elif not self._has_begun_by_locking():
            # A write first: a transaction that began by reading could not become a writer while another one writes.
            self._cursor.execute(self._sql(_LOCK_BY_WRITING, len(log_ids)), log_ids)

    def rooms(self, log_ids: Sequence[int]) -> list[LockedRoom]:
        """Return these rooms. Locked first, they stay so."""
        self._cursor.execute(self._sql(_ROOMS, len(log_ids)), log_ids)
        return [LockedRoom(*row) for row in self._cursor.fetchall()]

    def people(self, uids: Iterable[str]) -> list[PersonRecord]:
        """Return the people with these uids who have rows."""
        return [PersonRecord(*row) for row in self._find(_PEOPLE, [(uid,) for uid in uids])]

    def memberships(self, people: Mapping[tuple[int, int], PersonRecord]) -> list[MembershipRecord]:
        """Return the memberships of people in rooms, each known by (room, person's row)."""
        return [
            MembershipRecord(row[0], people[row[0], row[1]], *row[2:]) for row in self._find(_MEMBERSHIPS, list(people))
        ]

    def banned_networks(self, room_ids: Sequence[int], at: int) -> Counter[tuple[int, str]]:
        """Return each (room, network) whose guests are banned at that time, with the number of its bans."""
        if not room_ids:
            return Counter()
        self._cursor.execute(self._sql(_BANNED_NETWORKS, len(room_ids)), [*room_ids, at])
        return Counter(self._cursor.fetchall())

    def messages_at(self, places: Iterable[tuple[int, int]]) -> list[MessageRecord]:
        """Return the messages at these places, each (room, seq)."""
        return [_message(row) for row in self._find(_MESSAGES_AT, list(places))]

    def messages_with_key(self, keys: Iterable[tuple[int, int, str]]) -> list[MessageRecord]:
        """Return the messages that were posted under these keys, each (author's row, room, key).

        The database is asked for these very places. Three lists of people, rooms and keys would make it look at each
        combination of them: a quarter of a million when 500 people post once.
        """
        return [_message(row) for row in self._find(_MESSAGES_WITH_KEY, list(keys))]

    def insert_people(self, people: Iterable[PersonRecord]) -> None:
        """Make rows of people; who has one by now keeps it."""
        rows = [(person.uid, person.kind, person.name, person.user_id, person.network) for person in people]
        self._change(_INSERT_PERSON, rows)

    def move_people(self, people: Iterable[PersonRecord]) -> None:
        """Store from which networks guests were heard last."""
        self._change(_MOVE_PERSON, [(person.network, person.id) for person in people])

    def insert_messages(self, messages: Iterable[MessageRecord]) -> bool:
        """Store messages as they were posted; return whether each found its key free, and went in."""
        rows = [
            (message.room_id, message.author.id, message.seq, message.seq, message.key, message.text, message.at)
            for message in messages
        ]
        return self._change(_INSERT_MESSAGE, rows) == len(rows)

    def update_messages(self, messages: Iterable[MessageRecord]) -> None:
        """Store what became of messages that have rows."""
        rows = [
            (row.text, row.changed, row.edited_at, row.deleted, row.digest, row.room_id, row.seq) for row in messages
        ]
        self._change(_UPDATE_MESSAGE, rows)

    def store_memberships(self, memberships: Iterable[MembershipRecord]) -> None:
        """Store how memberships stand, whether they had rows or not."""
        rows = [
            (
                *(row.room_id, row.person.id, row.role, row.changed, row.read, row.banned_until, row.muted_until),
                *(row.posted_at, row.network, row.network_until),
            )
            for row in memberships
        ]
        self._change(_STORE_MEMBERSHIP, rows)

    def update_rooms(self, rooms: Iterable[LockedRoom]) -> None:
        """Store what rooms are now."""
        rows = [
            (
                *(row.kind, row.title, row.locked, row.archived, row.slow_seconds, row.guarded),
                *(row.changed, row.rights, row.id),
            )
            for row in rooms
        ]
        self._change(_UPDATE_ROOM, rows)

    def raise_heads(self, heads: Sequence[tuple[int, int, int]]) -> None:
        """Store how far logs came, each (head, time, log)."""
        self._change(_RAISE_HEAD, heads)

    def insert_message_entries(self, entries: Sequence[Row]) -> None:
        """Store entries about messages, each (log, seq, kind, message's seq, actor's row, time)."""
        self._change(_INSERT_MESSAGE_ENTRY, entries)

    def insert_member_entries(self, entries: Sequence[Row]) -> None:
        """Store entries about members, or with no member about rooms: (log, seq, kind, member's, actor's row, time)."""
        self._change(_INSERT_MEMBER_ENTRY, entries)

    def _has_begun_by_locking(self) -> bool:
        """Claim that this transaction of SQLite's held the database for writing from its BEGIN on."""
        mode = getattr(self._database, "transaction_mode", None)
        # Who switched autocommit off began without Django, and so without the mode that is set.
        return mode in ("IMMEDIATE", "EXCLUSIVE") and self._database.commit_on_exit

    def _sql(self, template: str, count: int = 0, width: int = 1) -> str:
        return _sql(template, self._mark, count, width)

    def _find(self, template: str, keys: list[Row]) -> list[Row]:
        found: list[Row] = []
        for some in _portions(keys):
            values = [value for key in some for value in key]
            self._cursor.execute(self._sql(template, len(some), len(some[0])), values)
            found += self._cursor.fetchall()
        return found

    def _change(self, template: str, rows: Sequence[Row]) -> int:
        """Run a statement for each row; return how many rows of the table were touched."""
        if not rows:
            return 0
        if len(rows) == 1:
            self._cursor.execute(self._sql(template), rows[0])
        else:
            self._cursor.executemany(self._sql(template), rows)
        return int(self._cursor.rowcount)


def _quickest(cursor: CursorWrapper) -> tuple[Any, str]:
    """Return what runs statements, and its mark for a value: SQLite's own cursor while nobody watches Django's.

    Django looks for marks in each text anew, and takes longer over a statement of ours than SQLite does.
    """
    database = cursor.db
    # By the class: tracers put a cursor of their own here, and want to see each statement too.
    is_plain = type(cursor) is CursorWrapper and type(cursor.cursor) is SQLiteCursorWrapper
    if not is_plain or database.execute_wrappers:
        return cursor, "%s"
    database.validate_no_broken_transaction()
    return super(SQLiteCursorWrapper, cursor.cursor), "?"


def _message(row: Row) -> MessageRecord:
    room_id, author_id, uid, kind, name, seq, changed, key, text, at, edited_at, deleted, digest = row
    author = PersonRecord(author_id, uid, kind, name)
    return MessageRecord(room_id, author, seq, changed, key, text, at, edited_at, bool(deleted), digest)


def _portions(keys: list[Any]) -> Iterator[list[Any]]:
    """Cut keys into lists of a few different lengths, the last key repeated, so that few texts are ever prepared."""
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = keys[start : start + _KEYS_AT_ONCE]
        length = 1 << (len(some) - 1).bit_length()
        yield some + some[-1:] * (length - len(some))


class _Table:
    """A model's table, as a statement's template names it."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def __getattr__(self, name: str) -> str:
        return f"{self:}.{self:{name}}"

    def __format__(self, column: str) -> str:
        return connection.ops.quote_name(_column(self._model, column) if column else self._model._meta.db_table)


_TABLES = {model.__name__: _Table(model) for model in (Entry, Log, Membership, Message, Person, Room)}


@cache
def _sql(template: str, mark: str, count: int, width: int) -> str:
    """Return a statement for so many keys of so many values each. Its names come from the models, its values never."""
    marks = ", ".join([mark] * width)
    wanted = f"(VALUES {', '.join([f'({marks})'] * count)}) AS wanted"
    return template.replace("%s", mark).format(**_TABLES, marks=", ".join([mark] * count), wanted=wanted)


def _column(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    assert field.column
    return field.column
