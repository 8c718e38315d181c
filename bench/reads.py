"""Times what a reader asks of rooms of a thousand to a million messages; run by hand, and by the bench of everything.

    python bench/reads.py [--json] [--sizes 1000,10000,100000,1000000] [--database postgresql://user@host:port/name]

Fills a database of its own (a new SQLite file, or the empty PostgreSQL database that is named) through the real
migrations, asks for each thing in rooms of every size in turn, and prints medians and their ratio to the smallest room.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings

SIZES = (1_000, 10_000, 100_000, 1_000_000)
NEIGHBOURS = 100
"""Rooms that are written in between, as in life: no room's rows lie side by side."""
AUTHORS = 200
BEHIND = 50
"""Entries that a catch-up brings, and the most that a reader of the lobby has not read."""
START = 1_700_000_000_000
EVERY = 1_000
"""Milliseconds between two messages of a room."""
ROWS_AT_ONCE = 5_000


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="teahouse-reads-") as folder:
        set_up(asked.database, Path(folder) / "reads.sqlite3")
        started = time.perf_counter()
        rooms = fill(asked.sizes)
        print(f"filled in {time.perf_counter() - started:.1f} s", file=sys.stderr)
        found = measure(rooms, asked.rounds)
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        show(found)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times reads in rooms of different sizes.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--database", help="postgresql://user[:password]@host:port/name of an empty database")
    parser.add_argument("--rounds", type=int, default=60, help="samples of each read and size (60)")
    parser.add_argument(
        "--sizes",
        default=SIZES,
        type=lambda written: tuple(sorted(int(size) for size in written.split(","))),
        help="messages per room, by commas",
    )
    return parser.parse_args()


def set_up(url: str | None, path: Path) -> None:
    """Configure Django on that database, set up as the documentation tells a host to, and migrate."""
    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "teahouse"],
        DATABASES={"default": _postgres(url) if url else _sqlite(path)},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="only a bench uses this key, and nothing trusts it",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command  # Django must be set up first

    call_command("migrate", verbosity=0)


def _sqlite(path: Path) -> dict[str, Any]:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    options = {"transaction_mode": "IMMEDIATE", "init_command": pragmas}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
        "USER": parts.username,
        "PASSWORD": parts.password or "",
    }


def fill(sizes: Iterable[int]) -> dict[int, Any]:
    """Write rooms of these sizes, each mixed with its neighbours; returns rooms by size, and the neighbours under 0."""
    from django.db import connection, transaction

    from teahouse.models import Log, Message, Person, Room

    people = [Person(uid=f"g{number}", kind="guest", name=f"Guest {number}") for number in range(AUTHORS)]
    Person.objects.bulk_create(people)
    author_ids = list(Person.objects.values_list("pk", flat=True))
    rooms: dict[int, Any] = {}
    for name in (*sizes, *(f"neighbour {number}" for number in range(NEIGHBOURS))):
        room = Room.objects.create(log=Log.objects.create(), address=f"room {name}", title=f"Room {name}")
        rooms[name if isinstance(name, int) else -room.pk] = room
    neighbours = [Writing(rooms.pop(key), author_ids) for key in list(rooms) if key < 0]
    with transaction.atomic():
        for size in sizes:
            _store(_mixed(Writing(rooms[size], author_ids), neighbours, size))
        for log in Log.objects.all():
            log.head = log.entries.count()
            log.at = START + EVERY * log.head
            log.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    assert {size: Message.objects.filter(room=rooms[size]).count() for size in sizes} == {size: size for size in sizes}
    return {**{size: Room.objects.select_related("log").get(pk=rooms[size].pk) for size in sizes},
            0: list(Room.objects.select_related("log").filter(address__startswith="room n"))}  # fmt: skip


class Writing:
    """One room as it is written: rows of its messages and entries, a tenth of them edited and a twentieth deleted."""

    def __init__(self, room: Any, author_ids: list[int]) -> None:
        self.room_id = room.pk
        self.author_ids = author_ids
        self.seq = 0
        self.chance = random.Random(room.pk)

    def rows(self) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
        """One message as it stands in the end, and its entries: an edit or a deletion has the number after it."""
        self.seq = seq = self.seq + 1
        at = START + EVERY * seq
        author = self.chance.choice(self.author_ids)
        fate = self.chance.random()
        entries = [(self.room_id, seq, 1, seq, None, author, at)]
        if fate < 0.15:
            self.seq += 1
            entries.append((self.room_id, self.seq, 2 if fate < 0.10 else 3, seq, None, author, at + 1))
        deleted = 0.10 <= fate < 0.15
        text = "" if deleted else f"message {seq} says no more than this and a few words to fill it up"
        edited_at = at + 1 if fate < 0.15 else None
        message = (self.room_id, author, seq, self.seq, f"key-{seq}", "0" * 24, text, at, edited_at, deleted)
        return message, entries


