"""The words and the exit status of ``doctor``, alike for ``teahouse doctor`` and ``manage.py teahouse doctor``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from teahouse.checks.discovery import load, project_at
from teahouse.checks.doctor import Examination, examine
from teahouse.checks.patience import telling_where_it_waits
from teahouse.checks.report import report
from teahouse.checks.whereabouts import NoProject

NOTHING_WRONG, SOMETHING_WRONG, CANNOT_LOOK = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what both commands understand."""
    parser.add_argument("--deploy", action="store_true", help="look at what production needs, too")
    parser.add_argument(
        "--fail-level",
        choices=["error", "warning"],
        default="error",
        help="the least that makes the exit status 1 (%(default)s)",
    )


def doctor(arguments: Sequence[str], otherwise: str = "") -> int:
    """Do ``teahouse doctor …``: return 0 when nothing is wrong, 1 when something is, 2 when it cannot look.

    Where there is no project it looks at the settings ``otherwise``, if any.
    """
    parser = argparse.ArgumentParser(
        prog="teahouse doctor",
        description="Says what is wrong with a Django project, where, why, and the line to write.",
    )
    parser.add_argument("path", nargs="?", default=".", type=Path, help="folder of the project (here)")
    parser.add_argument("--settings", default="", metavar="MODULE", help="its settings (those that manage.py names)")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    try:
        project = project_at(options.path, options.settings, otherwise)
    except NoProject as error:
        print(f"teahouse doctor: {error}", file=sys.stderr)  # noqa: T201 (a command speaks)
        return CANNOT_LOOK
    with telling_where_it_waits(project.folder):
        load(project)
        examination = examine(project, deploy=options.deploy)
    return tell(examination, options.fail_level, sys.stdout)


def tell(examination: Examination, fail_level: str, out: TextIO) -> int:
    """Write the report and return the exit status."""
    out.write(report(examination, colour=out.isatty()) + "\n")
    wrong = examination.errors or (fail_level == "warning" and examination.warnings)
    return SOMETHING_WRONG if wrong else NOTHING_WRONG
