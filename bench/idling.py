"""Bytes that an idle connection holds, in the server and in the kernel: Node's, a guest's, a logged-in user's."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.plan import Plan
from bench.processes import ROOT, Program, free_port
from bench.progress import Progress
from bench.results import Results
from bench.stacks import STACKS, start_teahouse
from teahouse_site.bench.load import Dialect, Server, teahouse

KINDS = ("ws", "guests", "users")
WARM = 50
SETTLE_SECONDS = 2


def runs(plan: Plan) -> int:
    """How many runs there will be."""
    return plan.rounds * len(KINDS)


def run(plan: Plan, results: Results, progress: Progress) -> None:
    """Open so many idle connections on a fresh server of each kind, and see by how much it has grown."""
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
        for turn in range(plan.rounds):
            for kind in KINDS:
                progress.begins(f"{plan.idle} idle connections, round {turn + 1} of {plan.rounds}: {kind}")
                grown = _measure(plan, Path(folder) / f"{kind}{turn}", kind)
                results.add("idle", who=kind, round=turn, members=plan.idle, **grown)
                progress.says(", ".join(f"{name} {value:,.0f}" for name, value in grown.items()) + " per connection")


def _measure(plan: Plan, folder: Path, kind: str) -> dict[str, float]:
    folder.mkdir()
    if kind == "ws":
        program, dialect, options = _node(plan, folder)
    else:
        program, dialect, options = _teahouse(plan, folder, folder / kind)
    try:
        # What the first connections bring into being, once and for all, is not theirs.
        with _held(plan, program, dialect, WARM, options):
            before = _memory(program)
            with _held(plan, program, dialect, plan.idle, options):
                after = _memory(program)
    finally:
        program.end(signal.SIGKILL)
    return {name: (after[name] - before[name]) / plan.idle for name in after}


def _node(plan: Plan, folder: Path) -> tuple[Program, Dialect, list[str]]:
    (program,) = STACKS[1].launch(folder, plan.server_core)
    return program, Dialect("/"), []


def _teahouse(plan: Plan, folder: Path, headers: Path) -> tuple[Program, Dialect, list[str]]:
    """A server on data with people in it, started anew so that their making is not in its memory."""
    port = free_port()
    start_teahouse(folder, plan.server_core, port)[0].end()
    environment = {**os.environ, "TEAHOUSE_DATA": str(folder / "data")}
    people = [sys.executable, "-m", "bench.people", str(plan.idle), str(folder / "users"), str(folder / "guests")]
    subprocess.run(people, check=True, cwd=ROOT, env=environment)
    # Cookies count only with the Origin of the site's own page.
    options = ["--headers-file", str(headers), "--header", f"Origin: http://127.0.0.1:{port}"]
    # What the doctor's look frees, connections would fill unseen.
    (program,) = start_teahouse(folder, plan.server_core, port, {"TEAHOUSE_DOCTOR": "off"})
    return program, teahouse("lobby"), options


@contextmanager
def _held(plan: Plan, program: Program, dialect: Dialect, members: int, options: list[str]) -> Iterator[None]:
    """So many members are in, and the server has come to rest."""
    command = plan.load.command(Server("127.0.0.1", program.port), dialect, members, "--hold", "1", *options)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holding:
        assert holding.stdout
        opened = json.loads(holding.stdout.readline() or "{}").get("opened")
        if opened != members:
            raise RuntimeError(f"{opened} of {members} idle members got in:\n{program.text[-1000:]}")
        program.becomes_idle()
        time.sleep(SETTLE_SECONDS)
        yield
        holding.communicate("0\n", timeout=30)


def _memory(program: Program) -> dict[str, float]:
    """Bytes that the server holds, and that the kernel holds for TCP (of both ends, when both are here)."""
    rollup = Path(f"/proc/{program.process.pid}/smaps_rollup").read_text()
    own = re.search(r"^Private_Dirty:\s+(\d+) kB", rollup, re.MULTILINE)
    tcp = re.search(r"^TCP: .* mem (\d+)", Path("/proc/net/sockstat").read_text(), re.MULTILINE)
    buffers = int(tcp[1]) * os.sysconf("SC_PAGE_SIZE") if tcp else 0
    return {"own_bytes": int(own[1]) * 1024 if own else 0, "kernel_bytes": buffers + _slabs()}


def _slabs() -> int:
    """What the kernel's own objects take; 0 where only root may know."""
    try:
        rows = Path("/proc/slabinfo").read_text().splitlines()[2:]
    except OSError:
        return 0
    return sum(int(row.split()[1]) * int(row.split()[3]) for row in rows)
