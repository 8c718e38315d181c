"""Finds and loads a project that may be broken in any way: what fails becomes a value, and never ends the doctor."""

from __future__ import annotations

import difflib
import linecache
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from teahouse.checks.findings import Place
from teahouse.checks.sources import dotted, read

Loaded = TypeVar("Loaded")

_CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)'")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something of the project in ``folder`` could not be loaded: the error inside, and where."""

    error: BaseException
    place: Place | None
    folder: Path

    @property
    def text(self) -> str:
        """The error as Python prints it, in one line."""
        return " ".join("".join(traceback.format_exception_only(self.error)[-1:]).split())

    @property
    def line(self) -> str:
        """The line at which it failed, as it is written; empty when there is none to show."""
        if self.place is None or not self.place.line:
            return ""
        return linecache.getline(str(self.place.path), self.place.line).strip()

    @property
    def mend(self) -> str:
        """What to do about it, as far as the error tells."""
        error = self.error
        if isinstance(error, ModuleNotFoundError):
            return self._mend_of_module(error.name or "")
        if isinstance(error, ImportError) and (wrong := _CANNOT_IMPORT.match(str(error))):
            right = _nearest(wrong[1], _names_in(error.path))
            return self.line.replace(wrong[1], right) if right else f"# a name that is in {error.name}, in\n{self.line}"
        return f"# mend this line\n{self.line}"

    def _mend_of_module(self, missing: str) -> str:
        package, _, name = missing.rpartition(".")
        beside = self.folder.joinpath(*package.split("."))
        if not (package and beside.is_dir()):
            near = _nearest(missing, _modules_in(self.folder))
            mend = f"pip install {missing.split('.', maxsplit=1)[0]}"
            return f"{mend}\n# or, if it is yours:\n{self.line.replace(missing, near)}" if near else mend
        near = _nearest(name, _modules_in(beside))
        line = self.line.replace(missing, f"{package}.{near}")
        return line if near else f"# the right name, in\n{self.line}"


def attempt(load: Callable[[], Loaded], folder: Path) -> tuple[Loaded | None, Failure | None]:
    """Return what ``load`` returns, or why it failed. ``sys.exit()`` in a project is a failure like any other."""
    try:
        return load(), None
    except (Exception, SystemExit) as error:  # whatever the project's code raises
        return None, Failure(error, _place(error, folder), folder)


def _nearest(wrong: str, names: list[str]) -> str:
    return next(iter(difflib.get_close_matches(wrong, names, n=1)), "")


def _modules_in(folder: Path) -> list[str]:
    files = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
    return files + [path.parent.name for path in folder.glob("*/__init__.py")]


def _names_in(path: str | None) -> list[str]:
    """Return the names that a file makes at its top; it is read, not run."""
    source = read(Path(path), "") if path else None
    made = list(source.top_level()) if source else []
    names = [getattr(statement, "name", "") for statement in made]
    targets = [dotted(target) for statement in made for target in getattr(statement, "targets", [])]
    return [name for name in [*names, *targets] if name]


def _place(error: BaseException, folder: Path) -> Place | None:
    """Return the innermost line of the project's own, and of anything when none of its own was reached."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(Path(error.filename), error.lineno or 0)
    frames = [
        Place(Path(frame.filename), frame.lineno or 0)
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<") and Path(frame.filename).resolve() != Path(__file__).resolve()
    ]
    own = [place for place in frames if _is_own(place.path, folder)]
    return next(reversed(own or frames), None)


def _is_own(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve()) and "site-packages" not in path.parts
