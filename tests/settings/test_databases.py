"""The test database is set up as a host is told to set up its own, whichever it is."""

import threading

import pytest
from django.db import connection


def answer(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_commits_reach_the_disk() -> None:
    if connection.vendor == "sqlite":
        assert (answer("PRAGMA journal_mode"), answer("PRAGMA synchronous")) == ("wal", 2)
    else:
        assert answer("SELECT current_user") == "teahouse"


@pytest.mark.django_db(transaction=True)
def test_another_thread_sees_what_was_committed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE cups (full_cups integer)")
        cursor.execute("INSERT INTO cups VALUES (7)")
    seen = []

    def look() -> None:
        seen.append(answer("SELECT full_cups FROM cups"))
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cups")
    assert seen == [7]
