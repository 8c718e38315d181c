"""The programs that serve an ASGI site, each with the arguments it wants; used through the `start_server` fixture."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.servers.processes import ServerProcess, free_port

ROOT = Path(__file__).resolve().parents[2]
# `teahouse serve` takes its port first, and migrates before it answers there.
TEAHOUSE_IS_READY = "Teahouse is open at"


def _starter(module_of: Callable[[str, str], list[str]], ready_text: str = "") -> Callable[..., ServerProcess]:
    """A method that starts `python -m` with what serves an application at a port, and with the test's arguments."""

    def start(
        self: "ServerStarter",
        application: str,
        *,
        arguments: Sequence[str] = (),
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> ServerProcess:
        def command(port: int) -> list[str]:
            return [sys.executable, "-m", *module_of(str(port), application), *arguments]

        return self.start(command, folder=folder, environment=environment, under=under, ready_text=ready_text)

    return start


class ServerStarter:
    """Starts servers of one test in `folder`, and knows them all, so that none outlives it.

    `environment` is laid over this process's own. `under` is a command that runs the server, such as
    `["strace", "-f", "-c"]`. `port` is a free one unless given.
    """

    def __init__(self, log_folder: Path) -> None:
        self.log_folder = log_folder
        self.servers: list[ServerProcess] = []

    uvicorn = _starter(lambda port, application: ["uvicorn", application, "--port", port])
    daphne = _starter(lambda port, application: ["daphne", "-b", "127.0.0.1", "-p", port, application])
    hypercorn = _starter(
        lambda port, application: ["hypercorn", "--bind", f"127.0.0.1:{port}", application], ready_text="Running on"
    )
    # The parent listens long before its worker answers.
    granian = _starter(
        lambda port, application: [
            "granian",
            "--interface",
            "asgi",
            "--host",
            "127.0.0.1",
            "--port",
            port,
            application,
        ],
        ready_text="Started worker-1",
    )

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
