"""What one transaction holds: locked rooms, people, memberships and messages, loaded at once and stored at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import chain

import msgspec
from django.db.backends.utils import CursorWrapper

from teahouse.chat.actions import (
    Action,
    Ban,
    ChangeRights,
    Configure,
    DeleteMessage,
    EditMessage,
    Mute,
    PostMessage,
    Remove,
    SetRole,
)
from teahouse.chat.announcing import Committed
from teahouse.chat.endings import Ending, concerns, endings_since
from teahouse.chat.people import Identity
from teahouse.chat.records import (
    AuditRecord,
    LockedRoom,
    MembershipRecord,
    MessageRecord,
    PersonRecord,
    Record,
    Touch,
)
from teahouse.chat.rows import member_row, message_row, person_row, room_row
from teahouse.chat.spans import spans
from teahouse.chat.statements import Row, Statements
from teahouse.models import Audit, Message, Person
from teahouse.protocol.events import Changes, MemberRow, MessageRow, PersonRow, RoomRow

PersonPlace = tuple[int, str]
"""A room's key and a person's uid."""

KeyPlace = tuple[int, str, str]
"""A room's key, a person's uid, and the key of a send."""


class KeysTaken(Exception):
    """A message found its key taken: the batch must look under its keys before it judges."""


class Held:
    """The rows that a batch of actions names; the batch changes them in memory, and says so here.

    ``posted`` has what was posted under the batch's keys: at first nothing, unless the batch looks for it, and then
    what the batch itself posts. ``at`` is the time of the batch, in milliseconds since 1970.
    """

    def __init__(self, cursor: CursorWrapper, actions: Sequence[Action], looks_for_keys: bool, at: int) -> None:
        """Lock the logs in the order of their keys, then load what the actions name."""
        others = [action for action in actions if type(action) is not PostMessage]
        self.at = at
        self._statements = Statements(cursor)
        self.rooms = self._lock(sorted({action.room_id for action in actions}))
        self.people = self._load_people({action.person.uid: action.person for action in actions}, others)
        # Posts into rooms where everybody posts need no membership, and are nearly all that there is.
        configured = {action.room_id for action in others if isinstance(action, Configure)}
        plain = {room_id for room_id, locked in self.rooms.items() if locked.is_plain} - configured
        self.memberships = self._load_memberships(others if plain == self.rooms.keys() else actions, plain)
        self.banned_networks = self._load_banned_networks()
        self.messages = self._load_messages(others)
        self.posted = self.load_posted(actions) if looks_for_keys else {}
        self._new_messages: list[MessageRecord] = []
        self._changed: dict[int, Record] = {}
        self._audits: list[AuditRecord] = []
        self._endings: dict[int, tuple[int, list[Ending]]] = {}

    def person(self, identity: Identity) -> PersonRecord:
        """Return the record of who does something."""
        return self.people[identity.uid]

    def membership(self, locked: LockedRoom, person: PersonRecord) -> MembershipRecord:
        """Return a person's place in a room; one that was never there is not stored unless it is changed."""
        place = (locked.id, person.uid)
        if place not in self.memberships:
            self.memberships[place] = MembershipRecord(locked.id, person)
        return self.memberships[place]

    def has_spoken(self, locked: LockedRoom, person: PersonRecord) -> bool:
        """Claim that a person said something in a room, in this batch or before."""
        if any(message.author is person and message.room_id == locked.id for message in self._new_messages):
            return True
        return person.id is not None and Message.objects.filter(author_id=person.id, room_id=locked.id).exists()

    def has_ended(self, locked: LockedRoom, person: Identity, after: int) -> bool:
        """Claim that an entry behind this number, of this batch or before, may have ended a person's right."""
        if locked.rights <= after:
            return False
        since, endings = self._endings.get(locked.id, (after + 1, []))
        if since > after:
            since, endings = self._endings[locked.id] = after, endings_since(locked.id, after)
        own = ((seq, touch.ends) for seq, touch in enumerate(locked.touched, locked.after + 1) if touch.ends)
        return concerns((who for seq, who in chain(endings, own) if seq > after), person)

    def add_message(self, locked: LockedRoom, kind: int, message: MessageRecord) -> None:
        """Hold a message that is new, and its entry."""
        locked.head = message.seq
        locked.touched.append(Touch(kind, message.author, message))
        self.messages[message.room_id, message.seq] = message
        self.posted[message.room_id, message.author.uid, message.key] = message
        self._new_messages.append(message)

    def add_entry(
        self, locked: LockedRoom, kind: int, actor: Identity, record: Record | None, *, ends: str = ""
    ) -> None:
        """Give the next number of a room to a change of a record.

        ``ends`` says whose rights it may end: a uid, or everybody's. Then the room's number of rights is this one.
        """
        locked.head += 1
        locked.touched.append(Touch(kind, self.person(actor), record, ends))
        if ends:
            locked.rights = locked.head
            locked.is_altered = True
        if isinstance(record, LockedRoom):
            record.changed = locked.head
            record.is_altered = True
        elif record is not None:
            record.changed = locked.head
            self._changed[id(record)] = record

    def keep(self, record: MessageRecord | MembershipRecord) -> None:
        """Store a record that was changed, without an entry: nobody else is told."""
        self._changed[id(record)] = record

    def audit(self, record: AuditRecord) -> None:
        """Keep for ever who did this."""
        self._audits.append(record)

    def store(self) -> None:
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
        self._statements.raise_heads([(locked.head, self.at, locked.id) for locked in grown])
        self._statements.update_rooms([locked for locked in self.rooms.values() if locked.is_altered])
        for locked in grown:
            self._store_entries(locked)
        if self._audits:
            Audit.objects.bulk_create([_audit_row(audit, self.at) for audit in self._audits])

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

    def _store_entries(self, locked: LockedRoom) -> None:
        about_messages: list[Row] = []
        about_others: list[Row] = []
        for seq, touch in enumerate(locked.touched, locked.after + 1):
            record = touch.record
            if isinstance(record, MessageRecord):
                about_messages.append((locked.id, seq, touch.kind, record.seq, touch.actor.id, self.at))
            else:
                about_others.append((locked.id, seq, touch.kind, self._member_of(touch), touch.actor.id, self.at))
        self._statements.insert_message_entries(about_messages)
        self._statements.insert_member_entries(about_others)

    def _member_of(self, touch: Touch) -> int | None:
        if isinstance(touch.record, MembershipRecord):
            return touch.record.person.id
        return self.people[touch.ends].id if touch.ends in self.people else None

    def _store_people(self) -> None:
        """Make rows of the guests who did their first deed. Another process may do so too: it is one row."""
        named = [touch.actor for locked in self._grown() for touch in locked.touched]
        named += [record.person for record in self._changed.values() if isinstance(record, MembershipRecord)]
        named += [audit.actor for audit in self._audits]
        new = {person.uid: person for person in named if person.id is None}
        if new:
            self._statements.insert_people(new.values())
            for stored in self._statements.people(new):
                new[stored.uid].id = stored.id
        self._statements.move_people(self._moved)

    def _lock(self, room_ids: list[int]) -> dict[int, LockedRoom]:
        """Lock the logs in the order of their keys, so that two writers never wait for each other in a circle."""
        if not room_ids:
            return {}
        self._statements.lock(room_ids)
        return {locked.id: locked for locked in self._statements.rooms(room_ids)}

    def _load_people(self, identities: dict[str, Identity], others: Sequence[Action]) -> dict[str, PersonRecord]:
        """Return the record of each person, without an id for guests who have no row yet.

        Whom somebody else names must have a row to be there.
        """
        named = {uid for action in others if (uid := _named(action)) is not None}
        people = {person.uid: person for person in self._statements.people({*identities, *named})}
        self._moved: list[PersonRecord] = []
        for uid, identity in identities.items():
            known = people.get(uid)
            if known is None:
                people[uid] = PersonRecord(
                    None, uid, identity.kind, identity.name, network=identity.network, user_id=identity.user_id
                )
            elif identity.network and known.network != identity.network:
                known.network = identity.network
                self._moved.append(known)
        return people

    def _load_memberships(
        self, actions: Sequence[Action], plain: Collection[int]
    ) -> dict[PersonPlace, MembershipRecord]:
        asked: dict[tuple[int, int], PersonRecord] = {}
        for action in actions:
            locked = self.rooms.get(action.room_id)
            if locked is None or (locked.id in plain and isinstance(action, PostMessage | EditMessage)):
                continue
            for uid in (action.person.uid, _named(action)):
                person = self.people.get(uid) if uid is not None else None
                if person is not None and person.id is not None:
                    asked[locked.id, person.id] = person
        return {(found.room_id, found.person.uid): found for found in self._statements.memberships(asked)}

    def _load_banned_networks(self) -> Counter[tuple[int, str]]:
        is_any_guest = any(person.kind == Person.Kind.GUEST for person in self.people.values())
        guarded = [locked.id for locked in self.rooms.values() if locked.guarded] if is_any_guest else []
        return self._statements.banned_networks(guarded, self.at)

    def _load_messages(self, others: Iterable[Action]) -> dict[tuple[int, int], MessageRecord]:
        places = {(action.room_id, action.seq) for action in others if isinstance(action, EditMessage | DeleteMessage)}
        return {(message.room_id, message.seq): message for message in self._statements.messages_at(places)}


