"""What a client may ask, as frozen structs told apart by ``type``; made by the codec, read by everyone."""

from __future__ import annotations

from typing import Annotated, TypeAlias, get_args

from msgspec import Meta, Struct

from teahouse.protocol.fields import (
    Code,
    Epoch,
    Key,
    MemberRole,
    Number,
    PageSize,
    Reason,
    RoomKind,
    Seconds,
    SlowSeconds,
    Uid,
    Uses,
)

MAX_ROOMS = 500
"""Rooms that one socket carries: each costs reads at hello, and a page when it is behind."""

Rooms = Annotated[list["RoomPosition"], Meta(max_length=MAX_ROOMS)]


class RoomPosition(Struct, frozen=True):
    """Where a client stands in a room; without epoch and seq it holds nothing yet."""

    room: str
    epoch: Epoch | None = None
    seq: Number | None = None


class Hello(Struct, frozen=True, tag="hello"):
    """The first command: version, who I am, and the rooms that I watch with my positions."""

    id: Number
    version: Number
    token: str | None = None
    name: str | None = None
    rooms: Rooms = []


class Watch(Struct, frozen=True, tag="watch"):
    """Hear a room from a position on; asked again, it fills what is missing."""

    id: Number
    room: str
    epoch: Epoch | None = None
    seq: Number | None = None


class Unwatch(Struct, frozen=True, tag="unwatch"):
    """Hear a room no longer."""

    id: Number
    room: str


class Join(Struct, frozen=True, tag="join"):
    """Become a member of a room."""

    id: Number
    room: str


class Leave(Struct, frozen=True, tag="leave"):
    """Stop being a member of a room."""

    id: Number
    room: str


class Post(Struct, frozen=True, tag="post"):
    """Say something; the key makes sending again safe."""

    id: Number
    room: str
    key: Key
    text: str


class Edit(Struct, frozen=True, tag="edit"):
    """Change the text of the message ``seq``, whose version ``changed`` I saw."""

    id: Number
    room: str
    seq: Number
    changed: Number
    text: str


class Delete(Struct, frozen=True, tag="delete"):
    """Take back the message ``seq``, whose version ``changed`` I saw."""

    id: Number
    room: str
    seq: Number
    changed: Number


class Read(Struct, frozen=True, tag="read"):
    """I have read the room up to this message."""

    id: Number
    room: str
    seq: Number


class History(Struct, frozen=True, tag="history"):
    """One page of messages before, after or around a message, or at a time; with none of them the newest page."""

    id: Number
    room: str
    before: Number | None = None
    after: Number | None = None
    around: Number | None = None
    at: Number | None = None
    limit: PageSize | None = None


class Create(Struct, frozen=True, tag="create"):
    """Make a room that I own: an open one at the address of its title, or a private one at a random address."""

    id: Number
    title: str
    kind: RoomKind = "private"


class Direct(Struct, frozen=True, tag="direct"):
    """Open the one room of me and somebody else."""

    id: Number
    person: Uid


class Members(Struct, frozen=True, tag="members"):
    """Who is in the room, and for moderators who is banned or muted."""

    id: Number
    room: str


class Remove(Struct, frozen=True, tag="remove"):
    """End somebody's membership."""

    id: Number
    room: str
    person: Uid
    reason: Reason = ""


class Ban(Struct, frozen=True, tag="ban"):
    """Keep somebody out, for so many seconds or for good."""

    id: Number
    room: str
    person: Uid
    seconds: Seconds | None = None
    reason: Reason = ""


class Unban(Struct, frozen=True, tag="unban"):
    """Let somebody in again."""

    id: Number
    room: str
    person: Uid


class Mute(Struct, frozen=True, tag="mute"):
    """Let somebody only read for so many seconds; 0 ends it."""

    id: Number
    room: str
    person: Uid
    seconds: Seconds
    reason: Reason = ""


class Role(Struct, frozen=True, tag="role"):
    """Give a member another role."""

    id: Number
    room: str
    person: Uid
    role: MemberRole


class Configure(Struct, frozen=True, tag="configure"):
    """Change what a room is; what is not named stays."""

    id: Number
    room: str
    title: str | None = None
    kind: RoomKind | None = None
    locked: bool | None = None
    archived: bool | None = None
    slow_seconds: SlowSeconds | None = None


class Invite(Struct, frozen=True, tag="invite"):
    """Make an invitation, good for so many seconds and uses; a key makes sending again safe."""

    id: Number
    room: str
    seconds: Seconds | None = None
    uses: Uses | None = None
    key: Key | None = None


class Invites(Struct, frozen=True, tag="invites"):
    """Which invitations are good."""

    id: Number
    room: str


class Revoke(Struct, frozen=True, tag="revoke"):
    """Take an invitation back."""

    id: Number
    room: str
    invite: Number


class Accept(Struct, frozen=True, tag="accept"):
    """Become a member by an invitation's code."""

    id: Number
    code: Code


class Report(Struct, frozen=True, tag="report"):
    """Ask the moderators to look at a message."""

    id: Number
    room: str
    seq: Number
    reason: Reason = ""


class Reports(Struct, frozen=True, tag="reports"):
    """Which reports wait for a moderator, the oldest first."""

    id: Number
    room: str


class Resolve(Struct, frozen=True, tag="resolve"):
    """A report was looked at, and this came of it."""

    id: Number
    room: str
    report: Number
    outcome: Reason = ""


class Audit(Struct, frozen=True, tag="audit"):
    """A page of what was done by rights that not everybody has, the newest first."""

    id: Number
    room: str
    before: Number | None = None


class Refresh(Struct, frozen=True, tag="refresh"):
    """Here is a newer token: I am still the same person, and stay longer."""

    id: Number
    token: str


class Ping(Struct, frozen=True, tag="ping"):
    """Are you there?"""


class Pong(Struct, frozen=True, tag="pong"):
    """I am here, and stand at these positions."""

    rooms: Rooms = []


Moderating: TypeAlias = Remove | Ban | Unban | Mute | Role | Configure
"""What changes a log by a right that not everybody has."""
Managing: TypeAlias = Members | Invite | Invites | Revoke | Report | Reports | Resolve | Audit
"""What is told or kept beside a room's log."""
RoomCommand: TypeAlias = Watch | Unwatch | Join | Leave | Post | Edit | Delete | Read | History | Moderating | Managing
Entrance: TypeAlias = Create | Direct | Accept
"""What leads to a room that the command does not name."""
Answered: TypeAlias = Hello | RoomCommand | Entrance | Refresh
"""What has an ``id``, by which it is answered."""
Command: TypeAlias = Answered | Ping | Pong

COMMANDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Command)}
"""Every command by its ``type``."""
