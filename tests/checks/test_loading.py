"""Tests of `teahouse.checks.loading`: whatever a project raises becomes a value."""

import sys
from pathlib import Path
from typing import Any

import pytest

from teahouse.checks.loading import attempt


def raising(error: BaseException) -> Any:
    raise error


@pytest.mark.parametrize("error", [ValueError("so"), SystemExit("so"), ImportError("so")])
def test_a_failure_is_returned(error: BaseException) -> None:
    found, failure = attempt(lambda: raising(error), Path(__file__).parent)
    assert found is None
    assert failure is not None
    assert failure.text == f"{type(error).__name__}: so"


def test_ctrl_c_is_no_failure() -> None:
    with pytest.raises(KeyboardInterrupt):
        attempt(lambda: raising(KeyboardInterrupt()), Path())


def test_the_place_is_the_innermost_of_the_projects_own_lines(tmp_path: Path) -> None:
    """The error may come up in a library, which is not where to mend it."""
    file = tmp_path / "own.py"
    file.write_text("import json\n\njson.loads('not json')\n")
    _, failure = attempt(lambda: exec(compile(file.read_text(), str(file), "exec"), {}), tmp_path)
    assert failure is not None
    assert failure.place is not None
    assert failure.place.below(tmp_path) == "own.py:3"
    assert failure.line == "json.loads('not json')"


def test_the_place_of_an_error_outside_is_outside(tmp_path: Path) -> None:
    _, failure = attempt(lambda: raising(ValueError("so")), tmp_path)
    assert failure is not None
    assert failure.place is not None
    assert failure.place.path == Path(__file__)


def test_a_syntax_error_stands_where_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_syntax_of_a_test.py").write_text("A = 1\nB = = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    _, failure = attempt(lambda: __import__("broken_syntax_of_a_test"), tmp_path)
    assert failure is not None
    assert failure.place is not None
    assert failure.place.below(tmp_path) == "broken_syntax_of_a_test.py:2"
    assert "broken_syntax_of_a_test" not in sys.modules