def _mixed(room: Writing, neighbours: list[Writing], size: int) -> Iterator[Any]:
    for number in range(size):
        yield room.rows()
        if number % 4 == 0:
            yield neighbours[number // 4 % len(neighbours)].rows()


def _store(rows: Iterator[Any]) -> None:
    from django.db import connection

    message = "room_id, author_id, seq, changed, key, digest, text, at, edited_at, deleted"
    entry = "log_id, seq, kind, message_seq, member_id, actor_id, at"
    with connection.cursor() as cursor:
        while some := list(islice(rows, ROWS_AT_ONCE)):
            cursor.executemany(_insert("teahouse_message", message), [row for row, _ in some])
            cursor.executemany(_insert("teahouse_entry", entry), [row for _, entries in some for row in entries])


def _insert(table: str, columns: str) -> str:
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(columns.split(', ')))})"


def reads(room: Any, neighbours: list[Any], chance: random.Random) -> dict[str, Callable[[], object]]:
    """What is measured in one room; each call asks for another place."""
    from teahouse.chat.log import catch_up
    from teahouse.chat.pages import history
    from teahouse.chat.unread import unread

    epoch, head = room.log.epoch, room.log.head
    lobby = [(other.pk, other.log.head - chance.randint(0, 4 * BEHIND)) for other in neighbours[1:]]
    return {
        "newest page, at hello": lambda: catch_up(room, None, None),
        "newest page, by history": lambda: history(room),
        "page at a permalink": lambda: history(room, around=chance.randint(1, head)),
        "page before": lambda: history(room, before=chance.randint(1, head)),
        "page by date": lambda: history(room, at=START + EVERY * chance.randint(1, head)),
        "unread in one room": lambda: unread([(room.pk, max(0, head - chance.randint(0, 4 * BEHIND)))]),
        "unread in one room, all of it": lambda: unread([(room.pk, 0)]),
        "unread in 100 rooms": lambda: unread([(room.pk, head - BEHIND), *lobby]),
        f"catch-up of {BEHIND}": lambda: catch_up(room, epoch, head - BEHIND),
    }


def measure(rooms: dict[int, Any], rounds: int) -> dict[str, Any]:
    """Time each read in each room, in turn; medians in milliseconds, of the clock and of the process's own work."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    neighbours = rooms.pop(0)
    asked = {size: reads(room, neighbours, random.Random(size)) for size, room in rooms.items()}
    found: dict[str, Any] = {"database": connection.vendor, "rounds": rounds, "reads": {}}
    for name in asked[min(asked)]:
        samples: dict[int, list[tuple[float, float]]] = {size: [] for size in asked}
        for size in asked:
            _sample(asked[size][name], 20)  # the first ones fill caches
        for _ in range(rounds):
            for size in asked:
                samples[size].append(_sample(asked[size][name], 5))
        with CaptureQueriesContext(connection) as captured:
            asked[max(asked)][name]()
        medians = {
            size: [statistics.median(each) * 1000 for each in zip(*samples[size], strict=True)] for size in asked
        }
        least = medians[min(asked)]
        found["reads"][name] = {
            "queries": len(captured.captured_queries),
            "sizes": {
                size: {"ms": round(wall, 4), "cpu_ms": round(cpu, 4), "ratio": round(wall / least[0], 3),
                       "cpu_ratio": round(cpu / least[1], 3)}
                for size, (wall, cpu) in medians.items()
            },
        }  # fmt: skip
    return found


def _sample(read: Callable[[], object], times: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        read()
    return (time.perf_counter() - wall) / times, (time.process_time() - cpu) / times


def show(found: dict[str, Any]) -> None:
    sizes = list(next(iter(found["reads"].values()))["sizes"])
    print(f"{found['database']}, medians of {found['rounds']}: milliseconds (ratio to {sizes[0]} messages)")
    print("".join([" " * 31, "queries", *(f"{size:>18,}" for size in sizes)]))
    for name, read in found["reads"].items():
        cells = (f"{of['ms']:9.3f} ({of['ratio']:5.2f})" for of in read["sizes"].values())
        print(f"{name:31}{read['queries']:7}", *cells)


if __name__ == "__main__":
    main()
