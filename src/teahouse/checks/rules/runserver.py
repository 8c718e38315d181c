"""``runserver`` and sockets: Django's own serves none, daphne's does when its app comes first."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from teahouse.checks.consumer_classes import consumer_classes
from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.start_lines import start_lines

_START_LINES = ("Makefile", "Procfile", "*.sh", "Dockerfile", "compose*.y*ml", "docker-compose*.y*ml", "package.json")
_REQUIREMENTS = ("*requirements*", "pyproject.toml", "Pipfile", "setup.cfg", "setup.py", "environment.y*ml", "base.txt")
_SERVER = re.compile(r"^[^#]*\b(uvicorn|hypercorn|granian)\b", re.MULTILINE)


@check("W023", looks=Looks.AT_SETTINGS)
def runserver_serves_sockets(project: Project) -> Iterator[Finding]:
    """Daphne is among the apps before whatever else brings a ``runserver``, when that is how it is served."""
    meant = project.installed("teahouse") or bool(consumer_classes(project))
    installed = project.installed_apps
    first = next((app for app in installed if _is(app, "daphne") or _is(app, "django.contrib.staticfiles")), "")
    if not meant or _is(first, "daphne"):
        return
    daphne = next((app for app in installed if _is(app, "daphne")), None)
    if daphne:
        what = f'"daphne" stands below {first!r} in INSTALLED_APPS, whose runserver comes first.'
    elif _runserver_is_used(project):
        what = 'The project is served by `manage.py runserver`, and INSTALLED_APPS has no "daphne".'
    elif project.installed("channels") and not _has_another_server(project):
        what = 'INSTALLED_APPS has "channels" and no "daphne", and no file says that another server is used.'
    else:
        return
    application = project.application_path or "package.asgi.application"
    yield Finding(
        "W023",
        what,
        'Django\'s own `runserver` serves no sockets: it answers them 404 ("Not Found: /ws/…"). Until Channels 4 '
        '"channels" brought another; now "daphne" does.',
        f'INSTALLED_APPS = ["daphne", …]  # first\nASGI_APPLICATION = "{application}"',
        project.place_of("INSTALLED_APPS", *([daphne] if daphne else [])),
    )


def _is(app: str, name: str) -> bool:
    return app == name or app.startswith(f"{name}.apps.")


def _runserver_is_used(project: Project) -> bool:
    """Claim that it runs now, or that a file of the project starts it."""
    if "runserver" in sys.argv[1:2]:
        return True
    pattern = re.compile(r"^[^#]*manage\.py\s+runserver", re.MULTILINE)
    return any(pattern.search(path.read_text(errors="replace")) for path in project.files_around(*_START_LINES))


def _has_another_server(project: Project) -> bool:
    """Claim that a file starts a server that serves sockets, or asks for one: who installs uvicorn knows why."""
    if any(not line.is_wsgi for line in start_lines(project)):
        return True
    texts = (path.read_text(errors="replace") for path in project.files_around(*_REQUIREMENTS))
    return any(_SERVER.search(text) for text in texts)
