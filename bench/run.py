"""Measures Teahouse beside its rivals and prints what came of each promised number: `make bench`."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import fanout, idling, machine, returning, scripts, sends
from bench.plan import Plan, quick
from bench.processes import ROOT
from bench.progress import Progress
from bench.results import Results
from bench.stacks import RIVALS, STACKS
from bench.verdict import table
from teahouse_site.bench.build import CannotBuild, load_program
from teahouse_site.bench.load import Load

RESULTS = ROOT / "bench" / "results"
Measure = Callable[[Plan, Results, Progress], None]

# The quickest first, so that what is broken is known early; the matrix last.
MEASURES: dict[str, tuple[Measure, Callable[[Plan], int]]] = {
    "writes": (partial(scripts.run, "writes"), lambda plan: 1),
    "sends": (sends.run, lambda plan: plan.rounds),
    "idle": (idling.run, idling.runs),
    "reads": (partial(scripts.run, "reads"), lambda plan: 1),
    "returning": (returning.run, returning.runs),
    "second-load": (fanout.run_second_load, lambda plan: plan.rounds * 4),
    "fanout": (fanout.run, lambda plan: plan.rounds * len(plan.sizes) * len(STACKS)),
}


def main() -> None:
    """Do what the command line says."""
    options = _options()
    _check_parts()
    results = Results(options.results or RESULTS / time.strftime("%Y%m%d-%H%M%S.jsonl", time.gmtime()))
    plan = _plan(options)
    if not results.records:
        fixed = {"quick": plan.is_quick, "seconds": plan.seconds, "rounds": plan.rounds}
        results.add("run", only=options.only, **fixed, **machine.described())
    print(f"Raw runs go to {results.path}", flush=True)
    began = time.monotonic()
    failed = [name for name in MEASURES if name in options.only and not _measured(name, plan, results)]
    print(f"\nMeasured in {(time.monotonic() - began) / 60:.1f} minutes.\n\n{table(results.records)}")
    if failed:
        sys.exit(f"bench: these failed, as told above: {', '.join(failed)}")


def _measured(name: str, plan: Plan, results: Results) -> bool:
    """Measure one thing; when that fails, say why, and let the others have their turn."""
    measure, runs = MEASURES[name]
    try:
        measure(plan, results, Progress(name, runs(plan)))
    except Exception:
        traceback.print_exc()
        return False
    return True


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="everything once and small, to see that it works")
    parser.add_argument("--only", type=_names, default=list(MEASURES), help=f"of {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, help="runs of each cell, of which the median counts")
    parser.add_argument("--results", type=Path, help="go on with this file of raw runs")
    return parser.parse_args()


def _names(word: str) -> list[str]:
    unknown = set(word.split(",")) - set(MEASURES)
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    return word.split(",")


def _plan(options: argparse.Namespace) -> Plan:
    cores = sorted(os.sched_getaffinity(0))
    load = Load(load_program(), under=["taskset", "-c", str(cores[1])])
    plan = quick(load) if options.quick else Plan(load)
    return dataclasses.replace(
        plan, rounds=options.rounds or plan.rounds, server_core=str(cores[0]), load_core=str(cores[1])
    )


def _check_parts() -> None:
    """Exit with one line when a part of the bench is missing."""
    missing = [name for name in ("taskset", "node", "redis-server") if shutil.which(name) is None]
    missing += (
        [] if (RIVALS / "node_modules" / "ws").exists() else ["bench/rivals/node_modules (make bench installs it)"]
    )
    missing += [] if len(os.sched_getaffinity(0)) > 1 else ["a second core"]
    try:
        load_program()
    except CannotBuild as error:
        missing.append(str(error))
    if missing:
        sys.exit(f"bench: missing: {', '.join(missing)}")


if __name__ == "__main__":
    main()
