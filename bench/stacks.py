"""The servers that are measured side by side: how each is started, and how its clients speak; used by `fanout`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import ROOT, Program, free_port
from teahouse_site.bench.load import Dialect, Server, teahouse

RIVALS = ROOT / "bench" / "rivals"
TEAHOUSE = str(Path(sys.executable).with_name("teahouse"))
LIMITS_OFF = {"TEAHOUSE_LIMITS": "off"}


@dataclass
class Running:
    """A started stack: its programs, the server first."""

    programs: list[Program]
    folder: Path

    @property
    def server(self) -> Server:
        """Where the load finds it."""
        return Server("127.0.0.1", self.programs[0].port)

    def freeze(self) -> None:
        """Keep it from using the core while another is measured."""
        for program in self.programs:
            program.freeze()

    def thaw(self) -> None:
        """Let it run."""
        for program in reversed(self.programs):
            program.thaw()

    def end(self) -> None:
        """End all of it at once: no run waits for good-byes."""
        for program in self.programs:
            program.end(signal.SIGKILL)


Start = Callable[[Path, str], list[Program]]


@dataclass(frozen=True)
class Stack:
    """One of the six: `name` in results, `title` in tables, how it starts in a folder on a core, how members speak."""

    name: str
    title: str
    launch: Start
    dialect: Callable[[str], Dialect] = field(default=lambda room: Dialect("/"))

    def start(self, folder: Path, core: str) -> Running:
        """Start it with nothing in its folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return Running(self.launch(folder, core), folder)


def start_teahouse(
    folder: Path, core: str, port: int | None = None, environment: dict[str, str] | None = None
) -> list[Program]:
    """`teahouse serve`, as anybody starts it, with its data in `folder`."""
    port = port or free_port()
    command = [TEAHOUSE, "--data", str(folder / "data"), "serve", "--port", str(port)]
    log = folder / "teahouse.log"
    return [
        Program(
            command,
            port,
            log,
            core=core,
            environment=LIMITS_OFF | (environment or {}),
            ready_text="Teahouse is open at",
        )
    ]


def _tutorial(folder: Path, core: str) -> list[Program]:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "tutorial.asgi:application"]
    return [Program(command, port, folder / "daphne.log", core=core, folder=RIVALS)]


def _channels_redis(folder: Path, core: str) -> list[Program]:
    redis_port, port = free_port(), free_port()
    options = [
        "--bind",
        "127.0.0.1",
        "--port",
        str(redis_port),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    redis = Program(["redis-server", *options], redis_port, folder / "redis.log", core=core)
    command = [sys.executable, "-m", "uvicorn", "channels_redis_site.asgi:application", "--port", str(port)]
    command += ["--ws-per-message-deflate", "false", "--no-access-log", "--backlog", "4096", "--log-level", "warning"]
    environment = {"REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    try:
        server = Program(command, port, folder / "uvicorn.log", core=core, folder=RIVALS, environment=environment)
    except BaseException:
        redis.end()
        raise
    return [server, redis]


def _node(script: str) -> Start:
    def launch(folder: Path, core: str) -> list[Program]:
        port = free_port()
        environment = {"NODE_ENV": "production"}
        log = folder / "node.log"
        return [Program(["node", str(RIVALS / script), str(port)], port, log, core=core, environment=environment)]

    return launch


def _group(room: str) -> Dialect:
    return Dialect(f"/ws/{room}/")


def _socketio(room: str) -> Dialect:
    steps = (("0{", "40"), ("40{", ""))
    return Dialect("/socket.io/?EIO=4&transport=websocket", template='42["m","%s"]', steps=steps)


STACKS = [
    Stack("teahouse", "Teahouse", start_teahouse, teahouse),
    Stack("ws", "Node ws", _node("ws.js")),
    Stack("ws_joined", "Node ws, joined", _node("ws_joined.js")),
    Stack("socketio", "Socket.IO", _node("socketio.js"), _socketio),
    Stack("channels_redis", "uvicorn + channels_redis", _channels_redis, _group),
    Stack("tutorial", "the tutorial's stack", _tutorial, _group),
]
TITLES = {stack.name: stack.title for stack in STACKS}
