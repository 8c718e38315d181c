"""What a client hears: events and the answers to its commands; made by chat and live, read by the codec."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from teahouse.errors import TeahouseError


class PersonRow(Struct, frozen=True):
    """A person as everyone sees them; ``kind`` is user, guest or bot."""

    id: str
    name: str
    kind: str


class MessageRow(Struct, frozen=True, omit_defaults=True):
    """A message as it stands now: ``seq`` is its place, ``changed`` its version; no text when deleted."""

    seq: int
    changed: int
    at: int
    author: PersonRow
    key: str
    text: str | None = None
    edited_at: int | None = None
    deleted: bool = False


class MemberRow(Struct, frozen=True, omit_defaults=True):
    """A membership as it stands now; role None is someone who left. Times are 0 for who is not banned or muted."""

    person: PersonRow
    changed: int
    role: str | None
    banned_until: int = 0
    muted_until: int = 0


class RoomRow(Struct, frozen=True):
    """A room as it stands now, for everyone alike; ``changed`` is its version."""

    title: str
    kind: str
    locked: bool
    archived: bool
    slow_seconds: int
    changed: int


EVERYBODY = "*"
"""Stands in ``rights`` for every person there is."""
GUESTS = "*guests"
"""Stands in ``rights`` for every guest: with a banned one, others of the same network lose their right."""


class Changes(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="changes"):
    """What the entries in (``after``, ``upto``] touched, as it stands now.

    ``rights`` names whose rights the entry ``upto`` may have ended, by their ids: no entry stands behind it here.
    """

    room: str
    epoch: str
    after: int
    upto: int
    messages: list[MessageRow] = []
    members: list[MemberRow] = []
    info: RoomRow | None = None
    rights: list[str] = []


class Reset(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="reset"):
    """Forget the room and start from this newest page; ``reason`` is new, epoch, behind or ahead.

    ``rights`` is the number of the last entry that may have ended somebody's right.
    """

    room: str
    epoch: str
    upto: int
    reason: str
    messages: list[MessageRow]
    more: bool
    rights: int = 0


class Gap(Struct, frozen=True, tag_field="type", tag="gap"):
    """Events of the room were dropped for this client; it must watch again."""

    room: str


class Ended(Struct, frozen=True, tag_field="type", tag="ended"):
    """The client may watch the room no longer."""

    room: str
    code: str
    text: str


class Bye(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="bye"):
    """The server closes; ``retry_after`` (seconds) says when to come back, None that it does not help."""

    code: int
    reason: str
    retry_after: float | None = None


class PingEvent(Struct, frozen=True, tag_field="type", tag="ping"):
    """Are you there?"""


class PongEvent(Struct, frozen=True, tag_field="type", tag="pong"):
    """I am here."""


Event: TypeAlias = Changes | Reset | Gap | Ended | Bye | PingEvent | PongEvent


class RoomState(Struct, frozen=True):
    """A room as one person finds it, in the answer of hello and watch; role None is a visitor.

    A member has read it up to ``read``, and ``unread`` messages were posted since: 100 stands for that and more.
    ``can_post`` says how it stands now: not in a locked room, and not before ``muted_until``.
    """

    room: str
    title: str
    kind: str
    epoch: str
    head: int
    role: str | None
    can_post: bool
    read: int | None = None
    unread: int | None = None
    locked: bool = False
    archived: bool = False
    slow_seconds: int = 0
    muted_until: int = 0
    can_moderate: bool = False
    can_invite: bool = False

    def fields(self) -> dict[str, Any]:
        """Return the fields by name, for ``ok(command_id, **state.fields())``."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


def ok(command_id: int, **fields: Any) -> dict[str, Any]:
    """Return the answer to a command that was done."""
    return {"type": "ok", "id": command_id, **fields}


def error_answer(command_id: int | None, error: TeahouseError) -> dict[str, Any]:
    """Return the answer to a command that was refused; None stands for a command without a readable id."""
    return {"type": "error", "id": command_id, **refusal(error)}


def refused_room(room: str, error: TeahouseError) -> dict[str, Any]:
    """Return one room's result in the answer of hello, when that room alone is refused."""
    return {"room": room, "error": refusal(error)}


def refusal(error: TeahouseError) -> dict[str, Any]:
    """Return what an error says on the wire; field, retry_after and details where it has them."""
    said: dict[str, Any] = {"code": error.code, "text": error.text, "retry": error.retry}
    if error.field is not None:
        said["field"] = error.field
    if error.retry_after is not None:
        said["retry_after"] = error.retry_after
    return {**error.details, **said}
