"""One server of each kind, which all tests of these modules share, and the table that it writes."""

import re
from collections.abc import Iterator

import pytest

from tests.behaviour.asgi_servers.kinds import KINDS, Kind, start_kind
from tests.behaviour.tables import Tables, copy_sqlite
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="session")
def served(
    kind: Kind, sqlite_template: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Tables]]:
    # `db.sqlite3` is what the ready site calls it.
    tables = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("asgi-database") / "db.sqlite3")
    starter = ServerStarter(tmp_path_factory.mktemp("asgi-server"))
    server = start_kind(kind, starter, tables)
    yield server, tables
    starter.end_all()
    # Hypercorn itself logs one of each socket that is open when it stops.
    assert not re.search(r'File ".*/src/teahouse', server.log)


@pytest.fixture
def server(served: tuple[ServerProcess, Tables]) -> ServerProcess:
    return served[0]


@pytest.fixture
def tables(served: tuple[ServerProcess, Tables]) -> Tables:
    return served[1]
