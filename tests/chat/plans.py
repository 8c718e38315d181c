"""Asks the database how it would run what Django asks it; for the tests that every read goes by an index."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

# An insert has no way to go; a batch of them is not written as one statement.
_WITHOUT_A_WAY = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "INSERT")
# The lobby walks along the liveliest rooms and stops at the last that it shows.
_ENDS_BY_ITSELF = "teahouse_liveliest"


def queries_of(call: Callable[[], object]) -> list[str]:
    """The statements that read or change rows while `call` runs."""
    with CaptureQueriesContext(connection) as captured:
        call()
    statements = [_for_one_row(query["sql"].strip()) for query in captured.captured_queries]
    return [sql for sql in statements if not sql.startswith(_WITHOUT_A_WAY)]


def _for_one_row(sql: str) -> str:
    """A statement that ran for many rows at once, as it would run for one."""
    times = re.match(r"\d+ times: ", sql)
    return sql[times.end() :].replace("%s", "'1'") if times else sql


def walks_whole_tables(sql: str, *, counted: bool = False) -> list[str]:
    """The steps of a statement's plan that read a whole table or index, or sort what an index could give in order.

    `counted` says that the test has filled the tables, and had the database count them.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Tables of a few rows are walked whole in any case; so: would it, if it had another way?
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            if not counted:
                _forget_how_few_rows_there_are(cursor)
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
            found = cursor.fetchone()[0]
            return list(_costly_on_postgresql((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return list(_costly_on_sqlite([row[-1] for row in cursor.fetchall()]))


def _forget_how_few_rows_there_are(cursor: Any) -> None:
    """Let PostgreSQL plan as for tables that it never counted; its autovacuum may have, in the middle of the tests."""
    cursor.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname LIKE 'teahouse%'")
    cursor.execute(
        "DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relname LIKE 'teahouse%')"
    )


def _costly_on_postgresql(node: dict[str, Any]) -> Iterator[str]:
    kind = node["Node Type"]
    whole = kind.startswith("Index") and "Index Cond" not in node and node["Index Name"] != _ENDS_BY_ITSELF
    if kind == "Seq Scan" or "Sort" in kind or whole:
        yield f"{kind} {node.get('Relation Name', '')}"
    for part in node.get("Plans", ()):
        yield from _costly_on_postgresql(part)


def _costly_on_sqlite(steps: list[str]) -> Iterator[str]:
    # What the statement itself holds or found before may be walked.
    given = {step.split()[1] for step in steps if step.startswith(("CO-ROUTINE", "MATERIALIZE"))} | {"wanted"}
    for step in steps:
        scans = step.startswith("SCAN") and "CONSTANT ROW" not in step and _ENDS_BY_ITSELF not in step
        if (scans and step.split()[1] not in given) or "TEMP B-TREE" in step:
            yield step
