"""A project of files that nobody imports, for the checks that only read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from teahouse.checks.project import Project

Written = Callable[..., Project]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """`written(**{"web/settings.py": "…"})` is a project of such files."""

    def write(files: dict[str, str], settings: str = "web.settings") -> Project:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Project(tmp_path, settings)

    return write
