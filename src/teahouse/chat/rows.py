"""How rows of the tables look on the wire; used wherever ``chat`` builds events and answers."""

from __future__ import annotations

from teahouse.chat.records import LockedRoom, MembershipRecord, MessageRecord, PersonRecord
from teahouse.models import Membership, Message, Person, Room
from teahouse.protocol.events import MemberRow, MessageRow, PersonRow, RoomRow


def person_row(person: Person | PersonRecord) -> PersonRow:
    """Return a person as the wire shows them."""
    return PersonRow(person.uid, person.name, person.kind)


def message_row(message: Message | MessageRecord, author: PersonRow | None = None) -> MessageRow:
    """Return a message as it stands; its author must be loaded, or given. A deleted one has no text."""
    return MessageRow(
        message.seq,
        message.changed,
        message.at,
        author or person_row(message.author),
        message.key,
        None if message.deleted else message.text,
        None if message.deleted else message.edited_at,
        message.deleted,
    )


def member_row(membership: Membership | MembershipRecord) -> MemberRow:
    """Return a membership as it stands; its person must be loaded. Who left has no role."""
    return MemberRow(
        person_row(membership.person),
        membership.changed,
        membership.role or None,
        membership.banned_until,
        membership.muted_until,
    )


def room_row(room: Room | LockedRoom) -> RoomRow:
    """Return what a room is, for everyone alike."""
    return RoomRow(room.title, room.kind, room.locked, room.archived, room.slow_seconds, room.changed)
