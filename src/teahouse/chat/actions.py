"""What can be done to a room's log, and what comes of it; written by ``teahouse.chat.writing``."""

from __future__ import annotations

from msgspec import Struct

from teahouse.chat.people import Identity
from teahouse.errors import TeahouseError, Unavailable


class Rights(Struct, frozen=True, gc=False):
    """What the host's policy said, where the room's log stood then, and which number of rights the person had.

    Once that number moved on, or a later entry may have ended the person's right, the policy is asked again.
    ``admitted`` claims that the policy itself lets the person in, so that no membership is needed. ``moderates`` is
    what it says of moderating, None where it leaves that to the roles, or was not asked.
    """

    room: int
    person: int
    admitted: bool
    moderates: bool | None = None


class AskAgain(Unavailable):
    """Rights changed since the policy was asked: who asked it asks again. As `unavailable` for who cannot."""


class PostMessage(Struct, frozen=True, gc=False):
    """Say something. ``key`` is the sender's own id of this send; the text was judged before.

    ``granted``, here as below: the host's own code says yes, whatever the tables say.
    """

    room_id: int
    person: Identity
    key: str
    text: str
    rights: Rights | None = None
    granted: bool = False


class EditMessage(Struct, frozen=True, gc=False):
    """Change one's own message, seen at version ``changed``."""

    room_id: int
    person: Identity
    seq: int
    changed: int
    text: str
    rights: Rights | None = None


class DeleteMessage(Struct, frozen=True, gc=False):
    """Delete a message, seen at version ``changed``: one's own, or as a moderator any."""

    room_id: int
    person: Identity
    seq: int
    changed: int
    rights: Rights | None = None
    granted: bool = False


class Join(Struct, frozen=True, gc=False):
    """Become a member of an open room, or by an invitation's key of its room."""

    room_id: int
    person: Identity
    invite_id: int | None = None
    rights: Rights | None = None
    granted: bool = False


class Leave(Struct, frozen=True, gc=False):
    """Stop being a member."""

    room_id: int
    person: Identity
    rights: Rights | None = None


class MarkRead(Struct, frozen=True, gc=False):
    """Have read the room up to the message ``seq``. It changes what nobody else sees, and is no entry."""

    room_id: int
    person: Identity
    seq: int
    rights: Rights | None = None


class Remove(Struct, frozen=True, gc=False):
    """End the membership of the person with the id ``uid``."""

    room_id: int
    person: Identity
    uid: str
    reason: str = ""
    rights: Rights | None = None
    granted: bool = False


class Ban(Struct, frozen=True, gc=False):
    """Keep somebody out until a time (milliseconds since 1970); 0 lets them in again."""

    room_id: int
    person: Identity
    uid: str
    until: int
    reason: str = ""
    rights: Rights | None = None
    granted: bool = False


class Mute(Struct, frozen=True, gc=False):
    """Let somebody only read until a time (milliseconds since 1970); 0 lets them write again."""

    room_id: int
    person: Identity
    uid: str
    until: int
    reason: str = ""
    rights: Rights | None = None
    granted: bool = False


class SetRole(Struct, frozen=True, gc=False):
    """Give a member another role."""

    room_id: int
    person: Identity
    uid: str
    role: str
    rights: Rights | None = None
    granted: bool = False


class Configure(Struct, frozen=True, gc=False):
    """Change what a room is; None leaves a thing as it is."""

    room_id: int
    person: Identity
    title: str | None = None
    kind: str | None = None
    locked: bool | None = None
    archived: bool | None = None
    slow_seconds: int | None = None
    rights: Rights | None = None
    granted: bool = False


class ChangeRights(Struct, frozen=True, gc=False):
    """The host says that the policy may answer otherwise by now: for the person with the id ``uid``, or for all."""

    room_id: int
    person: Identity
    uid: str | None = None
    rights: None = None


ModeratingAction = Remove | Ban | Mute | SetRole | Configure
Action = PostMessage | EditMessage | DeleteMessage | Join | Leave | MarkRead | ModeratingAction | ChangeRights


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


class Done(Struct, frozen=True, gc=False):
    """It stands so, since the entry ``seq``."""

    seq: int


Outcome = Posted | Touched | Moved | ReadUpTo | Done
Result = Outcome | TeahouseError
