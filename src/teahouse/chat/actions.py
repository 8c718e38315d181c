"""What can be done to a room's log, and what comes of it; written by ``teahouse.chat.writing``."""

from __future__ import annotations

from msgspec import Struct

from teahouse.chat.people import Identity
from teahouse.errors import TeahouseError


class PostMessage(Struct, frozen=True, gc=False):
    """Say something. ``key`` is the sender's own id of this send; the text was judged before."""

    room_id: int
    person: Identity
    key: str
    text: str


class EditMessage(Struct, frozen=True, gc=False):
    """Change one's own message, seen at version ``changed``."""

    room_id: int
    person: Identity
    seq: int
    changed: int
    text: str


class DeleteMessage(Struct, frozen=True, gc=False):
    """Delete one's own message, seen at version ``changed``."""

    room_id: int
    person: Identity
    seq: int
    changed: int


class Join(Struct, frozen=True, gc=False):
    """Become a member of an open room."""

    room_id: int
    person: Identity


class Leave(Struct, frozen=True, gc=False):
    """Stop being a member."""

    room_id: int
    person: Identity


class MarkRead(Struct, frozen=True, gc=False):
    """Have read the room up to the message ``seq``. It changes what nobody else sees, and is no entry."""

    room_id: int
    person: Identity
    seq: int


Action = PostMessage | EditMessage | DeleteMessage | Join | Leave | MarkRead


class Posted(Struct, frozen=True, gc=False):
    """The message has this place; ``repeat`` says that its key had been posted before."""

    seq: int
    at: int
    repeat: bool


class Touched(Struct, frozen=True, gc=False):
    """The message was edited or deleted, and stands at version ``changed``."""

    seq: int
    changed: int
    at: int


class Moved(Struct, frozen=True, gc=False):
    """The membership stands so, since the entry ``seq``."""

    seq: int
    role: str | None


class ReadUpTo(Struct, frozen=True, gc=False):
    """The person has read the room up to here."""

    seq: int


Outcome = Posted | Touched | Moved | ReadUpTo
Result = Outcome | TeahouseError
