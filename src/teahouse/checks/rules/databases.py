"""DATABASES: whether what was acknowledged is on disk, and who writes never fails half-way.

A new project's SQLite, with no options at all, will do to develop: it is told of only when DEBUG is off, or for
``--deploy``. What was written by hand and loses data is told always.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check

_SQLITE = "django.db.backends.sqlite3"
_POSTGRESQL = "django.db.backends.postgresql"
_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
# Byte 18 of a SQLite file is its write version: 2 says WAL, which the file keeps from whoever set it once.
_WRITE_VERSION, _WAL = 18, 2

_COMMITS_EARLY = re.compile(r"synchronous_commit\s*=\s*(off|0|false|no)\b", re.IGNORECASE)


@check("W042", "W043", "W044", looks=Looks.AT_SETTINGS)
def sqlite_is_set_up(project: Project) -> Iterator[Finding]:
    """SQLite's options, where somebody wrote some, or where the project is in earnest."""
    if project.for_production or not project.settings.DEBUG or _options(project):
        yield from _sqlite(project)


@check("W060", looks=Looks.AT_SETTINGS)
def postgresql_waits_for_the_disk(project: Project) -> Iterator[Finding]:
    """Nobody turned ``synchronous_commit`` off."""
    said = _COMMITS_EARLY.search(str(_options(project).get("options", "")))
    if said and _engine(project) == _POSTGRESQL:
        yield Finding(
            "W060",
            f'DATABASES["default"] says {said[0]}: PostgreSQL acknowledges before the disk has it.',
            "A power cut takes back messages that were acknowledged.",
            f'"OPTIONS": {{…}}  # without {said[0]}',
            project.place_of("DATABASES", "options"),
        )


@check("E058", looks=Looks.AT_SETTINGS)
def a_pool_keeps_its_connections_itself(project: Project) -> Iterator[Finding]:
    """Django's pool of PostgreSQL connections goes without CONN_MAX_AGE."""
    kept = _database(project).get("CONN_MAX_AGE", 0)
    if _engine(project) == _POSTGRESQL and _options(project).get("pool") and kept != 0:
        yield Finding(
            "E058",
            f'DATABASES["default"] has a pool, and CONN_MAX_AGE is {kept!r}.',
            'Each connection fails: "ImproperlyConfigured: Pooling doesn\'t support persistent connections."',
            '"CONN_MAX_AGE": 0,',
            project.place_of("DATABASES", "CONN_MAX_AGE"),
        )


def _sqlite(project: Project) -> Iterator[Finding]:
    options, name = _options(project), str(_database(project).get("NAME", ""))
    if _engine(project) != _SQLITE or ":memory:" in name or "mode=memory" in name:
        return
    pragmas = _pragmas(str(options.get("init_command") or ""))
    if str(options.get("transaction_mode") or "").upper() not in {"IMMEDIATE", "EXCLUSIVE"}:
        yield Finding(
            "W042",
            'SQLite\'s transactions begin without saying that they will write: no "transaction_mode": "IMMEDIATE".',
            'Who reads first and then writes fails at once, without waiting: "OperationalError: database is locked".',
            '"OPTIONS": {"transaction_mode": "IMMEDIATE", …}',
            project.place_of("DATABASES", "transaction_mode"),
        )
    if pragmas.get("journal_mode", "").upper() != "WAL" and not ("journal_mode" not in pragmas and _keeps_wal(name)):
        yield Finding(
            "W043",
            "SQLite keeps no write-ahead log: no PRAGMA journal_mode=WAL.",
            'Readers and the writer wait for each other, and give up: "OperationalError: database is locked".',
            f'"OPTIONS": {{"init_command": "{_PRAGMAS}", …}}',
            project.place_of("DATABASES", "init_command"),
        )
    if pragmas.get("synchronous", "").upper() not in {"FULL", "EXTRA", "2", "3"}:
        said = pragmas.get("synchronous")
        yield Finding(
            "W044",
            f"SQLite is told PRAGMA synchronous={said}."
            if said
            else "Nobody tells SQLite to wait for the disk: no PRAGMA synchronous=FULL.",
            "A power cut takes back what was acknowledged."
            + ("" if said else " How it was built decides whether it waits; some builds do not."),
            f'"OPTIONS": {{"init_command": "{_PRAGMAS}", …}}',
            project.place_of("DATABASES", "init_command"),
        )


def _database(project: Project) -> dict[str, Any]:
    databases = getattr(project.settings, "DATABASES", None) or {}
    found = databases.get("default") if isinstance(databases, dict) else None
    return found if isinstance(found, dict) else {}


def _engine(project: Project) -> str:
    return str(_database(project).get("ENGINE", ""))


def _options(project: Project) -> dict[str, Any]:
    found = _database(project).get("OPTIONS")
    return found if isinstance(found, dict) else {}


def _pragmas(command: str) -> dict[str, str]:
    """Return what each PRAGMA is set to, by its name in small letters."""
    found = re.findall(r"PRAGMA\s+(?:\w+\.)?(\w+)\s*(?:=\s*|\()\s*['\"]?(\w+)", command, re.IGNORECASE)
    return {name.lower(): value for name, value in found}


def _keeps_wal(name: str) -> bool:
    """Claim that the file itself says that it has a write-ahead log."""
    try:
        with Path(name).open("rb") as file:
            return file.read(_WRITE_VERSION + 1)[_WRITE_VERSION:] == bytes([_WAL])
    except OSError:
        return False
