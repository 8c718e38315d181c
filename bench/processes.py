"""Server programs of the bench: pinned to one core, frozen while another is measured, and sure to end; used by all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60
STOP_SECONDS = 20
IDLE_SHARE = 0.05


def free_port() -> int:
    """A loopback port that nothing listens on right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Program:
    """One program in a session of its own; ready once its log has `ready_text`, or else once its port answers."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        log: Path,
        *,
        core: str = "0",
        folder: Path = ROOT,
        environment: Mapping[str, str] | None = None,
        ready_text: str = "",
    ) -> None:
        self.command = list(command)
        self.port = port
        self.log = log
        self.ready_text = ready_text
        self.is_frozen = False
        self._before = len(self.text)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                ["taskset", "-c", core, *command],
                cwd=folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.end(signal.SIGKILL)
            raise

    @property
    def text(self) -> str:
        """All that stands in its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{' '.join(self.command)} did not start:\n{self.text[self._before :][-2000:]}")
            time.sleep(0.01)

    def _is_ready(self) -> bool:
        if self.ready_text:
            return self.ready_text in self.text[self._before :]
        with socket.socket() as line:
            line.settimeout(1)
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def freeze(self) -> None:
        """Take its core away until `thaw()`."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self) -> None:
        """Let it run again."""
        os.killpg(self.process.pid, signal.SIGCONT)
        self.is_frozen = False

    def cpu_seconds(self) -> float:
        """Processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def becomes_idle(self, seconds: float = 15) -> bool:
        """Wait until it rests, which is when it has forgotten the members of the last run; False when it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            used = self.cpu_seconds()
            time.sleep(0.4)
            if self.cpu_seconds() - used <= 0.4 * IDLE_SHARE:
                return True
        return False

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it and its children; a program that does not go in time is killed."""
        if self.process.poll() is None:
            if self.is_frozen:
                self.thaw()
            os.killpg(self.process.pid, number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
