"""Finds the project at a path and loads as much of it as can be loaded; used by the ``doctor`` commands."""

from __future__ import annotations

import ast
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import django
from django.conf import settings as django_settings

from teahouse.checks.loading import attempt
from teahouse.checks.project import Project, walk_folders
from teahouse.checks.sources import called, read, text_of

_DEPTH = 3


class NoProject(Exception):
    """There is nothing to look at; the text says what was looked for."""


def project_at(path: Path, settings_module: str = "", otherwise: str = "") -> Project:
    """Return the project at a folder, or in the folders below it, with nothing of it imported yet.

    The settings are those that are named, or else those of ``DJANGO_SETTINGS_MODULE``, of ``manage.py``, of
    ``asgi.py``, and where there is no project, those of ``otherwise``. Raises NoProject.
    """
    path = path.resolve()
    if not path.is_dir():
        raise NoProject(f"{path} is no folder; name the one that holds manage.py")
    try:
        folder, found = _look_below(path)
    except NoProject:
        if not settings_module:
            raise
        folder, found = path, ""
    settings_module = settings_module or os.environ.get("DJANGO_SETTINGS_MODULE", "") or found or otherwise
    if not settings_module:
        raise NoProject(
            f"no Django project is at {path}: neither a manage.py nor an asgi.py that names its settings; "
            "name the folder that holds manage.py, or the settings with --settings"
        )
    return Project(folder, settings_module)


def this_project() -> Project:
    """Return the project that this process runs, whose settings and apps are loaded."""
    module = getattr(django_settings, "SETTINGS_MODULE", None) or os.environ.get("DJANGO_SETTINGS_MODULE", "")
    file = getattr(sys.modules.get(module), "__file__", None)
    folder = Path(file).resolve().parents[module.count(".")] if file else Path.cwd()
    if file and Path(file).name == "__init__.py":
        folder = folder.parent
    return Project(folder, module, settings=django_settings)


def load(project: Project) -> None:
    """Load the settings, then the apps, as far as they can be loaded."""
    os.environ["DJANGO_SETTINGS_MODULE"] = project.settings_module
    sys.path.insert(0, str(project.folder))
    os.chdir(project.folder)  # settings may name files as seen from where manage.py stands
    project.settings, project.settings_failure = attempt(_settings, project.folder)
    if project.settings is not None:
        _, project.apps_failure = attempt(django.setup, project.folder)


def load_application(project: Project) -> None:
    """Import the application. Django must be set up, which makes the order inside ``asgi.py`` matter no more."""
    module, _, name = project.application_path.rpartition(".")
    if not module or project.application is not None:
        return
    loaded = attempt(lambda: importlib.import_module(module), project.folder)
    project.application_module, project.application_failure = loaded
    found = getattr(project.application_module, name, None)
    project.application = None if isinstance(found, ModuleType) else found


def _settings() -> Any:
    _ = django_settings.INSTALLED_APPS  # settings are lazy: the first one asked for loads all
    return django_settings


def _look_below(path: Path) -> tuple[Path, str]:
    """Return the folder of the nearest project and the settings that it names."""
    for name in ("manage.py", "asgi.py"):
        found = [Path(folder, name) for folder, files in walk_folders(path, _DEPTH) if name in files]
        named = [(file, settings) for file in found if (settings := _settings_named(file))]
        nearest = [place for place in named if len(place[0].parts) == min(len(file.parts) for file, _ in named)]
        if len(nearest) > 1:
            folders = ", ".join(str(file.parent.relative_to(path)) for file, _ in nearest)
            raise NoProject(f"there are several projects in {path}: {folders}; name one")
        for file, settings in nearest:
            return (file.parent if name == "manage.py" else file.parent.parent), settings
    return path, ""


def _settings_named(file: Path) -> str:
    source = read(file, "")
    for node in ast.walk(source.tree) if source else ():
        if called(node) == "setdefault" and isinstance(node, ast.Call) and len(node.args) > 1:
            name, value = map(text_of, node.args[:2])
            if name == "DJANGO_SETTINGS_MODULE" and value:
                return value
    return ""
