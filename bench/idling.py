"""Bytes that an idle connection holds, in the server and in the kernel: Node's, a guest's, a logged-in user's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.plan import Plan
from bench.processes import ROOT, Program, free_port
from bench.progress import Progress
from bench.results import Results
from bench.stacks import STACKS, start_teahouse

HELLO = {"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "lobby"}]}
KINDS = ("ws", "guests", "users")
LIMIT_SECONDS = 180


def runs(plan: Plan) -> int:
    """How many runs there will be."""
    return plan.rounds * len(KINDS)


def run(plan: Plan, results: Results, progress: Progress) -> None:
    """Open so many idle connections on a fresh server of each kind, and see by how much it has grown."""
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
        for turn in range(plan.rounds):
            for kind in KINDS:
                progress.begins(f"{plan.idle} idle connections, round {turn + 1} of {plan.rounds}: {kind}")
                found = _measure(plan, Path(folder) / f"{kind}{turn}", kind)
                if found is None:
                    progress.says("it could not be measured, and is not in the results")
                    continue
                results.add("idle", who=kind, round=turn, own_bytes=found["bytes"]["rss"],
                            kernel_bytes=sum(found["kernel_bytes"].values()), found=found)  # fmt: skip
                progress.says(f"{found['bytes']['rss']:,} bytes, and {found['kernel_bytes']} in the kernel")


def _measure(plan: Plan, folder: Path, kind: str) -> dict[str, dict[str, int]] | None:
    folder.mkdir()
    arguments: list[str] = []
    if kind == "ws":
        (program,) = STACKS[1].launch(folder, plan.server_core)
    else:
        program, arguments = _teahouse(plan, folder, kind)
    url = f"ws://127.0.0.1:{program.port}/{'' if kind == 'ws' else 'ws/'}"
    command = ["taskset", "-c", plan.load_core, sys.executable, "bench/idle.py", url, "--pid", str(program.process.pid)]
    command += ["--connections", str(plan.idle), *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS)
    finally:
        program.end(signal.SIGKILL)
    if done.returncode:
        print(done.stderr[-500:], flush=True)
        return None
    found: dict[str, dict[str, int]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _teahouse(plan: Plan, folder: Path, kind: str) -> tuple[Program, list[str]]:
    """A server on data with people in it, started anew so that their making is not in its memory."""
    port = free_port()
    start_teahouse(folder, plan.server_core, port)[0].end()
    files = {name: folder / name for name in ("users", "guests")}
    environment = {**os.environ, "TEAHOUSE_DATA": str(folder / "data")}
    people = [sys.executable, "-m", "bench.people", str(plan.idle + 100), str(files["users"]), str(files["guests"])]
    subprocess.run(people, check=True, cwd=ROOT, env=environment)
    # Cookies count only with the Origin of the site's own page; a tab parts two headers.
    lines = [f"Origin: http://127.0.0.1:{port}\t{line}" for line in files[kind].read_text().splitlines()]
    files[kind].write_text("\n".join(lines) + "\n")
    options = ["--protocol", "teahouse.v1", "--headers-file", str(files[kind]), "--send", json.dumps(HELLO)]
    return start_teahouse(folder, plan.server_core, port)[0], [*options, "--wait", '"reset"']
