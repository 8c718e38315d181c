"""ASGI_APPLICATION: whether it names an application that can be imported and called."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db.utils import DatabaseError

from teahouse.checks.findings import Finding, Place
from teahouse.checks.loading import Failure, attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check

_NEW_FILE = """\
# and a file {0}/{1}.py, for there is none:
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{0}.settings")
{2} = get_asgi_application()"""


@check("E001", looks=Looks.AT_SETTINGS)
def names_an_application(project: Project) -> Iterator[Finding]:
    """ASGI_APPLICATION is there when something reads it, and has the three parts package, module and name."""
    value = getattr(project.settings, "ASGI_APPLICATION", None)
    if _has_parts(value) or (not value and not project.installed("daphne")):
        return  # without daphne's runserver it may be unset: servers take the application from their command line
    if not value:
        what = 'ASGI_APPLICATION is not set, and INSTALLED_APPS has "daphne".'
        why = '`runserver` stops: "You have not set ASGI_APPLICATION, which is needed to run the server."'
    elif ":" in str(value):
        what = f"ASGI_APPLICATION is {value!r}: with a colon, as uvicorn's command line has it."
        why = 'The setting has dots only; Channels says "Cannot find … in ASGI_APPLICATION module …".'
    else:
        what = f"ASGI_APPLICATION is {value!r}, which has no dot."
        why = 'It needs package, module and name; Channels says "Cannot find ASGI_APPLICATION setting."'
    yield Finding("E001", what, why, _line(project, str(value or "").replace(":", ".")), _place(project))


@check("E002", "E003", "W036", looks=Looks.AT_APPS)
def can_be_imported(project: Project) -> Iterator[Finding]:
    """The module of the application is there, and nothing in it or in what it imports fails."""
    failure, path = project.application_failure, project.application_path
    module = path.rpartition(".")[0]
    if failure is None:
        return
    says = f'Servers say "Cannot import ASGI_APPLICATION module {module!r}"'
    missing = failure.error.name if isinstance(failure.error, ModuleNotFoundError) else None
    if missing and f"{module}.".startswith(f"{missing}."):
        yield Finding(
            "E002",
            f"ASGI_APPLICATION is {path!r}, and there is no module {missing!r}.",
            f"{says}, or fail in their own way to find it.",
            _line(project),
            _place(project),
        )
    elif isinstance(failure.error, DatabaseError):
        yield Finding(
            "W036",
            f"{module} asks the database while it is imported: {failure.text}",
            "It cannot be imported before the tables are made, nor while the database is away.",
            "# ask inside the function that needs it, not while the module is imported\n" + failure.line,
            failure.place,
        )
    else:
        yield _error_inside(module, failure, says)


def _error_inside(module: str, failure: Failure, says: str) -> Finding:
    return Finding(
        "E003",
        f"Importing {module} fails: {failure.text}",
        f"{says} and hide this error, which is the true one, above it."
        if isinstance(failure.error, ImportError)
        else "No server can start.",
        failure.mend,
        failure.place,
    )


@check("E004", "E005", looks=Looks.AT_APPS)
def is_an_application(project: Project) -> Iterator[Finding]:
    """What ASGI_APPLICATION names is there, and is an application and not a module or anything else."""
    path, holder = project.application_path, project.application_module
    if holder is None or not _has_parts(path):
        return
    module, _, name = path.rpartition(".")
    found = getattr(holder, name, None)
    if isinstance(found, ModuleType) or (found is None and _is_module(path)):
        yield Finding(
            "E005",
            f"ASGI_APPLICATION is {path!r}, which is a module and not the application inside one.",
            "Every request is answered 500: \"TypeError: 'module' object is not callable\". While nothing imports it: "
            f'"Cannot find {name!r} in ASGI_APPLICATION module {module}".',
            _line(project, f"{path}.application" if _holds_application(found) else ""),
            _place(project),
        )
    elif found is None:
        callables = _callables(holder)
        yield Finding(
            "E004",
            f"There is no {name!r} in {module}; it has {', '.join(callables) or 'nothing that can be called'}.",
            f'Servers say "Cannot find {name!r} in ASGI_APPLICATION module {module}".',
            _line(project, f"{module}.{callables[0]}" if callables else ""),
            _place(project),
        )
    elif not callable(found) or isinstance(found, WSGIHandler):
        kind = "a WSGI application" if isinstance(found, WSGIHandler) else f"a {type(found).__name__}"
        yield Finding(
            "E005",
            f"ASGI_APPLICATION is {path!r}, which is {kind} and no ASGI application.",
            "Every request is answered 500: TypeError.",
            _line(project),
            _place(project),
        )


def _has_parts(value: Any) -> bool:
    return isinstance(value, str) and "." in value and ":" not in value


def _is_module(path: str) -> bool:
    spec, _ = attempt(lambda: importlib.util.find_spec(path), Path())
    return spec is not None


def _holds_application(found: Any) -> bool:
    return callable(getattr(found, "application", None))


def _callables(module: ModuleType) -> list[str]:
    """Return the names in a module that may be an application: the likeliest first, what it imported last."""
    names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    own = [name for name in names if getattr(vars(module)[name], "__module__", "") == module.__name__]
    made = [name for name in names if not hasattr(vars(module)[name], "__qualname__")]
    return sorted({*own, *made}, key=lambda name: (name not in {"application", "app"}, name))


def _place(project: Project) -> Place | None:
    return project.place_of("ASGI_APPLICATION") or project.settings_place


def _line(project: Project, path: str = "") -> str:
    """Return the line to write, as far as the project's files tell it."""
    path = path if path and project.source(path.rpartition(".")[0]) else _likely_path(project)
    line = f'ASGI_APPLICATION = "{path}"'
    return line if project.source(path.rpartition(".")[0]) else f"{line}\n{_NEW_FILE.format(*path.split('.'))}"


def _likely_path(project: Project) -> str:
    packages = [
        project.settings_module.split(".")[0],
        *(path.parent.name for path in project.files("asgi.py", depth=1)),
    ]
    package = next((name for name in packages if project.source(f"{name}.asgi")), packages[0])
    return f"{package}.asgi.application"
