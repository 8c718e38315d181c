"""What can be done to a room's log, and what comes of it; written by ``teahouse.chat.writing``."""

from __future__ import annotations

from dataclasses import dataclass

from teahouse.chat.people import Identity
from teahouse.errors import TeahouseError


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Say something. ``key`` is the sender's own id of this send; the text was judged before."""

    room_id: int
    person: Identity
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Change one's own message, seen at version ``changed``."""

    room_id: int
    person: Identity
    seq: int
    changed: int
    text: str


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """Delete one's own message, seen at version ``changed``."""

    room_id: int
    person: Identity
    seq: int
    changed: int


@dataclass(frozen=True, slots=True)
class Join:
    """Become a member of an open room."""

    room_id: int
    person: Identity


@dataclass(frozen=True, slots=True)
class Leave:
    """Stop being a member."""

    room_id: int
    person: Identity


Action = PostMessage | EditMessage | DeleteMessage | Join | Leave


@dataclass(frozen=True, slots=True)
class Posted:
    """The message has this place; ``repeat`` says that its key had been posted before."""

    seq: int
    at: int
    repeat: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """The message was edited or deleted, and stands at version ``changed``."""

    seq: int
    changed: int
    at: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The membership stands so, since the entry ``seq``."""

    seq: int
    role: str | None


Outcome = Posted | Touched | Moved
Result = Outcome | TeahouseError
