"""The tables of docs/performance.md, each from raw runs alone; used by `report`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bench.results import Record, median, select, total, writer_rows
from bench.stacks import TITLES
from bench.verdict import cell, lines

WHO = {
    "ws": "Node ws",
    "bare": "bare handshakes",
    "bare-users": "bare handshakes that log in (Channels)",
    "guests": "Teahouse, guests",
    "users": "Teahouse, logged in",
}


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    shown = ["| " + " | ".join(row) + " |" for row in (head, ["---", *["--:"] * (len(head) - 1)], *rows)]
    return "\n".join(shown)


def run(records: list[Record]) -> str:
    """What the figures were measured on, with, and by which version."""
    (first, *others) = select(records, "run")
    versions = ", ".join(f"{name} {number}" for name, number in first["versions"].items())
    changed = " with changes that were not committed" if first["changed"] else ""
    warning = (
        "\n\n**This was a quick run: its figures say that the bench works, and no more.**" if first["quick"] else ""
    )
    machine = f"{first['processor']}, {first['cores']} cores, {first['memory_gib']:g} GiB, {first['system']}"
    disk = f"one page is safe on its disk after {first['fdatasync_ms']:g} ms (`fdatasync`)"
    earlier = "".join(
        f" Measured in a run at commit `{other['commit']}`: {', '.join(other['only'])}." for other in others
    )
    return (
        f"Measured on {first['date']} at commit `{first['commit']}`{changed}: {machine}; {disk}. {versions}. "
        f"Each figure is the median of {first['rounds']} runs.{earlier}{warning}"
    )


def promised(records: list[Record]) -> str:
    """Each promised number with what came of it."""
    return markdown(["", "measured", "must", "reach", ""], lines(records))


def fan_out(records: list[Record]) -> str:
    """Deliveries a second, one table for each number in flight."""
    sizes, windows = (sorted({run[name] for run in select(records, "fanout")}) for name in ("members", "window"))
    parts = []
    for window in windows:
        rows = [[TITLES[stack], *(rate(records, stack, members, window) for members in sizes)] for stack in TITLES]
        head = [f"{window} in flight", *(f"{spaced(members)} members" for members in sizes)]
        parts.append(markdown(head, rows))
    return "\n\n".join(parts)


def rate(records: list[Record], stack: str, members: int, window: int) -> str:
    """One cell: deliveries a second, and what was not finished."""
    runs = select(records, "fanout", stack=stack, members=members, window=window)
    if not runs:
        return "–"
    value = median(runs, "deliveries_per_second")
    if value is None:
        return f"unfinished: {runs[0].get('unfinished', '')}"
    cut = [run for run in runs if run.get("cut_off")]
    note = f" (unfinished: {cut[0]['complete']} of {cut[0]['messages']} messages in 20 s)" if cut else ""
    return spaced(value) + note


def latency(records: list[Record]) -> str:
    """One message at a time: milliseconds to the last member, in the middle and for 99 of 100."""
    sizes = sorted({run["members"] for run in select(records, "fanout")})

    def shown(stack: str, members: int) -> str:
        values = (cell(records, stack, members, 1, name) for name in ("p50_ms", "p99_ms"))
        return " / ".join("never" if value is None else f"{value:.2f}" for value in values)

    rows = [[TITLES[stack], *(shown(stack, members) for members in sizes)] for stack in TITLES]
    return markdown(["ms, p50 / p99", *(f"{spaced(members)} members" for members in sizes)], rows)


def reconciled(records: list[Record]) -> str:
    """What became of everything that was sent, over all runs."""
    rows = []
    for stack in TITLES:
        runs = select(records, "fanout", stack=stack)
        names = ("messages", "deliveries", "lost", "twice", "cut_off", "closed")
        rows.append([TITLES[stack], *(spaced(total(runs, name)) for name in names)])
    return markdown(["", "messages", "deliveries", "lost", "twice", "cut off after 20 s", "lines closed"], rows)


def second_load(records: list[Record]) -> str:
    """Messages a second with one load process and with two, and how busy the first was."""
    rows = []
    for stack in dict.fromkeys(run["stack"] for run in select(records, "second_load")):
        for window in (4, 64):
            runs = [select(records, "second_load", stack=stack, window=window, loads=loads) for loads in (1, 2)]
            rates = [median(of, "messages_per_second") or 0.0 for of in runs]
            busy = median(runs[0], "busy") or 0.0
            rows.append([f"{TITLES[stack]}, {window} in flight", *(f"{one:,.1f}" for one in rates), f"{busy:.0%}"])
    return markdown(["messages/s, room of 1 000", "one load process", "two", "one was at work"], rows)


def arrivals(records: list[Record]) -> str:
    """Connections a second, from the first dial to the last who is in the room."""
    sizes = [size for size in sorted({run["members"] for run in select(records, "arrival")}) if size >= 1_000]

    def shown(stack: str, members: int) -> str:
        runs = select(records, "arrival", stack=stack, members=members, opened=members)
        seconds = median(runs, "connect_seconds") if runs else None
        return spaced(members / seconds) if seconds else "–"

    rows = [[TITLES[stack], *(shown(stack, members) for members in sizes)] for stack in TITLES]
    return markdown(["connections/s", *(f"{spaced(members)} members" for members in sizes)], rows)


def idle(records: list[Record]) -> str:
    """Bytes of an idle connection."""
    rows = []
    for who in dict.fromkeys(run["who"] for run in select(records, "idle")):
        runs = select(records, "idle", who=who)
        rows.append(
            [WHO[who], *(spaced(max(0.0, median(runs, name) or 0.0)) for name in ("own_bytes", "kernel_bytes"))]
        )
    return markdown(["bytes per connection", "the server's own", "the kernel's"], rows)


def returning(records: list[Record]) -> str:
    """Seconds until the last one is level."""
    rows = []
    bare = median(select(records, "returning", who="bare"), "connect_seconds")
    for who in dict.fromkeys(run["who"] for run in select(records, "returning")):
        seconds = median(select(records, "returning", who=who), "connect_seconds")
        times = f"{seconds / bare:.2f} ×" if seconds and bare else "–"
        rows.append([WHO[who], "–" if seconds is None else f"{seconds:.2f}", times])
    return markdown(["seconds until the last one is level", "", "against bare"], rows)


def reads(records: list[Record]) -> str:
    """Milliseconds of each read, and its growth."""
    found = select(records, "reads")
    if not found:
        return "–"
    asked: dict[str, Any] = found[-1]["found"]["reads"]
    sizes = list(next(iter(asked.values()))["sizes"])
    rows = []
    for name, read in asked.items():
        last = read["sizes"][sizes[-1]]
        rows.append([name, *(f"{read['sizes'][size]['ms']:.3f}" for size in sizes), f"{last['ratio']:.2f} ×"])
    return markdown(["ms, messages in the room", *(spaced(int(size)) for size in sizes), "growth"], rows)


def sends(records: list[Record]) -> str:
    """Messages a second through sockets."""
    rows = []
    for window in sorted({run["window"] for run in select(records, "sends")}):
        runs = select(records, "sends", window=window)
        rate, middle = median(runs, "messages_per_second"), median(runs, "p50_ms")
        rows.append([f"{window} in flight", spaced(rate or 0), "–" if middle is None else f"{middle:.2f}"])
    return markdown(["through 4 sockets", "messages/s", "ms, p50"], rows)


def writes(records: list[Record]) -> str:
    """Sends a second through the writer, beside raw `executemany` of the same rows in equal batches."""
    rows = [
        [name, spaced(row["writer_per_second"]), spaced(row["raw_per_second"]), f"{row['percent']:.0f} %"]
        for name, row in writer_rows(records).items()
    ]
    return markdown(["", "through the writer, per second", "raw `executemany`", "share"], rows)


def spaced(value: float) -> str:
    """Return a whole number with thin groups of three."""
    return f"{value:,.0f}".replace(",", " ")
