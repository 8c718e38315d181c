"""Draws the plots of docs/performance.md from raw runs, with matplotlib; used by `report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bench.results import Record, median, select
from bench.stacks import TITLES
from bench.verdict import cell

# One colour and one mark for each stack everywhere; told apart also by those who see no red or green.
COLOURS = {
    "teahouse": "#0b6e4f",
    "ws": "#e08a00",
    "ws_joined": "#b3541e",
    "socketio": "#7a5195",
    "channels_redis": "#3a7ca5",
    "tutorial": "#8c8c8c",
}
MARKS = {"teahouse": "o", "ws": "s", "ws_joined": "D", "socketio": "^", "channels_redis": "v", "tutorial": "X"}
INK, FAINT = "#222222", "#dddddd"
STYLE: dict[Any, Any] = {
    "font.size": 10.5,
    "font.family": "DejaVu Sans",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#888888",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.grid": True,
    "grid.color": FAINT,
    "legend.frameon": False,
    "svg.hashsalt": "teahouse",
}


def draw_all(records: list[Record], folder: Path) -> list[Path]:
    """Draw what the runs have figures for; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {
        "bench-fan-out.png": fan_out,
        "bench-alone.png": alone,
        "bench-idle.png": idle,
        "bench-return.png": coming_back,
        "bench-reads.png": reads,
    }
    made = []
    with mpl.rc_context(STYLE):
        for name, draw in drawings.items():
            figure = draw(records)
            if figure is not None:
                # Without the date and version that a PNG would carry: the same runs draw the same file.
                figure.savefig(folder / name, dpi=110, facecolor="white", metadata={"Software": None})
                made.append(folder / name)
    return made


