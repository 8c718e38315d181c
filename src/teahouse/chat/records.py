"""Rows of the tables as a batch holds them: light, and changed in memory until they are stored; used by ``held``."""

from __future__ import annotations

from msgspec import Struct


class PersonRecord(Struct, gc=False):
    """A person; ``id`` is None while a guest has no row yet."""

    id: int | None
    uid: str
    kind: str
    name: str
    user_id: object = None
    """The host user's key, given where the row is still to be made."""


class MessageRecord(Struct, gc=False):
    """A message. ``digest`` is that of the text as posted, once an edit took that text's place."""

    room_id: int
    author: PersonRecord
    seq: int
    changed: int
    key: str
    text: str
    at: int
    edited_at: int | None = None
    deleted: bool = False
    digest: str = ""


class MembershipRecord(Struct, gc=False):
    """A person's place in a room; an empty role is someone who left. ``read`` is up to where they read it."""

    room_id: int
    person: PersonRecord
    role: str
    changed: int
    read: int
