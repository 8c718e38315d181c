"""Runs the compiled load against one server, and reads what it measured; used by ``command`` and by ``make bench``."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Exit codes of load.c.
REFUSED, UNFINISHED, TOO_FEW_DESCRIPTORS = 3, 4, 5
# Beside the windows themselves: the way in, a breath before the first, and the way out.
MARGIN_SECONDS = 15


class LoadFailed(Exception):
    """The load could not measure; the text is the one line that it said."""


@dataclass(frozen=True)
class Server:
    """Where the load goes: a numeric address, and what the Host header calls it."""

    host: str
    port: int
    authority: str = ""

    def arguments(self) -> list[str]:
        return [
            "--host",
            self.host,
            "--port",
            str(self.port),
            "--authority",
            self.authority or f"{self.host}:{self.port}",
        ]


@dataclass(frozen=True)
class Dialect:
    """How a server's clients enter a room and speak: ``%s`` in the template is the text, ``%n`` a number of its own.

    Each step waits for a text, which may be empty, and then sends one, which may be empty too. ``refusal`` is a text
    that means that a member is not let in.
    """

    path: str
    template: str = "%s"
    protocol: str | None = None
    steps: tuple[tuple[str, str], ...] = ()
    keepalive: str | None = None
    refusal: str | None = None

    def arguments(self) -> list[str]:
        named = {
            "path": self.path,
            "template": self.template,
            "protocol": self.protocol,
            "keepalive": self.keepalive,
            "refusal": self.refusal,
        }
        arguments = [word for name, value in named.items() if value is not None for word in (f"--{name}", value)]
        return arguments + [word for wait, send in self.steps for word in ("--wait", wait, "--send", send)]


def teahouse(room: str, path: str = "/ws/", known: dict[str, Any] | None = None, level: str = '"reset"') -> Dialect:
    """Return the dialect of protocol v1 in one room; ``known`` is the position that members show when they come."""
    hello = {"type": "hello", "id": 1, "version": 1, "rooms": [{"room": room, **(known or {})}]}
    post = {"type": "post", "id": "%n", "room": room, "key": "k%n", "text": "%s"}
    return Dialect(
        path=path,
        protocol="teahouse.v1",
        template=json.dumps(post, ensure_ascii=False).replace('"%n"', "%n"),
        steps=(("", json.dumps(hello, ensure_ascii=False)), (level, "")),
        keepalive='{"type":"ping"}',
        refusal='"error"',
    )


@dataclass(frozen=True)
class Outcome:
    """What the load said: how the members came in, and one mapping for each window that it measured."""

    arrival: dict[str, Any] = field(default_factory=dict)
    windows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Claim that everybody got in, and that each message of each window reached everybody."""
        all_in = self.arrival.get("opened") == self.arrival.get("members")
        return all_in and all(window["complete"] == window["messages"] for window in self.windows)


@dataclass(frozen=True)
class Load:
    """The compiled load, and the command that it runs under (``taskset -c 1``)."""

    program: Path
    under: Sequence[str] = ()

    def command(self, server: Server, dialect: Dialect, members: int, *options: str) -> list[str]:
        """Return the whole command line."""
        own = [str(self.program), *server.arguments(), *dialect.arguments(), "--members", str(members)]
        return [*self.under, *own, *options]

    def run(
        self,
        server: Server,
        dialect: Dialect,
        members: int,
        windows: Sequence[int] = (),
        *,
        seconds: float = 3.0,
        limit_seconds: float = 20.0,
        arrival_seconds: float = 60.0,
        options: Sequence[str] = (),
    ) -> Outcome:
        """Measure the windows one after the other on the same lines; ends early after one that was not finished.

        Each sends for ``seconds`` and is over ``limit_seconds`` after it began, whatever is missing. Raises LoadFailed.
        """
        words = ["--seconds", str(seconds), "--limit-seconds", str(limit_seconds)]
        words += ["--arrival-seconds", str(arrival_seconds), *options]
        words += [word for window in windows for word in ("--window", str(window))]
        most = arrival_seconds + len(windows) * (limit_seconds + 5) + MARGIN_SECONDS
        command = self.command(server, dialect, members, *words)
        done = subprocess.run(  # noqa: S603 (a list of words, and no shell)
            command, capture_output=True, text=True, errors="replace", check=False, timeout=most
        )
        return read_outcome(done.returncode, done.stdout, done.stderr)


def read_outcome(code: int, output: str, errors: str) -> Outcome:
    """Return what the lines say. Raises LoadFailed when the load ended without measuring."""
    if code not in (0, UNFINISHED):
        lines = errors.strip().splitlines()
        raise LoadFailed(_plain(lines[-1]) if lines else f"the load ended with {code}")
    found = [json.loads(line) for line in output.splitlines()]
    return Outcome(found[0], found[1:]) if found else Outcome()


def _plain(line: str) -> str:
    """Return a refusal by its text alone, where Teahouse wrote it."""
    told = re.search(r'"code":("\w+"),"text":("(?:[^"\\]|\\.)*")', line)
    return f"refused: {json.loads(told[1])}: {json.loads(told[2])}" if told else line
