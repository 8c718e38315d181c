"""The tutorial's project for real, served by daphne, `manage.py runserver` and uvicorn, for all tests."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from tests.servers.asgi import ROOT, ServerStarter
from tests.servers.processes import ServerProcess

PROJECT = ROOT / "examples" / "tutorial"
SERVERS = ["daphne", "runserver", "uvicorn"]
USERNAME = "lily"
PASSWORD = "oolong and jasmine"

Serve = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def tutorial_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the project's commands run with: a migrated database of the tests' own with one user in it."""
    environment = {
        # pytest-django sets its own, which manage.py and asgi.py would respect.
        "DJANGO_SETTINGS_MODULE": "webSocket.settings",
        "TUTORIAL_DATABASE": str(tmp_path_factory.mktemp("tutorial-database") / "db.sqlite3"),
        "CHANNEL_LAYER": "memory",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    manage(environment, "migrate", "--verbosity=0")
    manage(environment, "createsuperuser", "--noinput", f"--username={USERNAME}", "--email=lily@example.com")
    return environment


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python manage.py ...` in the project's folder; raises when it fails."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )


def serve(starter: ServerStarter, program: str, environment: dict[str, str]) -> ServerProcess:
    """The project under one of SERVERS, started as the tutorial's reader starts it."""
    if program == "runserver":
        return starter.runserver(folder=PROJECT, environment=environment)
    start = {"daphne": starter.daphne, "uvicorn": starter.uvicorn}[program]
    return start("webSocket.asgi:application", folder=PROJECT, environment=environment)


@pytest.fixture(scope="session")
def shared_server(
    tutorial_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., ServerProcess]]:
    """Each of SERVERS by name (and by what differs in its environment), started once for all tests here."""
    starter = ServerStarter(tmp_path_factory.mktemp("tutorial-servers"))
    yield cache(lambda program, **environment: serve(starter, program, {**tutorial_environment, **environment}))
    starter.end_all()


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, shared_server: Callable[..., ServerProcess]) -> Iterator[ServerProcess]:
    """The tutorial's project under each server in turn."""
    yield from without_traceback(shared_server(request.param))


def without_traceback(server: ServerProcess) -> Iterator[ServerProcess]:
    """Lends a server to one test, which fails when a traceback is in its log afterwards."""
    start = len(server.log)
    yield server
    print(f"--- log of {' '.join(server.command)}\n{server.log[start:]}")
    assert "Traceback" not in server.log[start:]


@pytest.fixture
def serve_tutorial(start_server: ServerStarter, tutorial_environment: dict[str, str]) -> Callable[..., ServerProcess]:
    """One more server for one test: `serve_tutorial("daphne", CHANNEL_LAYER="redis")`."""
    return lambda program, **environment: serve(start_server, program, {**tutorial_environment, **environment})


@pytest.fixture
def app01(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a module of the project's app by name, to look at it without a server."""
    monkeypatch.syspath_prepend(PROJECT)
    return lambda name: importlib.import_module(f"app01.{name}")


@pytest.fixture
def project() -> Path:
    """The folder of the tutorial's project."""
    return PROJECT