def _named(action: Action) -> str | None:
    """Return the uid of the person, other than who acts, whom an action is about."""
    return action.uid if isinstance(action, Remove | Ban | Mute | SetRole | ChangeRights) else None


def _audit_row(audit: AuditRecord, at: int) -> Audit:
    return Audit(
        room_id=audit.room_id,
        action=audit.action,
        actor_id=audit.actor.id or 0,
        person_id=audit.person.id if audit.person is not None else None,
        message_seq=audit.message_seq,
        details=msgspec.json.encode(audit.details).decode() if audit.details else "",
        at=at,
    )


def _events(locked: LockedRoom) -> Sequence[Changes]:
    people: dict[int, PersonRow] = {}
    shown: dict[int, MessageRow | MemberRow | RoomRow] = {}
    for touch in locked.touched:
        record = touch.record
        if record is None or id(record) in shown:
            continue
        if isinstance(record, MessageRecord):
            author = people.get(id(record.author)) or people.setdefault(id(record.author), person_row(record.author))
            shown[id(record)] = message_row(record, author)
        else:
            shown[id(record)] = room_row(record) if isinstance(record, LockedRoom) else member_row(record)
    touched = (
        (seq, shown.get(id(touch.record)), touch.ends) for seq, touch in enumerate(locked.touched, locked.after + 1)
    )
    return spans(locked.address, locked.epoch, locked.after, touched)
