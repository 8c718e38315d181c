"""Many clients come back at once after a restart: from listening to the last one level, beside bare handshakes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from bench.plan import Plan
from bench.processes import ROOT, Program, free_port
from bench.progress import Progress
from bench.results import Results
from bench.stacks import start_teahouse
from teahouse_site.bench.load import Dialect, LoadFailed, Server, teahouse

ROOM = "returning"
POSTED = 30
MISSED = 10
ARRIVING = 1_000
KINDS = ("bare", "guests", "bare-users", "users")
"""The bare ones only accept; the one behind the authentication that Channels has, as a host without us would log in."""


def runs(plan: Plan) -> int:
    """How many runs there will be."""
    return plan.rounds * len(KINDS)


def run(plan: Plan, results: Results, progress: Progress) -> None:
    """Bare handshakes, guests and logged-in users in turn; each server is killed and started anew before each run."""
    with tempfile.TemporaryDirectory(prefix="teahouse-bench-") as name:
        folder, port = Path(name), free_port()
        position = _prepare(plan, folder, port)
        for turn in range(plan.rounds):
            for kind in KINDS:
                progress.begins(f"{plan.returning} return, round {turn + 1} of {plan.rounds}: {kind}")
                if kind.startswith("bare"):
                    record = _bare(plan, folder, kind)
                else:
                    record = _teahouse(plan, folder, port, kind, position)
                results.add("returning", who=kind, round=turn, **record)
                progress.says(
                    f"{record['opened']} of {record['members']} level after {record['connect_seconds']:.2f} s"
                )


def _prepare(plan: Plan, folder: Path, port: int) -> dict[str, Any]:
    """Make a room with messages, and everybody, who was there once before. Returns where the room stands."""
    (program,) = start_teahouse(folder, plan.server_core, port)
    try:
        environment = {**os.environ, "TEAHOUSE_DATA": str(folder / "data")}
        command = [
            sys.executable,
            "-m",
            "bench.people",
            str(plan.returning),
            str(folder / "users"),
            str(folder / "guests"),
        ]
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        position = _talk(port)
        for kind in ("users", "guests"):
            _come(plan, folder, port, kind, teahouse(ROOM))
    finally:
        program.end(signal.SIGKILL)
    return position


def _talk(port: int) -> dict[str, Any]:
    """Post some messages; returns the room's epoch and head."""
    with connect(f"ws://127.0.0.1:{port}/ws/", subprotocols=["teahouse.v1"]) as socket:  # type: ignore[list-item]
        hello = {"type": "hello", "id": 0, "version": 1, "rooms": [{"room": ROOM}]}
        room = _answer(socket, hello)["rooms"][0]
        head = room["head"]
        for number in range(1, POSTED + 1):
            text = f"message {number}, such as people write: about two lines of text, more or less"
            post = {"type": "post", "id": number, "room": ROOM, "key": str(number), "text": text}
            head = _answer(socket, post)["seq"]
    return {"epoch": room["epoch"], "head": head}


def _answer(socket: Any, command: dict[str, Any]) -> dict[str, Any]:
    socket.send(json.dumps(command))
    while True:
        said: dict[str, Any] = json.loads(socket.recv(timeout=20))
        if said.get("id") == command["id"]:
            return said


def _teahouse(plan: Plan, folder: Path, port: int, kind: str, position: dict[str, Any]) -> dict[str, Any]:
    """Start it on the data that is there; everybody shows a place some messages back, and is level at the head."""
    (program,) = start_teahouse(folder, plan.server_core, port)
    try:
        known = {"epoch": position["epoch"], "seq": position["head"] - MISSED}
        return _come(plan, folder, port, kind, teahouse(ROOM, known=known, level=f'"upto":{position["head"]}'))
    finally:
        program.end(signal.SIGKILL)


def _come(plan: Plan, folder: Path, port: int, kind: str, dialect: Dialect) -> dict[str, Any]:
    # Cookies count only with the Origin of the site's own page.
    options = ["--headers-file", str(folder / kind), "--header", f"Origin: http://127.0.0.1:{port}"]
    return _arrive(plan, port, dialect, options)


def _bare(plan: Plan, folder: Path, kind: str) -> dict[str, Any]:
    port = free_port()
    application, options = "bench.bare:application", []
    if kind == "bare-users":
        application, options = "bench.bare_login:application", ["--headers-file", str(folder / "users")]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--backlog", "4096"]
    command += ["--ws", "teahouse.server:WebSocket", "--ws-per-message-deflate", "false", "--no-access-log"]
    command += ["--log-level", "warning", "--lifespan", "off"]
    environment = {"TEAHOUSE_DATA": str(folder / "data")}
    program = Program(command, port, folder / "bare.log", core=plan.server_core, environment=environment)
    try:
        return _arrive(plan, port, Dialect("/", protocol="teahouse.v1"), options)
    finally:
        program.end(signal.SIGKILL)


def _arrive(plan: Plan, port: int, dialect: Dialect, options: list[str]) -> dict[str, Any]:
    options = [*options, "--arriving", str(min(ARRIVING, plan.returning))]
    try:
        return plan.load.run(Server("127.0.0.1", port), dialect, plan.returning, options=options).arrival
    except LoadFailed as error:
        return {"members": plan.returning, "opened": 0, "connect_seconds": float("nan"), "why": str(error)}
