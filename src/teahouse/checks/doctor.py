"""Looks at a project with every check that can; used by the commands, Django's checks and the start of a server."""

from __future__ import annotations

from dataclasses import dataclass, field

from teahouse.checks.discovery import load_application
from teahouse.checks.findings import Finding
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Check, Looks, every_check


@dataclass
class Examination:
    """What was found, how many checks looked, and what could not be looked at."""

    project: Project
    findings: list[Finding] = field(default_factory=list)
    checks: int = 0
    left_out: list[str] = field(default_factory=list)
    silenced: int = 0

    @property
    def errors(self) -> int:
        """How many findings are of what fails now."""
        return sum(finding.is_error for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are of what is unsafe or fails some day."""
        return len(self.findings) - self.errors


def examine(project: Project, *, upto: Looks = Looks.AT_NETWORK, deploy: bool = False) -> Examination:
    """Look at the project, and at no more of it than ``upto``. Never raises: a check that fails says so.

    Ids in the project's SILENCED_SYSTEM_CHECKS are left out, and counted.
    """
    if upto >= Looks.AT_APPLICATION and can_look(project, Looks.AT_APPS):
        load_application(project)
    project.for_production = deploy
    examination = Examination(project)
    for check in every_check():
        if check.looks > upto or (check.deploy and not deploy):
            continue
        if can_look(project, check.looks):
            _look(check, examination)
    examination.left_out += _out_of_sight(project, upto)
    silenced = set(getattr(project.settings, "SILENCED_SYSTEM_CHECKS", ()))
    heard = [finding for finding in examination.findings if finding.name not in silenced]
    examination.silenced = len(examination.findings) - len(heard)
    examination.findings = sorted(heard, key=lambda finding: (not finding.is_error, finding.id[1:]))
    return examination


def can_look(project: Project, looks: Looks) -> bool:
    """Claim that what a check looks at was loaded."""
    if looks == Looks.AT_FILES:
        return True
    if looks == Looks.AT_APPLICATION:
        return project.application is not None
    return project.settings is not None and (looks == Looks.AT_SETTINGS or project.apps_failure is None)


def _look(check: Check, examination: Examination) -> None:
    project = examination.project
    found, failure = attempt(lambda: list(check.rule(project)), project.folder)
    examination.checks += 1
    if found is None and failure is not None:
        # A guess about a project that we do not understand; all other checks still look.
        examination.left_out.append(f"{check.rule.__name__} ({failure.text})")
    # One mistake may be met on several ways.
    examination.findings += [finding for finding in found or [] if finding not in examination.findings]


def _out_of_sight(project: Project, upto: Looks) -> list[str]:
    if project.settings is None:
        return ["the settings, and what they lead to: apps, application, database"]
    if project.apps_failure is not None:
        return ["apps, application and database"]
    if upto >= Looks.AT_APPLICATION and project.application_path and project.application is None:
        return ["the application and its sockets"]
    return []
