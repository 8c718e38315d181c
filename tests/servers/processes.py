"""Starts real server programs on free loopback ports and is sure to end them; used by every fixture here."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY_SECONDS = 30
STOP_SECONDS = 20


def free_port() -> int:
    """A loopback port that nothing listens on right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def python_path(folder: Path) -> str:
    """`PYTHONPATH` for a process that looks into this folder first, and then wherever this one was told to look."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def wait_until(true: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
    """Returns as soon as `true()` holds; raises TimeoutError naming `what` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class ServerProcess:
    """One server program on one port of 127.0.0.1, which it keeps over `restart()`."""

    stop_signal = signal.SIGTERM

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        folder: Path,
        log_path: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        ready_text: str = "",
    ) -> None:
        self.command = list(command)
        self.port = port
        self.folder = folder
        self.log_path = log_path
        self.environment = dict(environment or {})
        self.user = user
        # What it prints when it serves; for a program that listens long before it answers.
        self.ready_text = ready_text
        self._earlier_log = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it printed, over all its starts."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None, "not started"
        return self.process.pid

    def start(self) -> "ServerProcess":
        """Returns once it serves; raises with its log when it ends instead."""
        assert not self.running, "already running"
        self._earlier_log = len(self.log)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A session of its own, so that a signal reaches its children (workers, strace's child) too.
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )
        try:
            wait_until(self._ready_or_dead, f"{self.command[0]} ready on port {self.port}")
        except TimeoutError as error:
            self.kill()
            raise TimeoutError(f"{error}\n{self.log}") from None
        return self

    def _ready_or_dead(self) -> bool:
        if not self.running:
            raise RuntimeError(f"{' '.join(self.command)} ended instead of serving:\n{self.log}")
        return self.accepts() and self.ready_text in self.log[self._earlier_log :]

    def accepts(self) -> bool:
        """Whether its port takes connections; servers with a better question of their own override it."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """SIGKILL to it and its children: no line of its code runs any more."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """Asks it to end (SIGTERM), and waits; returns its exit code, and kills it when it does not end in time."""
        assert self.process is not None, "not started"
        self._signal(self.stop_signal)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"did not stop within {STOP_SECONDS} s:\n{self.log}") from None

    def restart(self) -> None:
        """Stops it when it runs, and starts it again on the same port."""
        if self.running:
            self.stop()
        self.start()

    def _signal(self, number: int) -> None:
        if self.running:
            os.killpg(self.pid, number)
