"""Runs the measures that are programs of their own (`reads`, `writes`) and keeps the JSON that they print."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.plan import Plan
from bench.processes import ROOT
from bench.progress import Progress
from bench.results import Results

LIMIT_SECONDS = 900


def run(name: str, plan: Plan, results: Results, progress: Progress) -> None:
    """Run `bench/NAME.py --json` on the server's core, and keep what it says as one record."""
    progress.begins(f"bench/{name}.py")
    command = ["taskset", "-c", plan.server_core, sys.executable, f"bench/{name}.py", "--json"]
    command += ["--sizes", plan.reads] if name == "reads" else []
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=LIMIT_SECONDS)
    if done.returncode:
        raise RuntimeError(f"bench/{name}.py ended with {done.returncode}")
    results.add(name, found=json.loads(done.stdout[done.stdout.index("{") :]))
