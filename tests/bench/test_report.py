"""Tests of docs/performance.md: its tables say what the published runs say, and nothing else of it is touched."""

import re

import pytest

from bench.report import BLOCK, BLOCKS, PAGE, PUBLISHED, filled
from bench.results import read
from bench.tables import fan_out, latency, rate


def test_the_page_says_what_the_published_runs_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page, read(PUBLISHED)) == page


def test_every_table_stands_on_the_page_once() -> None:
    assert sorted(found[2] for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))) == sorted(BLOCKS)


def test_every_picture_of_the_page_is_there() -> None:
    pictures = re.findall(r"\]\((pictures/[^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert pictures
    assert [name for name in pictures if not (PAGE.parent / name).exists()] == []


def test_only_tables_are_replaced_and_empty_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BLOCKS, "run", lambda records: f"{len(records)} runs")
    page = "before\n<!-- measured: run -->\n{}<!-- end -->\nbetween\n<!-- measured: run -->\n{}<!-- end -->\nafter\n"
    assert filled(page.format("", "old\n"), [{}, {}]) == page.format("2 runs\n", "2 runs\n")


def test_a_cell_says_what_was_not_finished() -> None:
    run = {"kind": "fanout", "stack": "ws", "members": 10, "window": 1, "messages": 5}
    runs = [
        run | {"deliveries_per_second": 12_345.0, "complete": 5 - cut, "cut_off": cut, "p50_ms": None} for cut in (0, 2)
    ]
    assert rate(runs[:1], "ws", 10, 1) == "12 345"
    assert rate(runs, "ws", 10, 1) == "12 345 (unfinished: 3 of 5 messages in 20 s)"
    assert rate([run | {"unfinished": "3 of 10 got in"}], "ws", 10, 1) == "unfinished: 3 of 10 got in"
    assert rate([], "ws", 10, 1) == "–"
    assert "| Node ws | 12 345 |" in fan_out(runs[:1])


def test_a_latency_that_never_ended_is_never() -> None:
    run = {"kind": "fanout", "stack": "ws", "members": 10, "window": 1, "p50_ms": 0.5, "p99_ms": None}
    assert "| Node ws | 0.50 / never |" in latency([run])
