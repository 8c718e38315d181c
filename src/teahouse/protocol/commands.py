"""What a client may ask, as frozen structs told apart by ``type``; made by the codec, read by everyone."""

from __future__ import annotations

from typing import Annotated, TypeAlias, get_args

from msgspec import Meta, Struct

VERSION = 1
"""The protocol version that ``hello`` names."""

GREATEST_INTEGER = 2**53 - 1
"""The greatest integer that JavaScript's numbers hold exactly."""

Number = Annotated[int, Meta(ge=0, le=GREATEST_INTEGER)]
Key = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]
Epoch = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:-]{1,64}\Z")]
MAX_ROOMS = 500
"""Rooms that one socket carries: each costs reads at hello, and a page when it is behind."""

Rooms = Annotated[list["RoomPosition"], Meta(max_length=MAX_ROOMS)]
PageSize = Annotated[int, Meta(ge=1, le=100)]
PLACES = ("before", "after", "around", "at")
"""What ``history`` can name, one of them at a time."""


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


class Ping(Struct, frozen=True, tag="ping"):
    """Are you there?"""


class Pong(Struct, frozen=True, tag="pong"):
    """I am here, and stand at these positions."""

    rooms: Rooms = []


RoomCommand: TypeAlias = Watch | Unwatch | Join | Leave | Post | Edit | Delete | Read | History
Command: TypeAlias = Hello | RoomCommand | Ping | Pong

COMMANDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Command)}
"""Every command by its ``type``."""
