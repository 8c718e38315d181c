"""The time as the tables and the wire write it; used by all of ``chat``, and by what shows times."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """Return the wall clock in milliseconds since 1970. Order never depends on it: that is what numbers are for."""
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> datetime:
    """Return a time as the tables write it as Python's, aware of its zone."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
