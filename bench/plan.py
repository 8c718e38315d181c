"""What one run of the bench measures, and for how long; made by `run` from the command line, read by every measure."""

from __future__ import annotations

from dataclasses import dataclass

from teahouse_site.bench.load import Load


@dataclass(frozen=True)
class Plan:
    """Sizes of rooms, messages in flight, rounds of each, and seconds of sending in each run."""

    load: Load
    sizes: tuple[int, ...] = (10, 100, 1_000, 5_000)
    windows: tuple[int, ...] = (1, 4, 64)
    rounds: int = 3
    seconds: float = 3.0
    returning: int = 5_000
    idle: int = 2_000
    reads: str = "1000,10000,100000,1000000"
    is_quick: bool = False
    server_core: str = "0"
    load_core: str = "1"


def quick(load: Load) -> Plan:
    """A plan that shows in three minutes whether everything works; its figures say little."""
    return Plan(
        load, sizes=(100, 1_000), rounds=1, seconds=0.7, returning=500, idle=300, reads="1000,10000", is_quick=True
    )
