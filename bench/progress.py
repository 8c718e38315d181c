"""Says on the terminal which run of how many this is, what it found, and how long the rest will take."""

from __future__ import annotations

import time


class Progress:
    """Counts the runs of one measure; the time left is judged by those that are done."""

    def __init__(self, name: str, runs: int) -> None:
        self.name = name
        self.runs = runs
        self.done = 0
        self._began = time.monotonic()

    def begins(self, what: str) -> None:
        """Tell of the next run."""
        spent = time.monotonic() - self._began
        left = f", about {spent / self.done * (self.runs - self.done) / 60:.0f} min left" if self.done else ""
        self.done += 1
        print(f"[{self.name} {self.done}/{self.runs}{left}] {what}", flush=True)

    def says(self, line: str) -> None:
        """Tell what a run found."""
        print(f"    {line}", flush=True)
