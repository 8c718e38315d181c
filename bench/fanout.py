"""Deliveries of one room by members, messages in flight and stack, and whether a second load process changes them."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from bench.plan import Plan
from bench.progress import Progress
from bench.results import Results, select
from bench.stacks import STACKS, Running, Stack
from teahouse_site.bench.load import LoadFailed, Outcome

MARGIN_SECONDS = 60


@dataclass
class Servers:
    """The stacks that were started for one size of room; all but one are frozen."""

    folder: Path
    core: str
    running: dict[str, Running] = field(default_factory=dict)

    @contextmanager
    def awake(self, stack: Stack) -> Iterator[Running]:
        """The stack, and nothing else, has the core; it stays for the next run when it comes to rest afterwards."""
        found = self.running.pop(stack.name, None)
        if found is None:
            found = stack.start(self.folder / f"{stack.name}-{token_hex(3)}", self.core)
        else:
            found.thaw()
        is_usable = False
        try:
            yield found
            is_usable = found.programs[0].process.poll() is None and found.programs[0].becomes_idle()
        finally:
            if is_usable:
                found.freeze()
                self.running[stack.name] = found
            else:
                found.end()

    def end(self) -> None:
        """End them all."""
        for found in self.running.values():
            found.end()
        self.running.clear()


def run(plan: Plan, results: Results, progress: Progress) -> None:
    """Measure every cell: sizes one after the other, and inside a size the stacks in turn, round by round."""
    for members in plan.sizes:
        with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
            servers = Servers(Path(folder), plan.server_core)
            try:
                for turn in range(plan.rounds):
                    # Who comes first changes, so that nobody always follows the same neighbour.
                    first = turn % len(STACKS)
                    for stack in STACKS[first:] + STACKS[:first]:
                        _stack(plan, results, progress, servers, stack, members, turn)
            finally:
                servers.end()


def _stack(
    plan: Plan, results: Results, progress: Progress, servers: Servers, stack: Stack, members: int, turn: int
) -> None:
    """One turn of a stack: all its windows, on new lines after one that was not finished."""
    place = {"stack": stack.name, "members": members, "round": turn}
    waiting = [window for window in plan.windows if not is_settled(results, window, place)]
    progress.begins(f"{members} members, round {turn + 1} of {plan.rounds}, {stack.title}")
    if waiting and any(run["opened"] < members for run in select(results.records, "arrival", **{**place, "round": 0})):
        progress.says("not all of them got in before, and they are not asked again")
        return
    while waiting:
        outcome = _measure(plan, servers, stack, members, waiting)
        if outcome.arrival:
            results.add("arrival", **{**outcome.arrival, **place})
        for window in outcome.windows:
            waiting.remove(window["window"])
            results.add("fanout", **place, **window)
            progress.says(told(window))
        while waiting and not outcome.windows:
            results.add("fanout", **place, window=waiting.pop(0), unfinished=why(outcome))
            progress.says(f"unfinished: {why(outcome)}")


def is_settled(results: Results, window: int, place: dict[str, Any]) -> bool:
    """Claim that a cell was measured in this round, or cut off in its first: what takes 20 s takes them again."""
    first = select(results.records, "fanout", **{**place, "round": 0}, window=window)
    return results.has("fanout", window=window, **place) or any(run.get("cut_off") for run in first)


def _measure(plan: Plan, servers: Servers, stack: Stack, members: int, windows: Sequence[int]) -> Outcome:
    dialect = stack.dialect(f"bench{token_hex(4)}")
    try:
        with servers.awake(stack) as running:
            options = ["--server-pid", str(running.programs[0].process.pid)]
            try:
                outcome = plan.load.run(
                    running.server, dialect, members, windows, seconds=plan.seconds, options=options
                )
            except LoadFailed as error:
                raise RuntimeError(f"{error}\n{running.programs[0].text[-2000:]}") from error
            if not outcome.is_whole:
                # What it still has to do would be done in the next run.
                running.end()
            return outcome
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"  {stack.title}: {error}", flush=True)
        return Outcome()


def why(outcome: Outcome) -> str:
    """Return why a run has no windows."""
    arrival = outcome.arrival
    return f"{arrival['opened']} of {arrival['members']} got in within 60 s" if arrival else "the load could not go on"


def told(window: dict[str, object]) -> str:
    """Return one line about a window."""
    missing = int(str(window["messages"])) - int(str(window["complete"]))
    rate = float(str(window["deliveries_per_second"]))
    middle = "never" if window["p50_ms"] is None else f"{float(str(window['p50_ms'])):.2f} ms"
    unfinished = f", UNFINISHED: {missing} of {window['messages']} after 20 s" if window["cut_off"] else ""
    return (
        f"{window['window']:>3} in flight: {rate:>11,.0f}/s, {middle} to the last, lost {window['lost']}, "
        f"twice {window['twice']}{unfinished}"
    )


def run_second_load(plan: Plan, results: Results, progress: Progress) -> None:
    """Measure one room by one load process, and by two that have half of the members each: the rate must not differ."""
    members = 1_000
    for turn in range(plan.rounds):
        for stack in (STACKS[0], STACKS[1]):
            with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
                servers = Servers(Path(folder), plan.server_core)
                try:
                    for loads in (1, 2) if turn % 2 == 0 else (2, 1):
                        progress.begins(f"{members} members, {loads} load processes, {stack.title}")
                        with servers.awake(stack) as running:
                            _loads(plan, results, progress, running, stack, members, loads, turn)
                finally:
                    servers.end()


def _loads(
    plan: Plan,
    results: Results,
    progress: Progress,
    running: Running,
    stack: Stack,
    members: int,
    loads: int,
    turn: int,
) -> None:
    dialect, server = stack.dialect(f"bench{token_hex(4)}"), running.server
    listener = None
    if loads == 2:
        command = plan.load.command(server, dialect, members // 2, "--hold", "1", "--first-member", str(members // 2))
        listener = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert listener.stdout is not None
        listener.stdout.readline()  # its members are in
    sent = 0
    heard = ""
    try:
        outcome = plan.load.run(server, dialect, members // loads, [4, 64], seconds=plan.seconds)
        sent = sum(window["messages"] for window in outcome.windows)
        time.sleep(0.2)
    finally:
        if listener:
            heard, _ = listener.communicate(f"{sent}\n", timeout=MARGIN_SECONDS)
    for window in outcome.windows:
        rate = window["complete"] / window["seconds"]
        results.add("second_load", stack=stack.name, members=members, loads=loads, round=turn,
                    messages_per_second=rate, heard=heard.strip(), **window)  # fmt: skip
        progress.says(
            f"{window['window']:>3} in flight: {rate:,.1f} messages/s, busy {window['busy']:.0%} {heard.strip()}"
        )
