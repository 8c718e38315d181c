"""Finds and loads a project that may be broken in any way: what fails becomes a value, and never ends the doctor."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from teahouse.checks.findings import Place
from teahouse.checks.mends import mend_of

Loaded = TypeVar("Loaded")


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
        return mend_of(self.error, self.line, self.folder)


def attempt(load: Callable[[], Loaded], folder: Path) -> tuple[Loaded | None, Failure | None]:
    """Return what ``load`` returns, or why it failed. ``sys.exit()`` in a project is a failure like any other."""
    try:
        return load(), None
    except (Exception, SystemExit) as error:  # whatever the project's code raises
        return None, Failure(error, _place(error, folder), folder)


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
