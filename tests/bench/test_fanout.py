"""Tests of the matrix, without servers: which cells are still to be measured, and what is said of them."""

from pathlib import Path

import pytest

from bench.fanout import is_settled, told, why
from bench.results import Results
from teahouse_site.bench.load import Outcome

PLACE = {"stack": "ws", "members": 10}
WINDOW = {
    "window": 4,
    "messages": 8,
    "complete": 8,
    "deliveries_per_second": 1234.5,
    "p50_ms": 0.5,
    "lost": 0,
    "cut_off": 0,
    "twice": 0,
}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "runs.jsonl")


def test_a_cell_is_measured_once_in_each_round(results: Results) -> None:
    results.add("fanout", **PLACE, round=0, **WINDOW)
    assert is_settled(results, 4, {**PLACE, "round": 0})
    assert not is_settled(results, 4, {**PLACE, "round": 1})
    assert not is_settled(results, 64, {**PLACE, "round": 0})
    assert not is_settled(results, 4, {**PLACE, "members": 100, "round": 0})


def test_a_cell_that_was_cut_off_is_not_measured_again(results: Results) -> None:
    results.add("fanout", **PLACE, round=0, **{**WINDOW, "cut_off": 3})
    assert is_settled(results, 4, {**PLACE, "round": 2})
    assert not is_settled(results, 64, {**PLACE, "round": 2})


def test_a_window_is_told_with_what_was_lost_and_what_was_not_finished() -> None:
    assert told(WINDOW) == "  4 in flight:       1,234/s, 0.50 ms to the last, lost 0, twice 0"
    cut = told({**WINDOW, "complete": 5, "cut_off": 30, "p50_ms": None})
    assert cut == "  4 in flight:       1,234/s, never to the last, lost 0, twice 0, UNFINISHED: 3 of 8 after 20 s"


def test_a_run_without_windows_says_how_many_got_in() -> None:
    assert why(Outcome({"opened": 3, "members": 5})) == "3 of 5 got in within 60 s"
    assert why(Outcome()) == "the load could not go on"
