"""Hosts of the embedding tests: a fresh project, and the hiking club of examples/site on a database of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.embedding.fresh_project import ROOM_COMMAND, FreshProject
from tests.embedding.visitor import Visitor
from tests.servers.asgi import ROOT, ServerStarter
from tests.servers.processes import ServerProcess

SITE = ROOT / "examples" / "site"
ANN = "ann@example.org"
BOB = "bob@example.org"
CAT = "cat@example.org"
PASSWORD = "heather and chalk"
MEMBERS = f"""
from club.models import Member
Member.objects.create_superuser({ANN!r}, {PASSWORD!r}, name="Ann Lee")
Member.objects.create_user({BOB!r}, {PASSWORD!r}, name="Bob Ray")
Member.objects.create_user({CAT!r}, {PASSWORD!r}, name="Cat Moss")
"""

NewVisitor = Callable[..., Visitor]
StartClub = Callable[..., ServerProcess]


@pytest.fixture
def new_visitor(browser: Browser) -> Iterator[NewVisitor]:
    """Opens windows with cookies of their own; at the end of the test none may have had anything to complain about."""
    visitors: list[Visitor] = []

    def open_window(**options: Any) -> Visitor:
        visitors.append(Visitor(browser.new_context(**options)))
        return visitors[-1]

    yield open_window
    complaints = [visitor.complaints for visitor in visitors]
    for visitor in visitors:
        visitor.context.close()
    assert not any(complaints), complaints


@pytest.fixture
def fresh_project(tmp_path: Path) -> FreshProject:
    """`startproject`, the three lines, `migrate`, and a room."""
    folder = tmp_path / "project"
    folder.mkdir()
    project = FreshProject(folder)
    project.add_three_lines()
    project.manage("migrate", "--verbosity=0")
    project.manage("shell", "--verbosity=0", "-c", ROOM_COMMAND)
    return project


def club_environment(database: Path, **variables: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.embedding.club_settings",
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT, SITE))),
        "CLUB_DATABASE": str(database),
        **variables,
    }


def manage(environment: dict[str, str], *arguments: str) -> None:
    """One of the club's management commands; raises when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def club_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("club") / "template.sqlite3"
    environment = club_environment(database)
    manage(environment, "migrate", "--verbosity=0")
    manage(environment, "shell", "--verbosity=0", "-c", MEMBERS)
    return database


@pytest.fixture
def club_database(club_template: Path, tmp_path: Path) -> Path:
    """The club's walks and three members: Ann, of the committee, Bob and Cat."""
    return Path(shutil.copy(club_template, tmp_path / "club.sqlite3"))


@pytest.fixture
def start_club(club_database: Path, start_server: ServerStarter) -> StartClub:
    """Starts the club's site under uvicorn; `settings` are laid over its own."""

    def start(
        application: str = "ridgeway.asgi:application", arguments: tuple[str, ...] = (), **settings: Any
    ) -> ServerProcess:
        environment = club_environment(club_database, CLUB_SETTINGS=json.dumps(settings))
        return start_server.uvicorn(application, arguments=arguments, environment=environment)

    return start


@pytest.fixture
def club(start_club: StartClub) -> ServerProcess:
    return start_club()
