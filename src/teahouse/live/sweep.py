"""The sweep: one thread that asks where all watched logs stand, so that a lost ring loses nothing."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence

from django.db import connection, connections

from teahouse.chat.log import heads
from teahouse.chat.posting import finish_outbox
from teahouse.live.threads import JOIN_SECONDS
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

LOOK_SECONDS = 0.1
"""SQLite tells for next to nothing whether another connection wrote: so often it is asked."""

Found = Callable[[dict[int, tuple[str, int]], Sequence[int]], None]
Also = Callable[[bool], None]
"""Told whether the sweep was due, or only something was written."""


class Sweep:
    """Calls ``found`` with where the logs stand, then ``also``; in its own thread, with its own connection."""

    def __init__(self, watched: Callable[[], Sequence[int]], found: Found, also: Also) -> None:
        self._watched = watched
        self._found = found
        self._also = also
        self._ended = threading.Event()
        self._version: int | None = None
        self._thread = threading.Thread(target=self._run, name="teahouse-sweep", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and its connection."""
        self._ended.set()
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        due = 0.0
        while not self._ended.wait(LOOK_SECONDS):
            now = time.monotonic()
            try:
                is_due = now >= due
                if self._somebody_wrote() or is_due:
                    # Jitter, so that processes do not all ask at the same moment.
                    soon = now + settings.SWEEP_SECONDS * random.uniform(0.8, 1.2)
                    # What no log tells is due all the same, however often somebody writes.
                    due = soon if is_due else due
                    self._sweep(is_due)
            except Exception as error:  # whatever a database does, the next look comes
                logger.warning("the sweep could not ask the database: %s", error)
                connections.close_all()
                self._version = None
                due = now + settings.SWEEP_SECONDS
        connections.close_all()

    def _sweep(self, is_due: bool) -> None:
        while finish_outbox() >= settings.WRITER_BATCH:
            pass
        watched = self._watched()
        if watched:
            self._found(heads(watched), watched)
        self._also(is_due)

    def _somebody_wrote(self) -> bool:
        if connection.vendor != "sqlite":
            return False
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchone()
        changed = self._version is not None and version != self._version
        self._version = version
        return changed
