"""Durable sends through sockets: a room in which nobody is but the few who send, so that the commit is the work."""

from __future__ import annotations

import tempfile
from pathlib import Path
from secrets import token_hex

from bench.plan import Plan
from bench.progress import Progress
from bench.results import Results
from bench.stacks import start_teahouse
from teahouse_site.bench.load import Server, teahouse

SENDERS = 4
WINDOWS = (1, 64, 500)


def run(plan: Plan, results: Results, progress: Progress) -> None:
    """Measure messages a second, each committed, and heard by the senders themselves, since nobody can send unheard."""
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as folder:
        (program,) = start_teahouse(Path(folder), plan.server_core)
        try:
            for turn in range(plan.rounds):
                progress.begins(f"{SENDERS} senders, round {turn + 1} of {plan.rounds}")
                server = Server("127.0.0.1", program.port)
                outcome = plan.load.run(
                    server, teahouse(f"bench{token_hex(4)}"), SENDERS, WINDOWS, seconds=plan.seconds
                )
                for window in outcome.windows:
                    rate = window["complete"] / window["seconds"]
                    results.add("sends", senders=SENDERS, round=turn, messages_per_second=rate, **window)
                    progress.says(f"{window['window']:>3} in flight: {rate:,.0f} messages/s")
        finally:
            program.end()
