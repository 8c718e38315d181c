"""What every command and server loads first: settings, apps and URLs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps
from django.urls import get_resolver

from teahouse.checks.findings import Finding, Place
from teahouse.checks.loading import Failure, attempt
from teahouse.checks.mends import package_of
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.whereabouts import settings_below


@check("E026", looks=Looks.AT_FILES)
def settings_load(project: Project) -> Iterator[Finding]:
    """The settings can be imported."""
    failure = project.settings_failure
    if failure is None:
        return
    why = "Nothing starts: no command, no server."
    module = project.settings_module
    missing = failure.error.name if isinstance(failure.error, ModuleNotFoundError) else None
    if missing and f"{module}.".startswith(f"{missing}."):
        what = f"There is no settings module {module!r}: {failure.text}"
        yield Finding("E026", what, why, _settings_named(project))
    else:
        mend = _mend(failure)
        if mend.startswith("export "):
            why = "Nothing starts where that variable is not set: no command, no server."
        yield Finding("E026", f"The settings {module} do not load: {failure.text}", why, mend, failure.place)


@check("E037", looks=Looks.AT_SETTINGS)
def there_is_a_key(project: Project) -> Iterator[Finding]:
    """SECRET_KEY is not empty. Django asks for it late, and only then refuses."""
    _, failure = attempt(lambda: project.settings.SECRET_KEY, project.folder)
    if failure is None:
        return
    yield Finding(
        "E037",
        "SECRET_KEY is empty or not set.",
        f'Whatever signs or reads a signed cookie fails: "{failure.text}"',
        'SECRET_KEY = os.environ["SECRET_KEY"]\n# a long random value, such as this prints:\n'
        'python -c "from django.core.management.utils import get_random_secret_key as k; print(k())"',
        project.place_of("SECRET_KEY") or project.settings_place,
    )


@check("E027", looks=Looks.AT_FILES)
def apps_load(project: Project) -> Iterator[Finding]:
    """Every app of INSTALLED_APPS can be loaded, and its models too."""
    failure = project.apps_failure
    if failure is None:
        return
    error, why = failure.error, "Nothing starts: no command, no server."
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    named = next((app for app in project.installed_apps if missing and f"{app}.".startswith(f"{missing}.")), None)
    if named is None:
        yield Finding("E027", f"The installed apps do not load: {failure.text}", why, *_of_apps(project, failure))
        return
    ours = [file.parent.name for file in project.files("apps.py", "models.py", depth=1)]
    near = difflib.get_close_matches(named, ours, n=1)
    mend = (
        f'INSTALLED_APPS = [… "{near[0]}" …]' if near else f"pip install {_missing(project)}\n# or take {named!r} out"
    )
    what = f"INSTALLED_APPS names {named!r}, and there is no module {missing!r}."
    yield Finding("E027", what, f'{why} "{failure.text}"', mend, project.place_of("INSTALLED_APPS", named))


@check("E033", looks=Looks.AT_APPS)
def urls_load(project: Project) -> Iterator[Finding]:
    """ROOT_URLCONF and what it includes can be imported."""
    if not getattr(project.settings, "ROOT_URLCONF", None):
        return  # a library's settings, say, with no pages
    _, failure = attempt(lambda: list(get_resolver().reverse_dict), project.folder)
    if failure is None or ("teahouse" in failure.text and not apps.is_installed("teahouse")):
        return  # that is said by name elsewhere
    yield Finding(
        "E033",
        f"The URLs of {project.settings.ROOT_URLCONF} do not load: {failure.text}",
        "Every request is answered 500"
        + (", and every handshake of Teahouse's sockets fails." if apps.is_installed("teahouse") else "."),
        _mend(failure),
        failure.place,
    )


def _missing(project: Project) -> str:
    """Return what to install for all apps that are not there, so that one need not ask again for each."""
    tops = dict.fromkeys(app.split(".", maxsplit=1)[0] for app in project.installed_apps)
    return " ".join(package_of(top) for top in tops if find_spec(top) is None)


def _of_apps(project: Project, failure: Failure) -> tuple[str, Place | None]:
    """Return what to write, and where: what Django loads by a setting fails in a line of Django's."""
    inside = failure.error.__cause__
    if "Unable to configure handler" in failure.text and isinstance(inside, FileNotFoundError):
        return f"mkdir -p {Path(inside.filename).parent}", project.place_of("LOGGING", "filename")
    if "Error loading" in failure.text:
        return _mend(failure), project.place_of("DATABASES", "ENGINE")
    return _mend(failure), failure.place


def _mend(failure: Failure) -> str:
    if isinstance(failure.error, ModuleNotFoundError):
        return f"{failure.mend}\n# it is installed? then ask with that Python: python -m teahouse_site doctor"
    return failure.mend


def _settings_named(project: Project) -> str:
    """Return the line that names settings which are there."""
    near = difflib.get_close_matches(project.settings_module, settings_below(project.folder), n=1, cutoff=0)
    name = (near or ["package.settings"])[0]
    return f'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{name}")'
