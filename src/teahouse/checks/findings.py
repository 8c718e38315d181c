"""What a check says: one finding, with its place and its mend; used by every rule and by whatever shows findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; ``line`` counts from 1, and is 0 when the whole file is meant."""

    path: Path
    line: int = 0

    def below(self, folder: Path) -> str:
        """Return ``file:line``, the file as seen from ``folder`` when it lies in there."""
        path = self.path.resolve()
        inside = path.is_relative_to(folder.resolve())
        name = str(path.relative_to(folder.resolve())) if inside else str(path)
        return f"{name}:{self.line}" if self.line else name


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    ``id`` is a letter and a number: E for what fails, W for what is unsafe or fails some day. It is never given to
    another meaning. ``mend`` is what to write, word by word, and may have several lines.
    """

    id: str
    what: str
    why: str
    mend: str
    place: Place | None = None

    @property
    def name(self) -> str:
        """The id as Django's checks and the docs have it: ``teahouse.E001``."""
        return f"teahouse.{self.id}"

    @property
    def is_error(self) -> bool:
        """Claim that something fails now, not some day."""
        return self.id.startswith("E")
