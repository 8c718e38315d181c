"""How often something may happen, exactly and in constant time; used by ``chat.allowances`` and by each socket."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable

_SECOND = 1_000_000_000


class Pace:
    """``burst`` at once, and ``per_second`` in the long run.

    Who keeps to it is one number, the time (nanoseconds) at which all that was taken is paid back: 0 in the beginning.
    The generic cell rate algorithm (ITU-T I.371), in whole nanoseconds, so that no rounding lets one through early.
    """

    __slots__ = ("burst", "interval", "per_second", "whole")

    def __init__(self, per_second: float, burst: int) -> None:
        """Raises ValueError when that would let nothing through."""
        if not 0 < per_second <= _SECOND or not burst >= 1:
            raise ValueError(f"{per_second!r} a second and {burst!r} at once let nothing through")
        self.per_second = per_second
        self.burst = burst
        self.interval = math.ceil(_SECOND / per_second)
        self.whole = self.interval * int(burst)
        """How long after silence the whole burst may be taken."""

    def take(self, due: int, now: int) -> int:
        """Return the number after one more is taken now; or how long none can be taken yet, as a negative number."""
        # By comparing and not with max(): this stands in the way of every message.
        after = (due if due > now else now) + self.interval  # noqa: FURB136
        wait = after - now - self.whole
        return after if wait <= 0 else -wait


class Rate:
    """Keeps many to one pace, each by its key. Any thread may ask; a key is forgotten once it has paid all back."""

    __slots__ = ("_clock", "_lock", "_older", "_recent", "_turn_at", "pace")

    def __init__(self, pace: Pace, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        # Whoever is not seen for a whole turn has nothing left to pay, so the older half can go, unlooked at.
        self._recent: dict[Hashable, int] = {}
        self._older: dict[Hashable, int] = {}
        self._turn_at = clock() + pace.whole

    def __len__(self) -> int:
        return len(self._recent) + len(self._older)

    def take(self, key: Hashable) -> int:
        """Take one and return 0; or take nothing, and return for how many nanoseconds that will stay so."""
        with self._lock:
            now = self._clock()
            if now >= self._turn_at:
                self._turn(now)
            recent = self._recent
            after = self.pace.take(recent.get(key) or self._older.get(key, 0), now)
            if after < 0:
                return -after
            recent[key] = after
            return 0

    def give_back(self, key: Hashable) -> None:
        """Undo a take that came to nothing."""
        with self._lock:
            due = self._recent.get(key) or self._older.get(key)
            if due is not None:
                self._recent[key] = due - self.pace.interval

    def _turn(self, now: int) -> None:
        self._older = self._recent if now < self._turn_at + self.pace.whole else {}
        self._recent = {}
        self._turn_at = now + self.pace.whole
