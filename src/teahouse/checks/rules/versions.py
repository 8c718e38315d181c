"""What is installed: versions that do not go together, or that nobody mends any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import django

from teahouse.checks.findings import Finding, Place
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check


@check("E020", looks=Looks.AT_FILES)
def versions_go_together(project: Project) -> Iterator[Finding]:
    """Channels is of this Django's time, and daphne limits what one message may cost."""
    channels, daphne = _version("channels"), _version("daphne")
    if channels and channels < (4,) and django.VERSION >= (5,):
        yield Finding(
            "E020",
            f"channels {version('channels')} is installed, with Django {django.get_version()}, which came after it.",
            "channels.auth does not import (\"cannot import name 'LANGUAGE_SESSION_KEY'\"), which servers report as "
            '"Cannot import ASGI_APPLICATION module".',
            'pip install "channels>=4.3,<5" "daphne>=4.2.2,<5"',
            _pinned(project, "channels"),
        )
    if daphne and daphne < (4, 2, 2):
        yield Finding(
            "E020",
            f"daphne {version('daphne')} is installed.",
            "It has no limit on the size of a message, and lets headers be smuggled in (CVE-2026-44545 and -44546).",
            'pip install "daphne>=4.2.2,<5"',
            _pinned(project, "daphne"),
        )


def _version(package: str) -> tuple[int, ...]:
    """Return an installed version's numbers; empty when it is not installed."""
    try:
        return tuple(int(number) for number in re.findall(r"\d+", version(package))[:3])
    except PackageNotFoundError:
        return ()


def _pinned(project: Project, package: str) -> Place | None:
    """Return the line of the project's requirements that asks for the package."""
    pattern = re.compile(rf"^[\s\"']*{package}\b(?![-_])", re.IGNORECASE)
    for path in project.files("requirements*.txt", "pyproject.toml", "Pipfile", depth=1):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.match(line):
                return Place(path, number)
    return None
