"""Durable sends per second through the writer, beside raw ``executemany`` into the same tables; see ``--help``.

A room without listeners; SQLite in WAL mode, ``synchronous=FULL``, IMMEDIATE transactions; batches of equal size. Both
sides begin each run on a fresh copy of the same empty database, and take turns. What the raw side lacks is what the
writer is for: keys that are used once, numbers, rights, people, and an answer to each sender after the commit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.conf import settings

BATCH = 500
IN_FLIGHT = 4
"""Batches that are handed to the writer before the first of them is answered: it never waits for work."""

TEXT = "x" * 64
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")

MESSAGE = (
    "INSERT INTO teahouse_message (room_id, author_id, seq, changed, key, text, at, edited_at, deleted, digest)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, NULL, FALSE, '')"
)
HEAD = "UPDATE teahouse_log SET head = ?, at = ? WHERE id = ?"
ENTRY = (
    "INSERT INTO teahouse_entry (log_id, seq, kind, message_seq, member_id, actor_id, at)"
    " VALUES (?, ?, 1, ?, NULL, ?, ?)"
)


def main() -> None:
    """Measure, and print a table or JSON."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-", dir=options.folder) as folder:
        _set_up(Path(folder) / "db.sqlite3")
        found = {
            f"{authors} authors": _compare(authors, options.sends, options.runs, Path(folder)) for authors in (1, BATCH)
        }
        alone = _alone(options.sends // BATCH, Path(folder))
    if options.json:
        print(json.dumps({"batch": BATCH, "text_bytes": len(TEXT), **found, "alone": alone}, indent=2))
        return
    print(
        f"{'authors':>8} {'writer/s':>10} {'raw/s':>10} {'share':>6}   (batches of {BATCH}, medians of {options.runs})"
    )
    for authors, one in found.items():
        print(
            f"{authors:>12} {one['writer_per_second']:>10.0f} {one['raw_per_second']:>10.0f} {one['percent']:>4.0f} %"
        )
    print(f"one post alone: {alone['milliseconds']:.2f} ms from submit to answer, {alone['cpu']:.2f} ms of CPU")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--sends", type=int, default=50 * BATCH, help="sends in each run (default %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each side (default %(default)s)")
    parser.add_argument("--folder", default=".", help="where the databases stand: a real disk (default: here)")
    return parser.parse_args()


def _set_up(database: Path) -> None:
    """Make an empty database with a room and its people, and keep a copy of it to begin each run with."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "; ".join(PRAGMAS)}
    settings.configure(
        SECRET_KEY="only this bench uses it",
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "teahouse"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database, "OPTIONS": options}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from teahouse.chat.making import ensure_room
    from teahouse.models import Person

    call_command("migrate", verbosity=0)
    ensure_room("tea")
    Person.objects.bulk_create([Person(uid=_uid(n), kind="guest", name=f"Guest {n}") for n in range(1, BATCH + 1)])
    connection.close()
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(database, _template(database))


def _compare(authors: int, sends: int, runs: int, folder: Path) -> dict[str, Any]:
    database = folder / "db.sqlite3"
    raw, writer = [], []
    for _ in range(runs):
        _begin_anew(database)
        raw.append(sends / _write_raw(database, authors, sends))
        _begin_anew(database)
        writer.append(sends / _write_through_writer(authors, sends))
        _check(database, sends)
    through, beside = median(writer), median(raw)
    rates = {"writer_per_second": through, "raw_per_second": beside, "percent": 100 * through / beside}
    return {**rates, "writer_runs": writer, "raw_runs": raw}


def _write_raw(database: Path, authors: int, sends: int) -> float:
    batches = list(_raw_batches(authors, sends))
    with closing(sqlite3.connect(database, isolation_level=None)) as raw:
        for pragma in PRAGMAS:
            raw.execute(pragma)
        started = time.perf_counter()
        for messages, heads, entries in batches:
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(MESSAGE, messages)
            raw.executemany(HEAD, heads)
            raw.executemany(ENTRY, entries)
            raw.execute("COMMIT")
        return time.perf_counter() - started


def _raw_batches(authors: int, sends: int) -> Iterator[tuple[list[Any], list[Any], list[Any]]]:
    now = time.time_ns() // 1_000_000
    for first in range(1, sends + 1, BATCH):
        numbers = range(first, min(first + BATCH, sends + 1))
        messages = [(1, 1 + n % authors, n, n, _key(n), TEXT, now) for n in numbers]
        entries = [(1, n, n, 1 + n % authors, now) for n in numbers]
        yield messages, [(numbers[-1], now, 1)], entries


def _write_through_writer(authors: int, sends: int) -> float:
    from teahouse.chat.actions import PostMessage

    people = _people(authors)
    posts = [PostMessage(1, people[n % authors], _key(n), TEXT) for n in range(1, sends + 1)]
    return asyncio.run(_submit(posts, BATCH, IN_FLIGHT))


async def _submit(posts: Sequence[Any], batch: int, in_flight: int) -> float:
    """Hand posts to the process's writer, so many batches ahead of its answers; return the seconds until the last."""
    from teahouse.chat.actions import Posted
    from teahouse.live.lanes import Lane
    from teahouse.live.process import current

    live = current()
    lanes = {post.person.uid: Lane() for post in posts}
    waiting: deque[list[asyncio.Future[Any]]] = deque()

    def submit(post: Any, lane: Lane) -> asyncio.Future[Any]:
        return live.writer.submit(post, lane, lane.number(post.key))

    started = time.perf_counter()
    for first in range(0, len(posts), batch):
        if len(waiting) == in_flight:
            await waiting.popleft()[-1]
        waiting.append([submit(post, lanes[post.person.uid]) for post in posts[first : first + batch]])
    await live.writer.finish()
    seconds = time.perf_counter() - started
    assert all(type(future.result()) is Posted for futures in waiting for future in futures)
    await live.stop()
    return seconds


def _alone(sends: int, folder: Path) -> dict[str, float]:
    """Measure posts that come one by one, each after the answer to the last."""
    from teahouse.chat.actions import PostMessage

    _begin_anew(folder / "db.sqlite3")
    (ann,) = _people(1)
    posts = [PostMessage(1, ann, _key(n), TEXT) for n in range(sends * 10)]
    cpu = time.process_time()
    seconds = asyncio.run(_submit(posts, 1, 1))
    return {"milliseconds": seconds / len(posts) * 1000, "cpu": (time.process_time() - cpu) / len(posts) * 1000}


def _people(count: int) -> list[Any]:
    from teahouse.chat.people import Identity

    return [Identity(uid=_uid(n), name=f"Guest {n}", kind="guest") for n in range(1, count + 1)]


def _begin_anew(database: Path) -> None:
    for end in ("-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    shutil.copyfile(_template(database), database)


def _check(database: Path, sends: int) -> None:
    """Hold that nothing is missing: a rate of anything else would say nothing."""
    with closing(sqlite3.connect(database)) as raw:
        for counted in ("count(*) FROM teahouse_message", "count(*) FROM teahouse_entry", "head FROM teahouse_log"):
            (found,) = raw.execute(f"SELECT {counted}").fetchone()
            if found != sends:
                sys.exit(f"{counted}: {found}, and {sends} were sent")


def _template(database: Path) -> Path:
    return database.with_name("empty.sqlite3")


def _uid(number: int) -> str:
    return f"g{number:024d}"


def _key(number: int) -> str:
    return f"key-{number:032d}"


if __name__ == "__main__":
    main()
