"""What stands in a host's database, asked by plain SQL from outside the server; what a test compares pictures with."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

Row = dict[str, Any]

MESSAGES = """
    SELECT m.seq, m.changed, m.at, p.uid, p.name, p.kind, m.key, m.text, m.edited_at, m.deleted
    FROM teahouse_message m
    JOIN teahouse_room r ON r.log_id = m.room_id
    JOIN teahouse_person p ON p.id = m.author_id
    WHERE r.address = ? ORDER BY m.seq"""
ENTRIES = (
    "SELECT e.seq FROM teahouse_entry e JOIN teahouse_room r ON r.log_id = e.log_id WHERE r.address = ? ORDER BY 1"
)
HEAD = "SELECT l.head FROM teahouse_log l JOIN teahouse_room r ON r.log_id = l.id WHERE r.address = ?"


@dataclass(frozen=True)
class Tables:
    """One migrated database: `place` is what the host's HOST_DATABASE names, `ask` runs one query, `do` one change."""

    place: str
    ask: Callable[..., list[tuple[Any, ...]]]
    do: Callable[..., None]

    def messages(self, room: str = "tea") -> list[Row]:
        """The room's messages in their order, each as the wire shows it."""
        return [_row(*columns) for columns in self.ask(MESSAGES, room)]

    def texts(self, room: str = "tea") -> list[str]:
        return [row["text"] for row in self.messages(room) if not row.get("deleted")]

    def numbers(self, room: str = "tea") -> list[int]:
        """The numbers of the room's entries."""
        return [seq for (seq,) in self.ask(ENTRIES, room)]

    def head(self, room: str = "tea") -> int:
        """Where the room's log stands; 0 when there is no such room yet."""
        return sum(head for (head,) in self.ask(HEAD, room))

    def waiting(self) -> int:
        """How many posts wait in the outbox for their number."""
        ((count,),) = self.ask("SELECT count(*) FROM teahouse_outbox")
        return int(count)


def _row(
    seq: int, changed: int, at: int, uid: str, name: str, kind: str, key: str, text: str, edited_at: int, deleted: bool
) -> Row:
    row: Row = {"seq": seq, "changed": changed, "at": at, "author": {"id": uid, "name": name, "kind": kind}, "key": key}
    if deleted:
        return {**row, "deleted": True}
    return {**row, "text": text} if edited_at is None else {**row, "text": text, "edited_at": edited_at}


def sqlite_tables(path: Path) -> Tables:
    def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            return connection.execute(query, values).fetchall()

    def do(change: str, *values: Any) -> None:
        with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
            connection.execute(change, values)

    return Tables(str(path), ask, do)


def postgres_tables(conninfo: str, url: str) -> Tables:
    def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(conninfo) as connection:
            return connection.execute(query.replace("?", "%s").encode(), values).fetchall()

    def do(change: str, *values: Any) -> None:
        with psycopg.connect(conninfo) as connection:
            connection.execute(change.replace("?", "%s").encode(), values)

    return Tables(url, ask, do)


def copy_sqlite(template: Path, path: Path) -> Tables:
    """A database of one test, with the tables that the template has."""
    shutil.copyfile(template, path)
    return sqlite_tables(path)
