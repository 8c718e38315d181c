"""Asks the database how it would run what Django asks it; for the tests that every read goes by an index."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(call: Callable[[], object]) -> list[str]:
    """The statements that read or change rows while `call` runs."""
    with CaptureQueriesContext(connection) as captured:
        call()
    statements = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in statements if sql.startswith(("SELECT", "UPDATE", "DELETE"))]


def walks_whole_tables(sql: str) -> list[str]:
    """The steps of a statement's plan that read a whole table, or sort what an index could give in order."""
    return [step for step in _steps(sql) if _is_costly(step)]


def _steps(sql: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Tables of a few rows are walked whole in any case; so: would it, if it had another way?
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {sql}")
            yield from (row[0] for row in cursor.fetchall())
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            yield from (row[-1] for row in cursor.fetchall())


def _is_costly(step: str) -> bool:
    if connection.vendor == "postgresql":
        return "Seq Scan" in step or "Sort" in step
    given = step == "SCAN wanted" or "CONSTANT ROW" in step  # rows that stand in the statement itself
    return (step.startswith("SCAN") and not given) or "TEMP B-TREE" in step
