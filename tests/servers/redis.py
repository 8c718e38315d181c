"""A real redis-server that keeps nothing on disk; for tests of more than one process."""

import shutil
from pathlib import Path

from tests.servers.processes import ServerProcess, free_port


class RedisServer(ServerProcess):
    """Empty at each start, as a Redis is that was lost."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: scripts/install-test-parts"
        port = free_port()
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        super().__init__([program, *options], port=port, folder=folder, log_path=folder / "redis.log")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"
