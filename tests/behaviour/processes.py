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


def held_clients(server: ServerProcess) -> set[int]:
    """The ports of the clients whose sockets its processes still hold; one that they closed is the system's affair."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    here = f":{server.port:04X}"
    # A socket that no process holds has no inode, a listening one has no other side.
    held = [int(row[2].rpartition(":")[2], 16) for row in rows if row[1].endswith(here) and row[9] != "0"]
    return {port for port in held if port}


def _processes(server: ServerProcess) -> Iterator[Path]:
    """The one that was started, and its workers where it has some: they stay in its group."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            group = (process / "stat").read_text().rpartition(")")[2].split()[2]
            if int(group) == server.pid:
                yield process
