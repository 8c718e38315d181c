"""Raw runs as JSON lines: written as they are measured, read by the verdict and the report."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Results:
    """One file of raw runs, appended to as they come; a file that is there already is gone on with."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.records: list[Record] = read(path) if path.exists() else []

    def add(self, kind: str, **fields: Any) -> Record:
        """Keep one raw run."""
        record = {"kind": kind, **fields}
        self.records.append(record)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        return record

    def has(self, kind: str, **fields: Any) -> bool:
        """Claim that such a run was measured already."""
        return any(matches(record, kind, fields) for record in self.records)


def read(path: Path) -> list[Record]:
    """Return the runs of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def matches(record: Record, kind: str, fields: dict[str, Any]) -> bool:
    """Claim that a run is of this kind, with these fields."""
    return record["kind"] == kind and all(record.get(name) == value for name, value in fields.items())


def select(records: Iterable[Record], kind: str, **fields: Any) -> list[Record]:
    """Return the runs of a kind, with these fields."""
    return [record for record in records if matches(record, kind, fields)]


def median(records: Iterable[Record], name: str) -> float | None:
    """Return the median of a field over the runs that have it; a run that never got there counts as endless."""
    values = [float("inf") if record[name] is None else float(record[name]) for record in records if name in record]
    if not values:
        return None
    middle = statistics.median_high(values)
    return None if middle == float("inf") else middle


def total(records: Iterable[Record], name: str) -> int:
    """Return the sum of a field."""
    return sum(int(record.get(name, 0)) for record in records)


def writer_rows(records: Iterable[Record]) -> dict[str, Record]:
    """Return what bench/writes.py found, by the number of authors."""
    found: list[Record] = select(records, "writes")
    last: Record = found[-1]["found"] if found else {}
    return {name: row for name, row in last.items() if isinstance(row, dict) and "percent" in row}
