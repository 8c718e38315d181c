"""Tests of `teahouse.checks.report`: one finding, for a terminal, for a log and for Django."""

from pathlib import Path

from django.core import checks as django_checks

from teahouse.checks.doctor import Examination
from teahouse.checks.findings import Finding, Place
from teahouse.checks.project import Project
from teahouse.checks.report import line, message, report

FOLDER = Path("site").resolve()
WRONG = Finding("E001", "It is wrong.", "It fails.", "A = 1\nB = 2", Place(FOLDER / "web" / "settings.py", 7))
UNSAFE = Finding("W010", "It is unsafe.", "It may fail.", "C = 3")


def examination(*findings: Finding) -> Examination:
    return Examination(Project(FOLDER, "web.settings"), [*findings], checks=12)


def test_a_finding_has_its_id_its_place_and_what_to_write() -> None:
    assert report(examination(WRONG), colour=False) == (
        "teahouse.E001 error  web/settings.py:7\n"
        "  It is wrong.\n  It fails.\n  Write:\n      A = 1\n      B = 2\n\n"
        f"Looked at {FOLDER}, settings web.settings: 12 checks.\n"
        "1 error. Each stands in docs/troubleshooting.md by its id."
    )


def test_errors_and_warnings_are_counted() -> None:
    text = report(examination(WRONG, UNSAFE, UNSAFE), colour=False)
    assert "1 error and 2 warnings." in text


def test_nothing_wrong_is_said() -> None:
    assert report(examination(), colour=False).endswith("Nothing is wrong.")


def test_what_was_not_looked_at_is_said() -> None:
    found = examination()
    found.left_out = ["the settings"]
    found.silenced = 2
    text = report(found, colour=False)
    assert "Could not look at the settings." in text
    assert "Silenced by SILENCED_SYSTEM_CHECKS: 2." in text


def test_a_line_of_the_log_is_one_line() -> None:
    assert line(WRONG, FOLDER) == "teahouse.E001 (web/settings.py:7) It is wrong."
    assert line(UNSAFE, FOLDER) == "teahouse.W010 It is unsafe."


def test_django_gets_the_line_to_write_as_hint() -> None:
    error, warning = message(WRONG, FOLDER, is_error=True), message(UNSAFE, FOLDER, is_error=False)
    assert (error.level, error.id) == (django_checks.ERROR, "teahouse.E001")
    assert error.msg == "web/settings.py:7: It is wrong."
    assert error.hint == "It fails. Write:\n      A = 1\n      B = 2"
    assert (warning.level, warning.msg) == (django_checks.WARNING, "It is unsafe.")


def test_a_place_outside_the_project_is_whole() -> None:
    assert Place(Path("/elsewhere/x.py"), 3).below(FOLDER) == "/elsewhere/x.py:3"
    assert Place(FOLDER / "x.py").below(FOLDER) == "x.py"
