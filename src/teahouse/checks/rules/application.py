"""ASGI_APPLICATION: whether it names an application that can be imported."""

from __future__ import annotations

from collections.abc import Iterator

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check

_NEEDED_BY = ("daphne", "channels")


@check("E001", looks=Looks.AT_SETTINGS)
def names_an_application(project: Project) -> Iterator[Finding]:
    """ASGI_APPLICATION is there when something reads it, and has the three parts package, module and name."""
    value = getattr(project.settings, "ASGI_APPLICATION", None)
    reader = next((app for app in _NEEDED_BY if project.installed(app)), None)
    if value and isinstance(value, str) and "." in value and ":" not in value:
        return
    if not value and reader is None:
        return  # uvicorn and daphne take the application from their command line
    if not value:
        what = f'ASGI_APPLICATION is not set, and "{reader}" is in INSTALLED_APPS.'
        why = '`runserver` and Channels stop with "Cannot find ASGI_APPLICATION setting."'
    elif ":" in str(value):
        what = f"ASGI_APPLICATION is {value!r}: with a colon, as uvicorn's command line has it."
        why = "The setting has dots only; what stands before the last one is taken for a module."
    else:
        what = f"ASGI_APPLICATION is {value!r}, which has no dot."
        why = 'It needs package, module and name; Channels says "Cannot find ASGI_APPLICATION setting."'
    yield Finding("E001", what, why, _line(project), project.place_of("ASGI_APPLICATION") or project.settings_place)


def _line(project: Project, path: str = "") -> str:
    """Return the line to write, as far as the project's files tell it."""
    return f'ASGI_APPLICATION = "{path or _likely_path(project)}"'


def _likely_path(project: Project) -> str:
    packages = [
        project.settings_module.split(".")[0],
        *(path.parent.name for path in project.files("asgi.py", depth=1)),
    ]
    package = next((name for name in packages if project.source(f"{name}.asgi")), packages[0])
    return f"{package}.asgi.application"
