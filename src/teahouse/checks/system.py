"""The doctor as one of Django's system checks, so that ``manage.py check`` and ``runserver`` tell what it finds."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage

from teahouse.checks.discovery import this_project
from teahouse.checks.doctor import examine
from teahouse.checks.registry import Looks
from teahouse.checks.report import message

HOSTS_OWN = frozenset({"E007", "E009", "E015", "E017", "E020", "E022", "E024", "E025", "E063", "E065"})
"""Errors in what the host had before: the site ran with them, and installing Teahouse must not stop its commands."""


def project_checks(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Return what is wrong with the project that runs; nothing when Django asks about some apps only.

    An error stops every command, ``migrate`` too. So what is the HOSTS_OWN is a warning here; the doctor's exit status
    says that it is wrong all the same.

    The database is not asked: ``migrate`` runs these checks too, before there are tables.
    """
    if app_configs is not None:
        return []
    project = this_project()
    found = examine(project, upto=Looks.AT_APPLICATION).findings
    return [
        message(finding, project.folder, is_error=finding.is_error and finding.id not in HOSTS_OWN) for finding in found
    ]
