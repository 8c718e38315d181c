"""What a server's process holds, as the system tells it."""

import re
from pathlib import Path

from tests.servers.processes import ServerProcess


def resident_kilobytes(server: ServerProcess) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
    assert found
    return int(found[1])


def open_sockets(server: ServerProcess) -> int:
    """How many sockets the process holds open, those included that nobody answers any more."""
    descriptors = Path(f"/proc/{server.pid}/fd").iterdir()
    return sum(descriptor.readlink().name.startswith("socket:") for descriptor in descriptors)
