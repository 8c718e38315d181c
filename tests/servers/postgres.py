"""A real PostgreSQL cluster of the tests' own, with databases for the asking; never one of the machine's."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.processes import ServerProcess, free_port

# PostgreSQL refuses to run as root; its own account comes with the package.
SERVER_USER = "postgres" if os.geteuid() == 0 else None
ROLE = "teahouse"


@dataclass(frozen=True)
class PostgresDatabase:
    """One empty database and how to reach it."""

    host: str
    port: int
    name: str
    user: str = ROLE

    @property
    def conninfo(self) -> str:
        return f"host={self.host} port={self.port} dbname={self.name} user={self.user}"

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.name}"


class PostgresServer(ServerProcess):
    """A cluster in a folder of its own, made at construction; `remove()` ends it and deletes the folder.

    Without `durable` it does not wait for the disk, which only tests about lost power could tell.
    """

    # SIGTERM would wait until the last client goes.
    stop_signal = signal.SIGINT

    def __init__(self, *, durable: bool = False) -> None:
        # Not pytest's folder, which only the tests' own user may enter.
        folder = Path(tempfile.mkdtemp(prefix="teahouse-postgres-"))
        if SERVER_USER:
            shutil.chown(folder, SERVER_USER, SERVER_USER)
        port = free_port()
        data = str(folder / "data")
        options = ["-p", str(port), "-k", str(folder), "-h", "127.0.0.1", "-c", "max_connections=200"]
        if not durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        super().__init__(
            [program("postgres"), "-D", data, *options],
            port=port,
            folder=folder,
            log_path=folder / "postgres.log",
            user=SERVER_USER,
        )
        self._initdb(data)

    def _initdb(self, data: str) -> None:
        subprocess.run(
            [program("initdb"), "-D", data, "-U", ROLE, "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"],
            check=True,
            cwd=self.folder,
            user=SERVER_USER,
            group=SERVER_USER,
            extra_groups=None if SERVER_USER is None else [],
            stdout=subprocess.DEVNULL,
        )

    @property
    def maintenance(self) -> PostgresDatabase:
        return PostgresDatabase("127.0.0.1", self.port, "postgres")

    def accepts(self) -> bool:
        try:
            psycopg.connect(self.maintenance.conninfo, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self) -> PostgresDatabase:
        name = f"teahouse_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.maintenance.conninfo, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return PostgresDatabase("127.0.0.1", self.port, name)

    def kill(self) -> None:
        """Kills the processes of its connections too: each leads a session of its own, where no group reaches it."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children") if self.running else None
        pids = [int(pid) for pid in children.read_text().split()] if children else []
        super().kill()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        """Ends it and deletes all that it stored."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def program(name: str) -> str:
    """The program's path; Debian keeps PostgreSQL's server programs out of PATH, one folder a version."""
    found = shutil.which(name) or max(
        (str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), default=None
    )
    assert found, f"PostgreSQL's {name} is missing: scripts/install-test-parts"
    return found
