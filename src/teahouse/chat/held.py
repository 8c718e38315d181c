"""What one transaction holds: locked rooms, people, memberships and messages, loaded at once and stored at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db.backends.utils import CursorWrapper
from msgspec import Struct, field

from teahouse.chat.actions import Action, DeleteMessage, EditMessage, Join, Leave, MarkRead, PostMessage
from teahouse.chat.announcing import Committed
from teahouse.chat.people import Identity
from teahouse.chat.records import MembershipRecord, MessageRecord, PersonRecord
from teahouse.chat.rows import member_row, message_row, person_row
from teahouse.chat.spans import spans
from teahouse.chat.statements import Row, Statements
from teahouse.models import Room
from teahouse.protocol.events import Changes, MemberRow, MessageRow, PersonRow

PersonPlace = tuple[int, str]
"""A room's key and a person's uid."""

KeyPlace = tuple[int, str, str]
"""A room's key, a person's uid, and the key of a send."""

Record = MessageRecord | MembershipRecord


class KeysTaken(Exception):
    """A message found its key taken: the batch must look under its keys before it judges."""


class Touch(Struct, gc=False):
    """One new entry: its kind, who did it, and the record that it changed."""

    kind: int
    actor: PersonRecord
    record: Record


class LockedRoom(Struct):
    """A room whose log this transaction holds; ``head`` rises in memory and is stored once."""

    id: int
    address: str
    kind: str
    epoch: str
    after: int
    head: int
    touched: list[Touch] = field(default_factory=list)


class Held:
    """The rows that a batch of actions names; the batch changes them in memory, and says so here.

    ``posted`` has what was posted under the batch's keys: at first nothing, unless the batch looks for it, and then
    what the batch itself posts.
    """

    def __init__(self, cursor: CursorWrapper, actions: Sequence[Action], looks_for_keys: bool) -> None:
        """Lock the logs in the order of their keys, then load what the actions name."""
        others = [action for action in actions if type(action) is not PostMessage]
        self._statements = Statements(cursor)
        self.rooms = self._lock(sorted({action.room_id for action in actions}))
        self.people = self._load_people({action.person.uid: action.person for action in actions})
        self.memberships = self._load_memberships(actions, others)
        self.messages = self._load_messages(others)
        self.posted = self.load_posted(actions) if looks_for_keys else {}
        self._new_messages: list[MessageRecord] = []
        self._changed: dict[int, Record] = {}

    def add_message(self, locked: LockedRoom, kind: int, message: MessageRecord) -> None:
        """Hold a message that is new, and its entry."""
        locked.head = message.seq
        locked.touched.append(Touch(kind, message.author, message))
        self.messages[message.room_id, message.seq] = message
        self.posted[message.room_id, message.author.uid, message.key] = message
        self._new_messages.append(message)

    def add_entry(self, locked: LockedRoom, kind: int, person: Identity, record: Record) -> None:
        """Give the next number of a room to a change of a record."""
        locked.head += 1
        locked.touched.append(Touch(kind, self.people[person.uid], record))
        record.changed = locked.head
        self._changed[id(record)] = record

    def keep(self, record: Record) -> None:
        """Store a record that was changed, without an entry: nobody else is told."""
        self._changed[id(record)] = record

    def store(self, at: int) -> None:
        """Write everything that was changed, each table at once.

        Raises KeysTaken when a message's key had been used: then nothing of this may be committed.
        """
        self._store_people()
        if not self._statements.insert_messages(self._new_messages):
            raise KeysTaken
        changed = self._changed.values()
        self._statements.update_messages([record for record in changed if isinstance(record, MessageRecord)])
        self._statements.store_memberships([record for record in changed if isinstance(record, MembershipRecord)])
        grown = self._grown()
        self._statements.raise_heads([(locked.head, at, locked.id) for locked in grown])
        for locked in grown:
            self._store_entries(locked, at)

    def load_posted(self, actions: Sequence[Action]) -> dict[KeyPlace, MessageRecord]:
        """Return what was posted before under the keys of these actions."""
        keys = {
            (person.id, action.room_id, action.key)
            for action in actions
            if isinstance(action, PostMessage)
            if (person := self.people[action.person.uid]).id is not None
        }
        # One object for one row: what this batch does to a message must show in the answer to its repeat.
        return {
            (found.room_id, found.author.uid, found.key): self.messages.get((found.room_id, found.seq), found)
            for found in self._statements.messages_with_key(keys)
        }

    def committed(self) -> list[Committed]:
        """Return what was added to each room's log, to be announced once the transaction is committed."""
        return [
            Committed(locked.id, locked.epoch, locked.after, locked.head, partial(_events, locked))
            for locked in self._grown()
        ]

    def _grown(self) -> list[LockedRoom]:
        return [locked for locked in self.rooms.values() if locked.head > locked.after]

    def _store_entries(self, locked: LockedRoom, at: int) -> None:
        about_messages: list[Row] = []
        about_members: list[Row] = []
        log_id = locked.id
        for seq, touch in enumerate(locked.touched, locked.after + 1):
            record = touch.record
            if isinstance(record, MessageRecord):
                about_messages.append((log_id, seq, touch.kind, record.seq, touch.actor.id, at))
            else:
                about_members.append((log_id, seq, touch.kind, record.person.id, touch.actor.id, at))
        self._statements.insert_message_entries(about_messages)
        self._statements.insert_member_entries(about_members)

    def _store_people(self) -> None:
        """Make rows of the guests who did their first deed. Another process may do so too: it is one row."""
        actors = {touch.actor.uid: touch.actor for locked in self._grown() for touch in locked.touched}
        new = {uid: person for uid, person in actors.items() if person.id is None}
        if new:
            self._statements.insert_people(new.values())
            for stored in self._statements.people(new):
                new[stored.uid].id = stored.id

    def _lock(self, room_ids: list[int]) -> dict[int, LockedRoom]:
        """Lock the logs in the order of their keys, so that two writers never wait for each other in a circle."""
        if not room_ids:
            return {}
        self._statements.lock(room_ids)
        return {
            log_id: LockedRoom(log_id, address, kind, epoch, after=head, head=head)
            for log_id, epoch, head, address, kind in self._statements.rooms(room_ids)
        }

    def _load_people(self, identities: dict[str, Identity]) -> dict[str, PersonRecord]:
        """Return the record of each person, without an id for guests who have no row yet."""
        people = {person.uid: person for person in self._statements.people(identities)}
        for uid, identity in identities.items():
            if uid not in people:
                people[uid] = PersonRecord(None, uid, identity.kind, identity.name, identity.user_id)
        return people

    def _load_memberships(
        self, actions: Sequence[Action], others: Sequence[Action]
    ) -> dict[PersonPlace, MembershipRecord]:
        closed = {room_id for room_id, locked in self.rooms.items() if locked.kind != Room.Kind.OPEN}
        asked = {
            (action.room_id, person.id): person
            for action in (actions if closed else others)
            if action.room_id in closed or isinstance(action, Join | Leave | MarkRead)
            if (person := self.people[action.person.uid]).id is not None
        }
        return {
            (room_id, asked[room_id, person_id].uid): MembershipRecord(
                room_id, asked[room_id, person_id], role, changed, read
            )
            for room_id, person_id, role, changed, read in self._statements.memberships(asked)
        }

    def _load_messages(self, others: Sequence[Action]) -> dict[tuple[int, int], MessageRecord]:
        places = {(action.room_id, action.seq) for action in others if isinstance(action, EditMessage | DeleteMessage)}
        return {(message.room_id, message.seq): message for message in self._statements.messages_at(places)}


def _events(locked: LockedRoom) -> Sequence[Changes]:
    people: dict[int, PersonRow] = {}
    shown: dict[int, MessageRow | MemberRow] = {}
    for touch in locked.touched:
        record = touch.record
        if id(record) in shown:
            continue
        if isinstance(record, MessageRecord):
            author = people.get(id(record.author)) or people.setdefault(id(record.author), person_row(record.author))
            shown[id(record)] = message_row(record, author)
        else:
            shown[id(record)] = member_row(record)
    touched = ((seq, shown[id(touch.record)]) for seq, touch in enumerate(locked.touched, locked.after + 1))
    return spans(locked.address, locked.epoch, locked.after, touched)
