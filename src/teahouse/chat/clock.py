"""The time as the tables and the wire write it; used by all of ``chat``."""

from __future__ import annotations

import time


def now() -> int:
    """Return the wall clock in milliseconds since 1970. Order never depends on it: that is what numbers are for."""
    return time.time_ns() // 1_000_000
