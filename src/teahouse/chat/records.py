"""Rows of the tables as a batch holds them: light, and changed in memory until they are stored; used by ``held``."""

from __future__ import annotations

from msgspec import Struct, field

from teahouse.models import Room

# Plain text: it is asked for each post, and a member of an enumeration takes longer to compare.
_OPEN = Room.Kind.OPEN.value


class PersonRecord(Struct, gc=False):
    """A person; ``id`` is None while a guest has no row yet."""

    id: int | None
    uid: str
    kind: str
    name: str
    rights: int = 0
    network: str = ""
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
    """A person's place in a room; an empty role is someone who left or never joined. Times are 0 or in milliseconds."""

    room_id: int
    person: PersonRecord
    role: str = ""
    changed: int = 0
    read: int = 0
    banned_until: int = 0
    muted_until: int = 0
    posted_at: int = 0
    network: str = ""
    network_until: int = 0


class LockedRoom(Struct):
    """A room whose log this transaction holds; ``head`` rises in memory and is stored once."""

    id: int
    epoch: str
    after: int
    address: str
    kind: str
    title: str
    locked: bool
    archived: bool
    slow_seconds: int
    guarded: bool
    changed: int
    rights: int
    head: int = 0
    is_altered: bool = False
    touched: list[Touch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.head = self.after
        # SQLite's own cursor says 0 and 1.
        self.locked, self.archived, self.guarded = bool(self.locked), bool(self.archived), bool(self.guarded)

    @property
    def is_plain(self) -> bool:
        """Claim that everybody posts here, and no membership says otherwise."""
        return not (self.guarded or self.locked or self.archived) and self.kind == _OPEN


Record = MessageRecord | MembershipRecord | LockedRoom


class Touch(Struct, gc=False):
    """One new entry: its kind, who did it, the record that it changed, and whose rights it may end ("*": all)."""

    kind: int
    actor: PersonRecord
    record: Record | None
    ends: str = ""


class AuditRecord(Struct):
    """What is kept of a deed that not everybody may do."""

    action: str
    room_id: int
    actor: PersonRecord
    person: PersonRecord | None = None
    message_seq: int | None = None
    details: dict[str, object] = field(default_factory=dict)
