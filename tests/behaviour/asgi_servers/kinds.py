"""The ASGI servers that a host may choose, and what each keeps and cannot keep; the tests here hold both."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.behaviour.conftest import APPLICATION, host_environment
from tests.behaviour.tables import Tables
from tests.servers.asgi import ROOT, TEAHOUSE_IS_READY, ServerStarter
from tests.servers.processes import ServerProcess

STALLED_SECONDS = 2
TEAHOUSE = {
    "POLICY": "tests.behaviour.host.policy.HostPolicy",
    "STALLED_SECONDS": STALLED_SECONDS,
    # Whoever comes back shall read what it missed, and not begin anew.
    "RESET_ENTRIES": 1_000_000,
    # Who stops reading is flooded here, by one person.
    "LIMITS": False,
    # What a look takes is no memory of what waits.
    "DOCTOR": False,
}
# As docs/embedding.md tells a host to start it.
OURS = (
    "--ws teahouse.server:WebSocket --ws-per-message-deflate false --ws-max-size 69632 --timeout-graceful-shutdown 10"
)
KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE

Start = Callable[[ServerStarter, Tables, Mapping[str, str]], ServerProcess]


@dataclass(frozen=True)
class Kind:
    """One server as it is when started by its documented command; an ending is (code, reason), None a cut line."""

    start: Start
    stops_with: tuple[int, str] | None
    """What a client receives when the server is told to stop."""
    largest_frame: int
    """The largest frame that is still read, and so refused with its reason."""
    larger_ends_with: tuple[int, str] | None
    says_bye: bool = False
    gives_close_reasons: bool = True
    closes_at_once: bool = True
    """Else when Teahouse gives the socket up: CLOSE_SECONDS of `live/line.py` later, or STALLED_SECONDS, if shorter."""
    explains_refusals: bool = True
    compresses: bool = False
    """Unless told otherwise, when the client asks for it."""
    bounds_what_waits: bool = True
    """What one who stops reading costs is bounded."""
    frees_stalled_sockets: bool = False
    """It writes ready-made frames straight to the socket: only then can Teahouse end a socket that takes nothing."""
    ends_what_it_gave_up: bool = True
    """Who reads on after it was given up is told so, or cut off; else the socket may stay open and silent."""


def teahouse_serve(starter: ServerStarter, tables: Tables, environment: Mapping[str, str]) -> ServerProcess:
    """The ready site with the host's policy, and its data beside the given tables."""

    def command(port: int) -> list[str]:
        return [sys.executable, "-m", "tests.behaviour.asgi_servers.ready_site", "serve", "--port", str(port)]

    data = str(Path(tables.place).parent)
    return starter.start(
        command, folder=ROOT, environment={**environment, "TEAHOUSE_DATA": data}, ready_text=TEAHOUSE_IS_READY
    )


def uvicorn(arguments: str = "") -> Start:
    def start(starter: ServerStarter, tables: Tables, environment: Mapping[str, str]) -> ServerProcess:
        return starter.uvicorn(APPLICATION, arguments=arguments.split(), environment=environment)

    return start


def other(program: str) -> Start:
    def start(starter: ServerStarter, tables: Tables, environment: Mapping[str, str]) -> ServerProcess:
        served: ServerProcess = getattr(starter, program)(APPLICATION, environment=environment)
        return served

    return start


UVICORN_TOO_LARGE = (1009, f"frame with {16 * MEBIBYTE + 1} bytes exceeds limit of {16 * MEBIBYTE} bytes")
OURS_TOO_LARGE = (1009, f"frame with {68 * KIBIBYTE + 1} bytes exceeds limit of {68 * KIBIBYTE} bytes")

KINDS = {
    "teahouse serve": Kind(
        teahouse_serve,
        stops_with=(4200, "restart"),
        says_bye=True,
        largest_frame=68 * KIBIBYTE,
        larger_ends_with=OURS_TOO_LARGE,
        frees_stalled_sockets=True,
    ),
    "uvicorn with our class": Kind(
        uvicorn(OURS),
        stops_with=(1012, ""),
        largest_frame=68 * KIBIBYTE,
        larger_ends_with=OURS_TOO_LARGE,
        frees_stalled_sockets=True,
    ),
    "uvicorn": Kind(
        uvicorn(),
        stops_with=(1012, ""),
        largest_frame=16 * MEBIBYTE,
        larger_ends_with=UVICORN_TOO_LARGE,
        compresses=True,
    ),
    "daphne": Kind(
        other("daphne"),
        stops_with=None,
        largest_frame=MEBIBYTE,
        larger_ends_with=None,
        gives_close_reasons=False,
        explains_refusals=False,
        bounds_what_waits=False,
    ),
    "hypercorn": Kind(
        other("hypercorn"),
        stops_with=(1011, ""),
        largest_frame=16 * MEBIBYTE,
        larger_ends_with=(1009, ""),
        compresses=True,
    ),
    "granian": Kind(
        other("granian"),
        stops_with=None,
        largest_frame=16 * MEBIBYTE,
        larger_ends_with=(1005, ""),
        closes_at_once=False,
        ends_what_it_gave_up=False,
    ),
}


def start_kind(kind: Kind, starter: ServerStarter, tables: Tables) -> ServerProcess:
    environment = host_environment(tables, HOST_TEAHOUSE=json.dumps(TEAHOUSE))
    return kind.start(starter, tables, environment)
