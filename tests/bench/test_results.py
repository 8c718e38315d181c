"""Tests of raw runs: kept as they come, and chosen and summed without forgetting what was not finished."""

from pathlib import Path

from bench.results import Results, median, read, select, total


def test_a_run_that_was_ended_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = Results(tmp_path / "results" / "runs.jsonl")
    first.add("fanout", stack="ws", members=10, lost=0)
    again = Results(first.path)
    again.add("fanout", stack="teahouse", members=10, lost=1)
    assert again.has("fanout", stack="ws", members=10)
    assert not again.has("fanout", stack="ws", members=100)
    assert [record["stack"] for record in read(first.path)] == ["ws", "teahouse"]


def test_runs_are_chosen_by_all_that_is_asked() -> None:
    records = [{"kind": "a", "n": 1}, {"kind": "a", "n": 2}, {"kind": "b", "n": 1}]
    assert select(records, "a", n=1) == records[:1]


def test_the_median_takes_what_never_ended_for_the_longest() -> None:
    runs = [{"ms": 1.0}, {"ms": None}, {"ms": 3.0}]
    assert median(runs, "ms") == 3.0
    assert median([*runs, {"ms": None}, {"ms": None}], "ms") is None
    assert median([], "ms") is None


def test_the_sum_leaves_out_runs_that_do_not_have_it() -> None:
    assert total([{"lost": 2}, {"unfinished": "3 of 5 got in"}, {"lost": 1}], "lost") == 3
