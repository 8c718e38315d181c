"""How rows of the tables look on the wire; used wherever ``chat`` builds events and answers."""

from __future__ import annotations

from teahouse.chat.many import NewMessage
from teahouse.models import Membership, Message, Person
from teahouse.protocol.events import MemberRow, MessageRow, PersonRow


def person_row(person: Person) -> PersonRow:
    """Return a person as the wire shows them."""
    return PersonRow(id=person.uid, name=person.name, kind=person.kind)


def message_row(message: Message | NewMessage) -> MessageRow:
    """Return a message as it stands; its author must be loaded. A deleted one has no text."""
    return MessageRow(
        seq=message.seq,
        changed=message.changed,
        at=message.at,
        author=person_row(message.author),
        key=message.key,
        text=None if message.deleted else message.text,
        edited_at=None if message.deleted else message.edited_at,
        deleted=message.deleted,
    )


def member_row(membership: Membership) -> MemberRow:
    """Return a membership as it stands; its person must be loaded. Who left has no role."""
    return MemberRow(person=person_row(membership.person), changed=membership.changed, role=membership.role or None)
