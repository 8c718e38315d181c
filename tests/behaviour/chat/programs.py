"""Runs a program of these tests as a process of its own on a host's database."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.servers.asgi import ROOT

Begin = Callable[..., "Program"]


class Program:
    """`tests/behaviour/chat/<name>.py` while it runs; the `begin` fixture starts it and is sure to end it."""

    def __init__(self, name: str, environment: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"tests.behaviour.chat.{name}", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def facts(self) -> Any:
        """What it printed as JSON, when it is through; raises with its errors when it failed."""
        out, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, errors
        return json.loads(out)

    def end(self) -> None:
        if self.running:
            self.process.kill()
            self.process.communicate()
