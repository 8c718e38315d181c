"""Findings as text: for a terminal, for a line of the log, and for Django's checks."""

from __future__ import annotations

from pathlib import Path

from django.core import checks as django_checks

from teahouse.checks.doctor import Examination
from teahouse.checks.findings import Finding

_RED, _YELLOW, _GREEN, _BOLD, _PLAIN = "\033[31m", "\033[33m", "\033[32m", "\033[1m", "\033[0m"


def report(examination: Examination, *, colour: bool) -> str:
    """Return all findings, each with why and mend, then what was looked at and how much is wrong."""
    folder = examination.project.seen_from
    parts = [_finding(finding, folder, colour) for finding in examination.findings]
    return "\n".join([*parts, _looked_at(examination), _verdict(examination, colour)])


def line(finding: Finding, folder: Path) -> str:
    """Return a finding as one line."""
    place = f" ({finding.place.below(folder)})" if finding.place else ""
    return f"{finding.name}{place} {finding.what}".replace("\n", " ")


def message(finding: Finding, folder: Path, *, is_error: bool) -> django_checks.CheckMessage:
    """Return a finding as Django shows those of its own, where an error stops commands; the hint is what to write."""
    kind = django_checks.Error if is_error else django_checks.Warning
    place = f"{finding.place.below(folder)}: " if finding.place else ""
    hint = f"{finding.why} Write:\n{_indented(finding.mend)}"
    return kind(place + finding.what, hint=hint, id=finding.name)


def _finding(finding: Finding, folder: Path, colour: bool) -> str:
    paint = _RED if finding.is_error else _YELLOW
    kind = "error" if finding.is_error else "warning"
    head = f"{paint}{_BOLD}{finding.name}{_PLAIN} {paint}{kind}{_PLAIN}" if colour else f"{finding.name} {kind}"
    place = f"  {finding.place.below(folder)}" if finding.place else ""
    return f"{head}{place}\n  {finding.what}\n  {finding.why}\n  Write:\n{_indented(finding.mend)}\n"


def _indented(mend: str) -> str:
    return "\n".join(f"      {line}".rstrip() for line in mend.splitlines())


def _looked_at(examination: Examination) -> str:
    project = examination.project
    where = [f"{project.folder}", f"settings {project.settings_module}"]
    where += [f"application {project.application_path}"] if project.application_path else []
    text = f"Looked at {', '.join(where)}: {examination.checks} checks."
    if examination.left_out:
        text += f"\nCould not look at {'; '.join(examination.left_out)}."
    if examination.silenced:
        text += f"\nSilenced by SILENCED_SYSTEM_CHECKS: {examination.silenced}."
    return text


def _verdict(examination: Examination, colour: bool) -> str:
    errors, warnings = examination.errors, examination.warnings
    if not examination.findings:
        return f"{_GREEN}Nothing is wrong.{_PLAIN}" if colour else "Nothing is wrong."
    counts = [
        f"{count} {word}{'s' * (count > 1)}" for count, word in ((errors, "error"), (warnings, "warning")) if count
    ]
    return f"{' and '.join(counts)}. Each stands in docs/troubleshooting.md by its id."
