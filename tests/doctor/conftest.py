"""The right projects that the doctor's tests break, each in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doctor.workshop import CHANNELS_PROJECT, TEAHOUSE_PROJECT, Project, WarmTeahouse


@pytest.fixture(scope="session")
def teahouse() -> Iterator[WarmTeahouse]:
    """What the projects of all tests run `teahouse doctor` by."""
    warm = WarmTeahouse()
    yield warm
    warm.end()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, teahouse: WarmTeahouse) -> dict[str, Project]:
    """Both projects with their tables made, to be copied."""
    projects = {}
    for name, files in {"channels": CHANNELS_PROJECT, "teahouse": TEAHOUSE_PROJECT}.items():
        projects[name] = Project(tmp_path_factory.mktemp(name) / "project", files, teahouse)
        assert projects[name].manage("migrate", "--verbosity=0") == ""
    return projects


@pytest.fixture
def channels_project(tmp_path: Path, finished: dict[str, Project]) -> Project:
    """A right project with Channels and daphne, and without Teahouse: package `web`, app `talk`."""
    return finished["channels"].copied_to(tmp_path / "project")


@pytest.fixture
def teahouse_project(tmp_path: Path, finished: dict[str, Project]) -> Project:
    """A right project with Teahouse's three lines."""
    return finished["teahouse"].copied_to(tmp_path / "project")
