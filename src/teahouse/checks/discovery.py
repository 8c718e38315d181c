"""Finds the project at a path and loads as much of it as can be loaded; used by the ``doctor`` commands."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import django
from django.conf import settings as django_settings

from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.whereabouts import NoProject, Whereabouts, import_root, nearest_project, settings_below


def project_at(path: Path, settings_module: str = "", otherwise: str = "") -> Project:
    """Return the project at a folder, or in the folders below it, with nothing of it imported yet.

    The settings are those that are named, or else those of ``DJANGO_SETTINGS_MODULE``, of ``manage.py``, of
    ``asgi.py``, and where there is no project, those of ``otherwise``. Raises NoProject.
    """
    path = path.resolve()
    if not path.is_dir():
        raise NoProject(f"{path} is no folder; name the one that holds manage.py")
    try:
        place = nearest_project(path)
    except NoProject:
        if not settings_module:
            raise
        place = Whereabouts(path)
    settings_module = settings_module or os.environ.get("DJANGO_SETTINGS_MODULE", "") or place.settings or otherwise
    if not settings_module:
        known = settings_below(path)
        raise NoProject(
            f"no Django project is at {path}: neither a manage.py nor an asgi.py that names its settings; "
            "name the folder that holds manage.py, or the settings with --settings"
            + (f" (there is {', '.join(known)})" if known else "")
        )
    folder = import_root(place, settings_module)
    return Project(
        folder, settings_module, home=place.home, around=path, paths=place.paths, configuration=place.configuration
    )


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
    sys.dont_write_bytecode = True  # whoever looks leaves nothing behind
    os.environ["DJANGO_SETTINGS_MODULE"] = project.settings_module
    home = project.home or project.folder
    sys.path[:0] = dict.fromkeys(str(folder) for folder in (home, project.folder, *project.paths))
    os.chdir(home)  # settings may name files as seen from where manage.py stands
    if project.configuration:
        os.environ.setdefault("DJANGO_CONFIGURATION", project.configuration)
        attempt(
            lambda: importlib.import_module("configurations").setup(), project.folder
        )  # says why below, if it fails
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
