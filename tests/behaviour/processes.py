"""What a server's processes hold, as the system tells it."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.servers.processes import ServerProcess


def resident_kilobytes(server: ServerProcess) -> int:
    """Of all its processes together."""
    return sum(
        int(found[1])
        for process in _processes(server)
        if (found := re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text()))
    )


def open_sockets(server: ServerProcess) -> int:
    """How many sockets its processes hold open, those included that nobody answers any more."""
    count = 0
    for process in _processes(server):
        for descriptor in (process / "fd").iterdir():
            # What is closed meanwhile is none.
            with contextlib.suppress(FileNotFoundError):
                count += descriptor.readlink().name.startswith("socket:")
    return count


def _processes(server: ServerProcess) -> Iterator[Path]:
    """The one that was started, and its workers where it has some: they stay in its group."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            group = (process / "stat").read_text().rpartition(")")[2].split()[2]
            if int(group) == server.pid:
                yield process
