"""Databases that lose what was acknowledged, or that refuse who writes."""

import re

from tests.doctor.workshop import SETTINGS, Project
from tests.servers.postgres import PostgresDatabase

IMMEDIATE = '            "transaction_mode": "IMMEDIATE",\n'
INIT = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
OPTIONS = re.search(r'        "OPTIONS": \{.*?\n        \},\n', SETTINGS, re.DOTALL)
assert OPTIONS is not None

# Somebody else writes between our reading and our writing.
READ_THEN_WRITE = """
import sqlite3
from django.db import transaction
from talk.models import Word
with transaction.atomic():
    Word.objects.count()
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=0)
    try:
        other.execute("INSERT INTO talk_word (text) VALUES ('tea')")
        other.commit()
    except sqlite3.OperationalError as error:
        print("the other one waits:", error)
    Word.objects.create(text="cake")
print("written")
"""
WRITE_WHILE_SOMEBODY_READS = """
import sqlite3
from talk.models import Word
Word.objects.create(text="tea")
other = sqlite3.connect(settings.DATABASES["default"]["NAME"])
other.execute("BEGIN")
other.execute("SELECT * FROM talk_word").fetchone()
connection.ensure_connection()
connection.connection.execute("PRAGMA busy_timeout=1")
Word.objects.create(text="cake")
print("written")
"""
SYNCHRONOUS = "print('synchronous', connection.cursor().execute('PRAGMA synchronous').fetchone()[0])"


def test_without_immediate_who_reads_and_then_writes_is_refused(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", IMMEDIATE, "")
    assert "OperationalError: database is locked" in channels_project.shell(READ_THEN_WRITE)

    report = channels_project.doctor()

    assert report.ids == ["W042"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'DATABASES')}\n" in report.part("W042")
    assert '"transaction_mode": "IMMEDIATE"' in report.part("W042")
    channels_project.replace("web/settings.py", '"OPTIONS": {\n', f'"OPTIONS": {{\n{IMMEDIATE}')
    said = channels_project.shell(READ_THEN_WRITE)
    assert "the other one waits: database is locked" in said
    assert "written" in said
    assert channels_project.doctor().ids == []


def test_without_a_write_ahead_log_readers_stop_the_writer(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", INIT, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;")
    assert "OperationalError: database is locked" in channels_project.shell(WRITE_WHILE_SOMEBODY_READS)

    report = channels_project.doctor()

    assert report.ids == ["W043"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'init_command')}\n" in report.part("W043")
    assert INIT in report.part("W043")
    channels_project.replace("web/settings.py", "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;", INIT)
    assert "written" in channels_project.shell(WRITE_WHILE_SOMEBODY_READS)
    assert channels_project.doctor().ids == []


def test_a_file_that_keeps_its_write_ahead_log_needs_no_pragma(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", INIT, "PRAGMA synchronous=FULL;")
    assert "written" in channels_project.shell(WRITE_WHILE_SOMEBODY_READS)

    assert channels_project.doctor().ids == []


def test_synchronous_normal_does_not_wait_for_the_disk(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", "synchronous=FULL", "synchronous=NORMAL")
    assert "synchronous 1" in channels_project.shell(SYNCHRONOUS)

    report = channels_project.doctor()

    assert report.ids == ["W044"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'init_command')}\n" in report.part("W044")
    assert INIT in report.part("W044")
    channels_project.replace("web/settings.py", "synchronous=NORMAL", "synchronous=FULL")
    assert "synchronous 2" in channels_project.shell(SYNCHRONOUS)
    assert channels_project.doctor().ids == []


def test_sqlite_as_startproject_makes_it_is_told_of_in_earnest_only(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", OPTIONS[0], "")
    (channels_project.folder / "db.sqlite3").unlink()

    assert channels_project.doctor().ids == []
    assert {"W042", "W043", "W044"} <= set(channels_project.doctor("--deploy").ids)
    channels_project.replace("web/settings.py", "DEBUG = True", "DEBUG = False")
    assert channels_project.doctor().ids == ["W042", "W043", "W044"]


def use_postgresql(project: Project, database: PostgresDatabase, more: str) -> None:
    there = f'"NAME": "{database.name}", "HOST": "{database.host}", "PORT": {database.port}, "USER": "{database.user}"'
    text = f'DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", {there}, {more}}}}}'
    settings = (project.folder / "web/settings.py").read_text()
    project.write("web/settings.py", re.sub(r"(?ms)^DATABASES = \{.*?^\}$", text, settings))


def test_postgresql_that_commits_early_is_told(channels_project: Project, postgres_database: PostgresDatabase) -> None:
    use_postgresql(channels_project, postgres_database, '"OPTIONS": {"options": "-c synchronous_commit=off"}')
    asked = "print('commits', connection.cursor().execute('SHOW synchronous_commit').fetchone()[0])"
    assert "commits off" in channels_project.shell(asked)

    report = channels_project.doctor()

    assert report.ids == ["W060"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'DATABASES')}\n" in report.part("W060")
    channels_project.replace("web/settings.py", "synchronous_commit=off", "synchronous_commit=on")
    assert "commits on" in channels_project.shell(asked)
    assert channels_project.doctor().ids == []


def test_a_pool_beside_connections_that_stay_refuses_to_connect(
    channels_project: Project, postgres_database: PostgresDatabase
) -> None:
    use_postgresql(channels_project, postgres_database, '"CONN_MAX_AGE": 60, "OPTIONS": {"pool": True}')
    said = channels_project.shell("connection.ensure_connection()")
    assert "ImproperlyConfigured: Pooling doesn't support persistent connections." in said

    report = channels_project.doctor()

    assert report.ids == ["E058"]
    assert '"CONN_MAX_AGE": 0,' in report.part("E058")
    channels_project.replace("web/settings.py", '"CONN_MAX_AGE": 60', '"CONN_MAX_AGE": 0')
    connect = "connection.ensure_connection()\nprint('connected')\nconnection.close_pool()"
    assert "connected" in channels_project.shell(connect)
    assert channels_project.doctor().ids == []
