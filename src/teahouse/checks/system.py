"""The doctor as one of Django's system checks, so that ``manage.py check`` and ``runserver`` tell what it finds."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage

from teahouse.checks.discovery import this_project
from teahouse.checks.doctor import examine
from teahouse.checks.registry import Looks
from teahouse.checks.report import message


def project_checks(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Return what is wrong with the project that runs; nothing when Django asks about some apps only.

    The database is not asked: ``migrate`` runs these checks too, before there are tables.
    """
    if app_configs is not None:
        return []
    project = this_project()
    return [message(finding, project.folder) for finding in examine(project, upto=Looks.AT_APPLICATION).findings]
