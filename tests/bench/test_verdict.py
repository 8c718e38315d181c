"""Tests of the promised numbers: each computed from raw runs, and judged on the right side of its limits."""

from typing import Any

import pytest

from bench.verdict import ROWS, Row, lines, table


def run(stack: str, members: int, window: int, **fields: Any) -> dict[str, Any]:
    return {"kind": "fanout", "stack": stack, "members": members, "window": window, "lost": 0, "twice": 0, **fields}


@pytest.fixture
def records() -> list[dict[str, Any]]:
    found = [
        run(stack, 1_000, window, deliveries_per_second=rate)
        for stack, rate in (("teahouse", 300.0), ("ws", 100.0), ("tutorial", 2.0))
        for window in (4, 64)
    ]
    found += [run("teahouse", 100, 1, p50_ms=0.9), run("ws", 100, 1, p50_ms=0.45)]
    found += [
        {"kind": "returning", "who": who, "connect_seconds": seconds}
        for who, seconds in (("bare", 2.0), ("bare-users", 10.0), ("guests", 2.2), ("users", 5.0))
    ]
    found += [{"kind": "idle", "who": who, "own_bytes": size} for who, size in (("ws", 8_000), ("users", 6_000))]
    found += [
        {"kind": "reads", "found": {"reads": {"page": {"sizes": {"1000": {"ratio": 1.0}, "2000": {"ratio": 1.3}}}}}}
    ]
    found += [
        {"kind": "writes", "found": {"batch": 500, "1 authors": {"percent": 50.0}, "500 authors": {"percent": 20.0}}}
    ]
    return found


def test_every_row_is_measured_and_judged(records: list[dict[str, Any]]) -> None:
    assert [(value, verdict) for _, value, _, _, verdict in lines(records)] == [
        ("3.00 ×", "reached"),
        ("3.00 ×", "MISSED"),
        ("150 ×", "reached"),
        ("150 ×", "MISSED"),
        ("2.00 ×", "kept"),
        ("0.75 ×", "reached"),
        ("1.10 ×", "reached"),
        ("2.50 ×", "MISSED"),
        ("0.50 ×", "reached"),
        ("1.30 ×", "kept"),
        ("20 %", "MISSED"),
    ]


def test_what_was_not_measured_is_no_verdict() -> None:
    assert {verdict for *_, verdict in lines([])} == {"not measured"}


@pytest.mark.parametrize("is_at_most", [True, False])
def test_a_limit_that_is_met_exactly_holds(is_at_most: bool) -> None:
    must, reach = (2.0, 1.0) if is_at_most else (1.0, 2.0)
    row = Row("", lambda records: None, must, reach, is_at_most)
    assert row.verdict(must) == "kept"
    assert row.verdict(reach) == "reached"
    assert row.verdict(must + (0.01 if is_at_most else -0.01)) == "MISSED"


def test_the_limits_are_those_of_the_design() -> None:
    at_least = [(row.must, row.reach) for row in ROWS if not row.is_at_most]
    assert at_least == [(1.5, 3), (8, 20), (75, 150), (400, 1_000), (25, 60)]
    assert {(row.must, row.reach) for row in ROWS if row.is_at_most} == {(3, 1.5), (3, 1), (2, 1.2), (1.5, 1.1)}


def test_the_table_says_what_was_lost(records: list[dict[str, Any]]) -> None:
    records.append(run("ws", 10, 1, lost=3, twice=1))
    assert "ws: lost 3, twice 1, in 4 runs" in table(records)
    assert "teahouse: lost 0, twice 0, in 3 runs" in table(records)
