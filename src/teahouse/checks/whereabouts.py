"""Where a project stands below a folder, which settings it names, and from where its modules are imported.

Nothing is run for that: ``manage.py`` and ``asgi.py`` are read. Used by the discovery of a project.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from teahouse.checks.project import walk_folders
from teahouse.checks.sources import Source, dotted, named_in_environment, read, text_of

_DEPTH = 3
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class NoProject(Exception):
    """There is nothing to look at; the text says what was looked for."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A folder in which commands are run, what they name, and where else they look for modules."""

    home: Path
    settings: str = ""
    configuration: str = ""
    """The class of settings that django-configurations takes."""
    paths: tuple[Path, ...] = field(default=())
    """What ``manage.py`` adds to ``sys.path``."""


def nearest_project(path: Path) -> Whereabouts:
    """Return the project at a folder or nearest below, by its ``manage.py``, or else its ``asgi.py``.

    Its settings are empty where no such file names any. Raises NoProject when several are as near.
    """
    for name in ("manage.py", "asgi.py"):
        found = [Path(folder, name) for folder, files in walk_folders(path, _DEPTH) if name in files]
        named = [(file, place) for file in found if (place := _read(file)).settings]
        nearest = [(file, place) for file, place in named if len(file.parts) == min(len(f.parts) for f, _ in named)]
        if len(nearest) > 1:
            folders = ", ".join(str(file.parent.relative_to(path)) for file, _ in nearest)
            raise NoProject(f"there are several projects in {path}: {folders}; name one")
        for _, place in nearest:
            return place
    return Whereabouts(path)


def import_root(place: Whereabouts, module: str) -> Path:
    """Return the folder that ``module`` is imported from: home, what is added to the path, then below, then above."""
    below = [Path(folder) for folder, _ in walk_folders(place.home, 2)]
    around = [place.home, *place.paths, *below, *place.home.parents]
    return next((folder for folder in around if _holds(folder, module)), place.home)


def settings_below(path: Path) -> list[str]:
    """Return the modules below a folder that look like settings, for whoever has to name one."""
    found = [Path(folder, file) for folder, files in walk_folders(path, _DEPTH) for file in files]
    files = [file for file in found if file.suffix == ".py" and "settings" in (file.stem, file.parent.name)]
    return [".".join(file.relative_to(path).with_suffix("").parts) for file in files if file.stem != "__init__"]


def _read(file: Path) -> Whereabouts:
    source = read(file, "")
    named = dict(reversed([(name, _text(value)) for _, name, value in named_in_environment(source)])) if source else {}
    settings = named.get("DJANGO_SETTINGS_MODULE", "")
    # asgi.py stands inside a package, unless its settings stand beside it.
    home = file.parent if file.name == "manage.py" or _holds(file.parent, settings) else file.parent.parent
    paths = tuple(_added_to_path(file.parent, source)) if source else ()
    return Whereabouts(home, settings, named.get("DJANGO_CONFIGURATION", ""), paths)


def _text(value: ast.expr) -> str:
    """Return a text; of ``config("NAME", default="web.settings")`` and its like the last that may be a module."""
    inside = [text for node in ast.walk(value) if (text := text_of(node))]
    return text_of(value) or next((text for text in reversed(inside) if _MODULE.fullmatch(text)), "")


def _added_to_path(home: Path, source: Source) -> Iterator[Path]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func) in {"sys.path.append", "sys.path.insert"}:
            parts = [text for inner in ast.walk(node) if (text := text_of(inner))]
            folder = home.joinpath(*parts) if parts else home
            if folder.is_dir() and folder != home:
                yield folder


def _holds(folder: Path, module: str) -> bool:
    if not module:
        return False
    path = folder.joinpath(*module.split("."))
    return path.with_name(path.name + ".py").is_file() or (path / "__init__.py").is_file()
