"""The programs that serve an ASGI site, each with the arguments it wants; used through the `start_server` fixture."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.servers.processes import ServerProcess, free_port

ROOT = Path(__file__).resolve().parents[2]
# `teahouse serve` takes its port first, and migrates before it answers there.
TEAHOUSE_IS_READY = "Teahouse is open at"


class ServerStarter:
    """Starts servers of one test in `folder`, and knows them all, so that none outlives it.

    `environment` is laid over this process's own. `under` is a command that runs the server, such as
    `["strace", "-f", "-c"]`. `port` is a free one unless given.
    """

    def __init__(self, log_folder: Path) -> None:
        self.log_folder = log_folder
        self.servers: list[ServerProcess] = []

    def uvicorn(
        self,
        application: str,
        *,
        arguments: Sequence[str] = (),
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> ServerProcess:
        def command(port: int) -> list[str]:
            return [sys.executable, "-m", "uvicorn", application, "--port", str(port), *arguments]

        return self.start(command, folder=folder, environment=environment, under=under)

    def daphne(
        self,
        application: str,
        *,
        arguments: Sequence[str] = (),
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> ServerProcess:
        def command(port: int) -> list[str]:
            return [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), *arguments, application]

        return self.start(command, folder=folder, environment=environment)

    def hypercorn(
        self,
        application: str,
        *,
        arguments: Sequence[str] = (),
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> ServerProcess:
        def command(port: int) -> list[str]:
            return [sys.executable, "-m", "hypercorn", "--bind", f"127.0.0.1:{port}", *arguments, application]

        return self.start(command, folder=folder, environment=environment, ready_text="Running on")

    def granian(
        self,
        application: str,
        *,
        arguments: Sequence[str] = (),
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> ServerProcess:
        def command(port: int) -> list[str]:
            granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
            return [*granian, "--port", str(port), *arguments, application]

        # The parent listens long before its worker answers.
        return self.start(command, folder=folder, environment=environment, ready_text="Started worker-1")

    def runserver(
        self, *, folder: Path, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> ServerProcess:
        """`manage.py runserver` in the project's folder, without its reloading child."""

        def command(port: int) -> list[str]:
            return [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload", *arguments]

        return self.start(command, folder=folder, environment=environment)

    def teahouse(
        self,
        data: Path,
        *,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> ServerProcess:
        """`teahouse serve` with its data in `data`."""

        def command(port: int) -> list[str]:
            program = str(Path(sys.executable).with_name("teahouse"))
            return [program, "serve", "--port", str(port), *arguments]

        return self.start(
            command,
            folder=ROOT,
            environment={"TEAHOUSE_DATA": str(data), **(environment or {})},
            under=under,
            ready_text=TEAHOUSE_IS_READY,
        )

    def start(
        self,
        command: Callable[[int], list[str]],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
        ready_text: str = "",
    ) -> ServerProcess:
        """Any server program: `command` makes its arguments from the port that it shall take."""
        port = free_port()
        server = ServerProcess(
            [*under, *command(port)],
            port=port,
            folder=folder,
            log_path=self.log_folder / f"server-{len(self.servers) + 1}.log",
            environment=environment,
            ready_text=ready_text,
        )
        self.servers.append(server)
        server.start()
        return server

    def end_all(self) -> None:
        """Kills what still runs, and prints each log, which pytest shows beside a failure."""
        for server in reversed(self.servers):
            server.kill()
            print(f"--- log of {' '.join(server.command)}\n{server.log}")
