"""Tests of `teahouse.checks.patience`: a project that takes its time is told by its line."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from teahouse.checks.patience import tell, telling_where_it_waits

LOADS = "def load(library):\n    library()\n"


def test_the_innermost_line_of_the_projects_own_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It may wait in a library, which is not where to look."""
    file = tmp_path / "settings.py"
    file.write_text(LOADS)
    inside: dict[str, Any] = {}
    exec(compile(LOADS, str(file), "exec"), inside)

    inside["load"](lambda: tell(sys._getframe(), tmp_path, 10))

    assert capsys.readouterr().err == f"teahouse doctor: loading the project takes more than 10 s: {file}:2 library()\n"


def test_who_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr("teahouse.checks.patience.tell", lambda *_: told.set())
    with telling_where_it_waits(tmp_path, seconds=0):
        assert told.wait(10)


def test_who_is_done_in_time_is_told_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = threading.active_count()
    with telling_where_it_waits(tmp_path):
        pass
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()
    assert threading.active_count() == before
    assert capsys.readouterr().err == ""
