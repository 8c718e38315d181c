"""Brings the database up to date at each start, and gives a new site its first room; used by the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files import locks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from teahouse.chat.epochs import check_data_folder
from teahouse.chat.making import ensure_room
from teahouse.models import Room

FIRST_ROOM = "Lobby"
_LOCK_NUMBER = 0x7EA_40_05E


def prepare() -> None:
    """Migrate, make the first room, and compare folder with database. Processes that start at once take turns."""
    folder: Path = settings.DATA  # type: ignore[misc]
    with _alone(folder), _alone_in_database():
        if _has_plan():
            call_command("migrate", verbosity=0, interactive=False)
        if not Room.objects.exists():
            ensure_room(FIRST_ROOM)
        check_data_folder(folder)


def _has_plan() -> bool:
    # The command itself would look through all models for permissions to make, at every start.
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".starting").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        yield


@contextmanager
def _alone_in_database() -> Iterator[None]:
    """Hold off processes with folders of their own; on SQLite the folder is the database's."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK_NUMBER])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK_NUMBER])
