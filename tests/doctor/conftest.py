"""The right projects that the doctor's tests break, each in a folder of its own."""

from pathlib import Path

import pytest

from tests.doctor.workshop import CHANNELS_PROJECT, TEAHOUSE_PROJECT, Project


@pytest.fixture
def channels_project(tmp_path: Path) -> Project:
    """A right project with Channels and daphne, and without Teahouse: package `web`, app `talk`."""
    return Project(tmp_path / "project", CHANNELS_PROJECT)


@pytest.fixture
def teahouse_project(tmp_path: Path) -> Project:
    """A right project with Teahouse's three lines, its tables made."""
    project = Project(tmp_path / "project", TEAHOUSE_PROJECT)
    project.manage("migrate", "--verbosity=0")
    return project
