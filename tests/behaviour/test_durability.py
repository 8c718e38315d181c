"""That an acknowledged message was written to the disk and not only to the system's memory, counted under strace."""

import shutil
from pathlib import Path

from tests.behaviour.chatter import Chatter
from tests.servers.asgi import ServerStarter

POSTS = 20


def flushes(trace: Path) -> int:
    """How often the server has waited for the disk so far; strace writes each call down before the server goes on."""
    return sum("fdatasync(" in line or "fsync(" in line for line in trace.read_text().splitlines())


async def test_every_acknowledged_post_waited_for_the_disk(start_server: ServerStarter, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    assert strace, "strace is missing: scripts/install-test-parts"
    trace = tmp_path / "trace"
    server = start_server.teahouse(
        tmp_path / "data", under=[strace, "-f", "-qq", "-e", "trace=fdatasync,fsync", "-o", str(trace)]
    )
    assert flushes(trace) > 0, f"strace sees nothing of the server; it may not attach here:\n{server.log}"
    async with Chatter(server.ws_url) as ann:
        for number in range(POSTS):
            before = flushes(trace)
            answer = await ann.post(f"message {number}")
            assert answer["type"] == "ok"
            assert flushes(trace) > before, f"message {number} was acknowledged before it was on the disk"
