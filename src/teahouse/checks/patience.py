"""Says where a project takes its time while it is loaded, so that nobody takes its waiting for ours; for commands."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_SECONDS = 10.0


@contextmanager
def telling_where_it_waits(folder: Path, seconds: float = _SECONDS) -> Iterator[None]:
    """Tell on stderr, once, which line of the project in ``folder`` has been running for so many seconds."""
    thread = threading.get_ident()
    frame = sys._current_frames  # noqa: SLF001 (documented, and the only way to see another thread)
    timer = threading.Timer(seconds, lambda: tell(frame().get(thread), folder, seconds))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def tell(frame: FrameType | None, folder: Path, seconds: float) -> None:
    """Write what the thread of that frame is at: the innermost line of the project's own."""
    lines = [line for line in traceback.extract_stack(frame) if Path(line.filename).is_relative_to(folder)]
    where = f": {lines[-1].filename}:{lines[-1].lineno} {lines[-1].line}" if lines else ""
    sys.stderr.write(f"teahouse doctor: loading the project takes more than {seconds:.0f} s{where}\n")
