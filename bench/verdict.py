"""The promised numbers, row by row: what must hold, what we want, and what the raw runs say; used by run and report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.results import Record, median, select, writer_rows


@dataclass(frozen=True)
class Row:
    """One promise: a ratio that must be at least (or at most) so much."""

    title: str
    measure: Callable[[list[Record]], float | None]
    must: float
    reach: float
    is_at_most: bool = False
    unit: str = "×"

    def verdict(self, value: float | None) -> str:
        """Return whether it was measured, missed, kept, or reached."""
        if value is None:
            return "not measured"
        if self._holds(value, self.reach):
            return "reached"
        return "kept" if self._holds(value, self.must) else "MISSED"

    def _holds(self, value: float, limit: float) -> bool:
        return value <= limit if self.is_at_most else value >= limit

    def show(self, value: float | None) -> str:
        """Return a value as the table writes it."""
        if value is None:
            return "–"
        digits = 2 if value < 20 and self.unit == "×" else 0
        return f"{value:,.{digits}f} {self.unit}".replace(",", " ")


def cell(records: list[Record], stack: str, members: int, window: int, name: str) -> float | None:
    """Return the median of a cell of the matrix."""
    return median(select(records, "fanout", stack=stack, members=members, window=window), name)


def ratio(above: float | None, below: float | None) -> float | None:
    """Return one through the other, when both are there."""
    return above / below if above is not None and below else None


def rate_against(rival: str, window: int) -> Callable[[list[Record]], float | None]:
    """Deliveries a second in the room of 1 000, as a multiple of a rival's."""

    def measure(records: list[Record]) -> float | None:
        ours, theirs = (cell(records, stack, 1_000, window, "deliveries_per_second") for stack in ("teahouse", rival))
        return ratio(ours, theirs)

    return measure


def latency_against_ws(records: list[Record]) -> float | None:
    """Alone in a room of 100, from the send to the last member, as a multiple of Node's."""
    return ratio(*(cell(records, stack, 100, 1, "p50_ms") for stack in ("teahouse", "ws")))


def return_against_bare(who: str, bare: str = "bare") -> Callable[[list[Record]], float | None]:
    """From listening to the last one level, as a multiple of bare handshakes."""

    def measure(records: list[Record]) -> float | None:
        return ratio(*(median(select(records, "returning", who=kind), "connect_seconds") for kind in (who, bare)))

    return measure


def idle_against_ws(records: list[Record]) -> float | None:
    """Bytes of an idle logged-in connection, the kernel's left out on both sides, as a multiple of Node's."""
    return ratio(*(median(select(records, "idle", who=who), "own_bytes") for who in ("users", "ws")))


def worst_read(records: list[Record]) -> float | None:
    """The read that grows most between the smallest room and the largest."""
    found = select(records, "reads")
    if not found:
        return None
    reads = found[-1]["found"]["reads"].values()
    return max(float(of["ratio"]) for read in reads for of in read["sizes"].values())


def writer_share(records: list[Record]) -> float | None:
    """Sends through the writer, in hundredths of what raw SQLite takes; of one author and of many, the worse."""
    return min((float(row["percent"]) for row in writer_rows(records).values()), default=None)


ROWS = [
    Row("fan-out, room of 1 000, 4 in flight, against Node `ws`", rate_against("ws", 4), 1.5, 3),
    Row("the same, 64 in flight", rate_against("ws", 64), 8, 20),
    Row("the same, 4 in flight, against the tutorial's stack", rate_against("tutorial", 4), 75, 150),
    Row("the same, 64 in flight", rate_against("tutorial", 64), 400, 1_000),
    Row("alone, room of 100: send to last member, against Node `ws`", latency_against_ws, 3, 1.5, is_at_most=True),
    Row("idle connection, logged in, bytes against Node `ws`", idle_against_ws, 3, 1, is_at_most=True),
    Row("return of all, guests, against bare handshakes", return_against_bare("guests"), 2, 1.2, is_at_most=True),
    Row("return of all, logged in, against bare handshakes", return_against_bare("users"), 2, 1.2, is_at_most=True),
    Row(
        "the same, against bare handshakes that log in",
        return_against_bare("users", "bare-users"),
        2,
        1.2,
        is_at_most=True,
    ),
    Row("any read, the largest room against the smallest", worst_read, 1.5, 1.1, is_at_most=True),
    Row("durable sends through the writer, of raw `executemany`", writer_share, 25, 60, unit="%"),
]


def lines(records: list[Record]) -> Iterable[tuple[str, str, str, str, str]]:
    """Return row, measured, must, reach and verdict, as texts."""
    for row in ROWS:
        value = row.measure(records)
        sign = "≤" if row.is_at_most else "≥"
        yield (
            row.title,
            row.show(value),
            f"{sign} {row.must:g} {row.unit}",
            f"{sign} {row.reach:g} {row.unit}",
            row.verdict(value),
        )


def table(records: list[Record]) -> str:
    """Return the rows for a terminal, and what was lost or came twice in all."""
    shown = [("row", "measured", "must", "reach", "verdict"), *lines(records)]
    widths = [max(len(row[column]) for row in shown) for column in range(5)]
    text = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in shown]
    for stack in dict.fromkeys(record["stack"] for record in select(records, "fanout")):
        runs = select(records, "fanout", stack=stack)
        lost, twice = (sum(run.get(name, 0) for run in runs) for name in ("lost", "twice"))
        text.append(f"{stack}: lost {lost}, twice {twice}, in {len(runs)} runs")
    return "\n".join(text)
