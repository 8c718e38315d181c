"""Writes what was measured into docs/performance.md, table by table, and draws its plots: `make bench-report`.

The words of the page are written by hand; each table stands between two marks and is replaced as a whole, so that no
figure can drift from the runs, which stand beside as bench/results/published.jsonl.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from bench import tables
from bench.processes import ROOT
from bench.results import Record, read

PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "pictures"
PUBLISHED = ROOT / "bench" / "results" / "published.jsonl"
BLOCK = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

BLOCKS: dict[str, Callable[[list[Record]], str]] = {
    "run": tables.run,
    "promised": tables.promised,
    "fan_out": tables.fan_out,
    "latency": tables.latency,
    "reconciled": tables.reconciled,
    "second_load": tables.second_load,
    "arrivals": tables.arrivals,
    "idle": tables.idle,
    "returning": tables.returning,
    "reads": tables.reads,
    "sends": tables.sends,
    "writes": tables.writes,
}


def filled(page: str, records: list[Record]) -> str:
    """Return the page with each table as the runs say it."""
    return BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]](records)}\n{found[3]}", page)


def main() -> None:
    """Publish one file of raw runs."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description="Publishes a file of raw runs.")
    parser.add_argument("results", type=Path, nargs="?", default=PUBLISHED, help="a file that `make bench` wrote")
    chosen: Path = parser.parse_args().results
    records = read(chosen)
    # Only here is matplotlib needed: the tables are compared with the runs also where nothing is drawn.
    from bench.plots import draw_all

    if chosen.resolve() != PUBLISHED:
        shutil.copyfile(chosen, PUBLISHED)
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), records), encoding="utf-8")
    for picture in draw_all(records, PICTURES):
        print(f"drew {picture.relative_to(ROOT)}")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
