"""Whose word about a client's address each server leaves to be believed: that of a proxy of the settings alone."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.behaviour.asgi_servers.kinds import KINDS, TEAHOUSE, Kind
from tests.behaviour.chatter import SUBPROTOCOL
from tests.behaviour.conftest import host_environment
from tests.behaviour.tables import Tables, copy_sqlite
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

# So slow that nothing comes back while a test runs.
FEW = {"HANDSHAKES_PER_SECOND": 0.001, "HANDSHAKE_BURST": 3, "COMMANDS_PER_SECOND": 0.001, "COMMAND_BURST": 1}
OF_AN_ADDRESS = 10 * FEW["COMMAND_BURST"]

StartLimited = Callable[..., ServerProcess]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def start_limited(kind: Kind, start_server: ServerStarter, sqlite_template: Any, tmp_path: Any) -> StartLimited:
    """Starts a server with low limits, and these proxies."""

    def start(*proxies: str) -> ServerProcess:
        # `db.sqlite3` is what the ready site calls it.
        tables: Tables = copy_sqlite(sqlite_template, tmp_path / "db.sqlite3")
        teahouse = {**TEAHOUSE, **FEW, "PROXIES": proxies, "LIMITS": True}
        return kind.start(start_server, tables, host_environment(tables, HOST_TEAHOUSE=json.dumps(teahouse)))

    return start


def let_in(server: ServerProcess, forwarded: Sequence[str]) -> list[bool]:
    """Which handshakes get in, each with its X-Forwarded-For."""
    return [_gets_in(server, value) for value in forwarded]


def _gets_in(server: ServerProcess, value: str) -> bool:
    headers = {"X-Forwarded-For": value}
    try:
        with connect(
            f"{server.ws_url}/ws/",
            additional_headers=headers,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            proxy=None,
        ):
            return True
    except InvalidStatus as refused:
        if refused.response.status_code not in (403, 429):
            raise
        return False


def answered(server: ServerProcess, forwarded: Sequence[str]) -> list[int]:
    """The status of an HTTP command of somebody new, for each X-Forwarded-For."""
    statuses = []
    for value in forwarded:
        body = json.dumps({"type": "hello", "id": 1, "version": 1, "name": "Ann"}).encode()
        headers = {"X-Forwarded-For": value, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{server.url}/api/v1/", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                statuses.append(response.status)
        except urllib.error.HTTPError as refused:
            statuses.append(refused.code)
    return statuses


def test_a_header_of_somebody_who_is_no_proxy_gives_no_new_address(start_limited: StartLimited) -> None:
    server = start_limited()
    smuggled = [f"203.0.113.{number}" for number in range(4)]
    with_ports = [f"203.0.113.{number}:4711" for number in range(2)]
    assert let_in(server, smuggled + with_ports) == [True, True, True, False, False, False]
    many = [f"203.0.113.{number}" for number in range(OF_AN_ADDRESS + 1)]
    assert answered(server, many) == [200] * OF_AN_ADDRESS + [429]


def test_a_proxy_that_the_settings_name_is_believed_and_what_its_client_wrote_is_not(
    start_limited: StartLimited,
) -> None:
    server = start_limited("127.0.0.1")
    assert all(let_in(server, [f"203.0.113.{number}" for number in range(5)]))
    smuggled = [f"192.0.2.{number}, 198.51.100.1" for number in range(4)]
    assert let_in(server, smuggled) == [True, True, True, False]
    many = [f"192.0.2.{number}, 198.51.100.1" for number in range(OF_AN_ADDRESS + 1)]
    assert answered(server, many) == [200] * OF_AN_ADDRESS + [429]
    assert answered(server, ["203.0.113.9"]) == [200]
