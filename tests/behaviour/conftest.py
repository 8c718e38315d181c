"""The host site of the behaviour tests: its database, its servers and its commands, all real."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.behaviour.tables import Tables, copy_sqlite, postgres_tables
from tests.servers.asgi import ROOT, ServerStarter
from tests.servers.postgres import PostgresDatabase, PostgresServer
from tests.servers.processes import ServerProcess
from tests.servers.redis import RedisServer

APPLICATION = "tests.behaviour.host.asgi:application"
SETTINGS = "tests.behaviour.host.settings"

StartHost = Callable[..., ServerProcess]


def host_environment(tables: Tables | str, **variables: str) -> dict[str, str]:
    place = tables if isinstance(tables, str) else tables.place
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, "HOST_DATABASE": place, **variables}


def manage(environment: dict[str, str], *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One of the host's management commands, in a process of its own; raises when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("host") / "template.sqlite3"
    manage(host_environment(str(path)), "migrate", "--verbosity=0")
    return path


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Tables:
    """A migrated SQLite file of one test."""
    return copy_sqlite(sqlite_template, tmp_path / "host.sqlite3")


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    database = postgres_server.create_database()
    manage(host_environment(database.url), "migrate", "--verbosity=0")
    return database.name


@pytest.fixture
def postgres(postgres_server: PostgresServer, postgres_template: str) -> Tables:
    """A migrated PostgreSQL database of one test."""
    return copy_postgres(postgres_server, postgres_template)


def copy_postgres(postgres_server: PostgresServer, postgres_template: str) -> Tables:
    name = f"{postgres_template}_{os.urandom(4).hex()}"
    with psycopg.connect(postgres_server.maintenance.conninfo, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(postgres_template))
        )
    database = PostgresDatabase("127.0.0.1", postgres_server.port, name)
    return postgres_tables(database.conninfo, database.url)


@pytest.fixture(params=["sqlite", "postgres"])
def tables(request: pytest.FixtureRequest) -> Tables:
    """A migrated database of one test, on SQLite and on PostgreSQL."""
    found: Tables = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def start_host(start_server: ServerStarter) -> StartHost:
    """Starts the host's server on a database, with a layer of the host's settings and TEAHOUSE settings by name."""

    def start(
        tables: Tables,
        *,
        layer: str = "memory",
        redis: RedisServer | None = None,
        application: str = APPLICATION,
        arguments: Iterable[str] = ("--ws", "teahouse.server:WebSocket"),
        variables: dict[str, str] | None = None,
        **teahouse: Any,
    ) -> ServerProcess:
        environment = host_environment(tables, HOST_LAYER=layer, HOST_TEAHOUSE=json.dumps(teahouse))
        environment |= {"HOST_REDIS": redis.url} if redis else {}
        environment |= variables or {}
        return start_server.uvicorn(application, arguments=[*arguments], environment=environment)

    return start
