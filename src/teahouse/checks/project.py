"""The project that is looked at: its folder, settings, sources and application; what every rule is given."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from teahouse.checks.findings import Place
from teahouse.checks.loading import Failure
from teahouse.checks.sources import Source, read

_NOT_OURS = {"node_modules", "site-packages", "__pycache__", "migrations", "build", "dist"}


@dataclass
class Project:
    """A Django project. What could not be loaded is None, and its failure says why.

    ``settings`` is Django's settings object once it is loaded; ``application`` is the ASGI application, found at
    ``application_path`` (``package.module.name``), which is empty when nobody says where it is.
    """

    folder: Path
    settings_module: str
    settings: Any = None
    settings_failure: Failure | None = None
    apps_failure: Failure | None = None
    application: Any = None
    application_module: ModuleType | None = None
    application_failure: Failure | None = None
    home: Path | None = None
    """Where its commands are run, when that is another folder than the one that modules are imported from."""
    around: Path | None = None
    """The folder that was asked about, with the project somewhere inside."""
    paths: tuple[Path, ...] = ()
    """Further folders that modules are imported from."""
    configuration: str = ""
    """The class of settings, for django-configurations."""
    for_production: bool = False
    """It is asked whether the project is fit for that, whatever it is set up for now."""
    _sources: dict[Path, Source | None] = field(default_factory=dict, repr=False)

    @cached_property
    def application_path(self) -> str:
        """Where the application is: ASGI_APPLICATION, or else the ``asgi.py`` beside the settings."""
        named = getattr(self.settings, "ASGI_APPLICATION", None)
        if isinstance(named, str) and named:
            return named
        beside = self.asgi_beside_settings
        return f"{beside.module}.application" if beside else ""

    @property
    def asgi_source(self) -> Source | None:
        """The file of the application, when it is the project's own."""
        return self.source(self.application_path.rpartition(".")[0]) or self.asgi_beside_settings

    @property
    def asgi_beside_settings(self) -> Source | None:
        """The ``asgi.py`` in the package of the settings, or in the nearest one around it."""
        parts = self.settings_module.split(".") if self.settings_module else []
        modules = [".".join([*parts[:count], "asgi"]) for count in reversed(range(len(parts)))]
        return next(filter(None, map(self.source, modules)), None)

    def installed(self, app: str) -> bool:
        """Claim that an app is among INSTALLED_APPS, by its name or by its config class."""
        return any(name == app or name.startswith(f"{app}.apps.") for name in self.installed_apps)

    @property
    def installed_apps(self) -> list[str]:
        """INSTALLED_APPS as it is written; empty while settings are not loaded."""
        return [str(name) for name in getattr(self.settings, "INSTALLED_APPS", None) or []]

    def source(self, module: str) -> Source | None:
        """Return the source of a module of the project, or None when it is none of its own."""
        if not module:
            return None
        for folder in (self.folder, *self.paths):
            path = folder.joinpath(*module.split("."))
            for candidate in (path.with_name(path.name + ".py"), path / "__init__.py"):
                if candidate not in self._sources:
                    self._sources[candidate] = read(candidate, module) if candidate.is_file() else None
                if (found := self._sources[candidate]) is not None:
                    return found
        return None

    @cached_property
    def socket_sources(self) -> list[Source]:
        """The project's own files that the application imports, itself first; and every routing and consumer file.

        A broken application may not lead to them, which is no reason to overlook them.
        """
        named = self.files("routing.py", "consumers.py")
        modules = [".".join(path.relative_to(self.folder).with_suffix("").parts) for path in named]
        found = list(filter(None, [self.asgi_source, *map(self.source, modules)]))
        for source in found:
            # Consumers that say so in a comment import inside functions; routers often do, too.
            names = [name for statement in source.statements() for name in source.names_imported(statement)]
            found.extend(new for name in names if (new := self.source(name)) and new not in found)
        return found

    def place_of(self, setting: str, *inside: str) -> Place | None:
        """Return where a setting is assigned, or, with ``inside``, where such a text stands in its value.

        Follows ``from … import *`` to other files of the project. The last assignment counts, as it does for Python.
        """
        for source in self._settings_sources():
            for statement in reversed(source.assignments(setting)):
                node = _within(statement, inside)
                if node is not None:
                    return source.place(node)
        return self.place_of(setting) if inside else None

    def assignments(self, setting: str) -> list[ast.stmt]:
        """Return the statements of the settings that give one a value; those of the nearest file that has any."""
        return next(filter(None, (source.assignments(setting) for source in self._settings_sources())), [])

    def _settings_sources(self) -> Iterator[Source]:
        waiting, seen = [self.settings_module], set()
        while waiting:
            module = waiting.pop(0)
            if module in seen or (source := self.source(module)) is None:
                continue
            seen.add(module)
            yield source
            waiting += [
                source.absolute(statement)
                for statement in source.top_level()
                if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"
            ]

    @property
    def seen_from(self) -> Path:
        """The folder that places are named from: the one that was asked about, when the project lies in there."""
        return self.around if self.around and self.folder.is_relative_to(self.around) else self.folder

    @property
    def settings_place(self) -> Place | None:
        """The settings file: where a missing setting is to be written."""
        source = self.source(self.settings_module)
        return Place(source.path) if source else None

    def files(self, *names: str, depth: int = 3) -> list[Path]:
        """Return the project's own files of such names (``*`` allowed), at most so many folders down, sorted."""
        if self.folder.name == "site-packages":
            return []  # the project was installed, among a thousand others
        return _files(self.folder, names, depth)

    def files_around(self, *names: str) -> list[Path]:
        """Return its own such files, and those of the folder around it that was asked about, but for other projects.

        A repository may keep its compose file at the top, and the project in a folder below.
        """
        top = self.seen_from
        return [*self.files(*names, depth=2), *(_files(top, names, 3) if top != self.folder else [])]


def _files(top: Path, names: tuple[str, ...], depth: int) -> list[Path]:
    return [
        Path(folder, file)
        for folder, files in walk_folders(top, depth, past_projects=False)
        for file in files
        if any(fnmatch(file, name) for name in names) and Path(folder, file).is_file()  # and no link to nowhere
    ]


def walk_folders(top: Path, depth: int, *, past_projects: bool = True) -> Iterator[tuple[str, list[str]]]:
    """Yield folders with their files, sorted, at most so many folders down; none that was installed or made.

    ``past_projects`` goes into folders below that are projects themselves.
    """
    for folder, folders, files in os.walk(top):
        level = len(Path(folder).relative_to(top).parts)
        if level and not past_projects and "manage.py" in files:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if level < depth and _is_ours(Path(folder, name)))
        yield folder, sorted(files)


def _is_ours(folder: Path) -> bool:
    return not (folder.name.startswith(".") or folder.name in _NOT_OURS or (folder / "pyvenv.cfg").exists())


def _within(statement: ast.stmt, texts: tuple[str, ...]) -> ast.AST | None:
    """Return the innermost of nested texts in a statement; the statement itself when none is asked for."""
    node: ast.AST | None = statement
    for text in texts:
        node = next(
            (found for found in ast.walk(statement) if isinstance(found, ast.Constant) and found.value == text), None
        )
    return node