def fan_out(records: list[Record]) -> Figure | None:
    """Deliveries a second by members, one panel for each number in flight."""
    runs = select(records, "fanout")
    if not runs:
        return None
    sizes, windows = (sorted({run[name] for run in runs}) for name in ("members", "window"))
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    panels = figure.subplots(1, len(windows), sharey=True, squeeze=False)[0]
    for axes, window in zip(panels, windows, strict=True):
        for stack in TITLES:
            rates = [cell(records, stack, members, window, "deliveries_per_second") for members in sizes]
            axes.plot(sizes, [rate or None for rate in rates], label=TITLES[stack], **_line(stack))
        axes.set(title=f"{window} in flight", xscale="log", yscale="log", xlabel="members of the room", xticks=sizes)
        axes.xaxis.set_major_formatter(FuncFormatter(_plain))
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
        axes.yaxis.set_major_formatter(FuncFormatter(_short))
    panels[0].set_ylabel("deliveries per second (log)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6)
    figure.suptitle("Deliveries per second, one core for each server (higher is better)", fontweight="bold")
    return figure


def alone(records: list[Record]) -> Figure | None:
    """What one message at a time takes to the last member of a room of 100, in the middle and for 99 of 100."""
    found = [
        (stack, middle, cell(records, stack, 100, 1, "p99_ms"))
        for stack in TITLES
        if (middle := cell(records, stack, 100, 1, "p50_ms")) is not None
    ]
    if not found:
        return None
    figure, axes = _bars("A message alone in a room of 100: to the last member", len(found))
    for place, (stack, middle, most) in enumerate(found):
        # A point and not a bar: on this axis no bar would have a foot to stand on.
        axes.plot([middle, most or middle], [place, place], color=COLOURS[stack], linewidth=2.5, alpha=0.5)
        axes.plot(middle, place, color=COLOURS[stack], marker=MARKS[stack], markersize=10)
        note = f"{middle:.2f} ms" + (f", 99 of 100 within {most:.2f}" if most is not None else "")
        axes.text(max(middle, most or 0) * 1.25, place, note, va="center", fontsize=9.5)
    axes.set(
        xscale="log", xlabel="milliseconds (log), lower is better; Teahouse's is on disk by then, the others' are not"
    )
    axes.set_xlim(left=axes.get_xlim()[0] / 1.5, right=axes.get_xlim()[1] * 8)
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(FuncFormatter(_plain))
    axes.set_yticks(range(len(found)), [TITLES[stack] for stack, *_ in found])
    return figure


def idle(records: list[Record]) -> Figure | None:
    """Bytes that an idle connection holds, the process's and the kernel's."""
    bars = idle_bars(records)
    if not bars:
        return None
    figure, axes = _bars("An idle connection", len(bars))
    for place, (title, own, kernel) in enumerate(bars):
        colour = COLOURS["teahouse" if "eahouse" in title else "ws"]
        axes.barh(place, own / 1024, color=colour, height=0.6)
        axes.barh(place, kernel / 1024, left=own / 1024, color=colour, alpha=0.4, height=0.6)
        axes.text((own + kernel) / 1024, place, f"  {own / 1024:.1f} + {kernel / 1024:.1f}", va="center", fontsize=9.5)
    axes.set(xlabel="KiB per connection, lower is better: the server's own (full colour) and the kernel's (pale)")
    axes.set_xlim(right=axes.get_xlim()[1] * 1.12)
    axes.set_yticks(range(len(bars)), [title for title, *_ in bars])
    return figure


def idle_bars(records: list[Record]) -> list[tuple[str, float, float]]:
    """Return title, own bytes and kernel bytes of each kind of idle connection."""
    titles = {"ws": "Node ws", "guests": "Teahouse, guest", "users": "Teahouse, logged in"}
    found = [(titles[who], select(records, "idle", who=who)) for who in titles]
    return [
        (title, median(runs, "own_bytes") or 0.0, max(0.0, median(runs, "kernel_bytes") or 0.0))
        for title, runs in found
        if runs
    ]


def coming_back(records: list[Record]) -> Figure | None:
    """Seconds from listening until the last one is level."""
    titles = {
        "bare": "bare handshakes,\nsame server class",
        "guests": "Teahouse, guests",
        "bare-users": "bare handshakes\nthat log in (Channels)",
        "users": "Teahouse, logged in",
    }
    found = [
        (who, seconds)
        for who in titles
        if (seconds := median(select(records, "returning", who=who), "connect_seconds")) is not None
    ]
    if not found:
        return None
    members = select(records, "returning")[0]["members"]
    figure, axes = _bars(f"{members:,} come back at once after a restart".replace(",", " "), len(found))
    for place, (who, seconds) in enumerate(found):
        axes.barh(place, seconds, color=COLOURS["tutorial" if who.startswith("bare") else "teahouse"], height=0.6)
        axes.text(seconds, place, f"  {seconds:.2f} s", va="center", fontsize=9.5)
    axes.set(xlabel="seconds from listening until the last one is level, lower is better")
    axes.set_xlim(right=axes.get_xlim()[1] * 1.08)
    axes.set_yticks(range(len(found)), [titles[who] for who, _ in found])
    return figure


def reads(records: list[Record]) -> Figure | None:
    """How long each read takes by messages in the room, as a multiple of the same read in the smallest room."""
    found = select(records, "reads")
    if not found:
        return None
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    axes = figure.subplots()
    lengths: list[int] = []
    for number, (name, read) in enumerate(found[-1]["found"]["reads"].items()):
        lengths = [int(size) for size in read["sizes"]]
        label = f"{name} ({list(read['sizes'].values())[-1]['ms']:.2f} ms)"
        axes.plot(lengths, [of["ratio"] for of in read["sizes"].values()], marker="osD^vXP*"[number % 8], label=label)
    axes.axhline(1.5, color=INK, linewidth=1, linestyle=":", label="what must hold: 1.5")
    axes.set(xscale="log", xlabel="messages in the room", ylabel="times the smallest room", xticks=lengths)
    axes.set_ylim(0, max(2, axes.get_ylim()[1]))
    axes.xaxis.set_major_formatter(FuncFormatter(_plain))
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.set_title("Reads by the length of the room: flat is good", loc="left")
    legend: dict[str, Any] = {"title": "ms in the longest room", "alignment": "left", "loc": "outside right upper"}
    figure.legend(*axes.get_legend_handles_labels(), **legend)
    return figure


def _bars(title: str, count: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(9, 1.3 + 0.48 * count), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left")
    axes.grid(visible=False, axis="y")
    axes.invert_yaxis()
    axes.set_axisbelow(True)
    return figure, axes


def _line(stack: str) -> dict[str, Any]:
    is_ours = stack == "teahouse"
    return {
        "color": COLOURS[stack],
        "marker": MARKS[stack],
        "linewidth": 2.8 if is_ours else 1.6,
        "markersize": 7 if is_ours else 5.5,
        "linestyle": "--" if stack == "ws_joined" else "-",
        "zorder": 5 if is_ours else 3,
    }


def _plain(value: float, _: int) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 1 else f"{value:g}"


def _short(value: float, _: int) -> str:
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g} k" if value >= 1e3 else f"{value:g}"
