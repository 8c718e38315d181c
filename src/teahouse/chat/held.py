"""What one transaction holds: locked logs, people, memberships and messages, loaded at once and stored at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F

from teahouse.chat.actions import Action, DeleteMessage, EditMessage, Join, Leave, PostMessage
from teahouse.chat.announcing import Committed
from teahouse.chat.many import Earlier, NewEntry, NewMessage, insert_entries, insert_messages, posted_before
from teahouse.chat.people import Identity
from teahouse.chat.rows import member_row, message_row
from teahouse.chat.spans import spans
from teahouse.models import Entry, Log, Membership, Message, Person, Room
from teahouse.protocol.events import MemberRow, MessageRow

PersonKey = tuple[int, str]
"""A room's key and a person's uid."""

Row = Message | NewMessage | Membership


@dataclass(slots=True)
class LockedRoom:
    """A room whose log this transaction holds; ``head`` rises in memory and is stored once."""

    room: Room
    epoch: str
    after: int
    head: int
    touched: list[tuple[Entry.Kind, Person, Row]] = field(default_factory=list)
    """For each new entry its kind, who did it, and the row that it changed."""


class Held:
    """The rows that a batch of actions names; the batch changes them in memory, and says so here."""

    def __init__(self, actions: Sequence[Action]) -> None:
        """Lock the logs in the order of their keys, then load what the actions name."""
        self.rooms = _lock({action.room_id for action in actions})
        self.people = _people({action.person.uid: action.person for action in actions})
        self.memberships = self._load_memberships(actions)
        self.messages = self._load_messages(actions)
        self.posted = self._load_posted([action for action in actions if isinstance(action, PostMessage)])
        self._new_messages: list[NewMessage] = []
        self._changed: dict[int, Message | Membership] = {}

    def add_message(self, message: NewMessage) -> None:
        """Hold a message that is new."""
        self.messages[message.room_id, message.seq] = message
        self.posted[message.room_id, message.author.uid, message.key] = message
        self._new_messages.append(message)

    def add_entry(self, locked: LockedRoom, kind: Entry.Kind, person: Identity, row: Row) -> None:
        """Give the next number of a room to a change of a row."""
        locked.head += 1
        locked.touched.append((kind, self.people[person.uid], row))
        row.changed = locked.head
        if not isinstance(row, NewMessage):
            self._changed[id(row)] = row

    def store(self, at: int) -> None:
        """Write everything that was changed; new people, messages and entries each at once."""
        self._store_people()
        insert_messages(self._new_messages)
        for row in self._changed.values():
            if isinstance(row, Message):
                row.save(update_fields=["text", "digest", "changed", "edited_at", "deleted"])
            else:
                row.save()
        for locked in self.rooms.values():
            if locked.head > locked.after:
                Log.objects.filter(pk=locked.room.pk).update(head=locked.head, at=at)
        insert_entries(self._entries(at))

    def committed(self) -> list[Committed]:
        """Return what was added to each room's log, to be announced once the transaction is committed."""
        return [_committed(locked) for locked in self.rooms.values() if locked.head > locked.after]

    def _entries(self, at: int) -> Iterator[NewEntry]:
        for log_id, locked in self.rooms.items():
            for seq, (kind, actor, row) in enumerate(locked.touched, locked.after + 1):
                message_seq, member_id = (None, row.person.id) if isinstance(row, Membership) else (row.seq, None)
                yield NewEntry(log_id, seq, kind.value, message_seq, member_id, actor.id, at)

    def _store_people(self) -> None:
        """Make rows of the guests who did their first deed."""
        actors = {actor.uid for locked in self.rooms.values() for _, actor, _ in locked.touched}
        Person.objects.bulk_create(
            [person for uid, person in self.people.items() if person._state.adding and uid in actors]
        )

    def _load_memberships(self, actions: Sequence[Action]) -> dict[PersonKey, Membership]:
        closed = {room_id for room_id, locked in self.rooms.items() if locked.room.kind != Room.Kind.OPEN}
        closed |= {action.room_id for action in actions if isinstance(action, Join | Leave)}
        people = self._known_people()
        if not closed or not people:
            return {}
        found = Membership.objects.filter(room_id__in=closed, person_id__in=people).select_related("person")
        return {(membership.room_id, membership.person.uid): membership for membership in found}

    def _load_posted(self, posts: Sequence[PostMessage]) -> dict[tuple[int, str, str], Earlier | Message | NewMessage]:
        keys = {(self.people[post.person.uid].pk, post.room_id, post.key): post for post in posts}
        found = posted_before([key for key in keys if key[0] is not None])
        # One object for one row: what this batch does to a message must show in the answer to its repeat.
        return {
            (row.room_id, keys[row.author_id, row.room_id, row.key].person.uid, row.key): self.messages.get(
                (row.room_id, row.seq), row
            )
            for row in found
        }

    def _load_messages(self, actions: Sequence[Action]) -> dict[tuple[int, int], Message | NewMessage]:
        wanted: dict[int, set[int]] = {}
        for action in actions:
            if isinstance(action, EditMessage | DeleteMessage):
                wanted.setdefault(action.room_id, set()).add(action.seq)
        return {
            (room_id, message.seq): message
            for room_id, places in wanted.items()
            for message in Message.objects.filter(room_id=room_id, seq__in=places).select_related("author")
        }

    def _known_people(self) -> list[int]:
        return [person.pk for person in self.people.values() if not person._state.adding]


def _lock(room_ids: Iterable[int]) -> dict[int, LockedRoom]:
    """Lock the logs in the order of their keys, so that two writers never wait for each other in a circle."""
    ids = sorted(room_ids)
    if connection.features.has_select_for_update:
        logs = list(Log.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    else:
        # A write first: a transaction that began by reading could not become a writer while another one writes.
        Log.objects.filter(pk__in=ids).update(head=F("head"))
        logs = list(Log.objects.filter(pk__in=ids))
    rooms = Room.objects.in_bulk(ids)
    return {
        log.pk: LockedRoom(rooms[log.pk], log.epoch, after=log.head, head=log.head) for log in logs if log.pk in rooms
    }


def _people(identities: dict[str, Identity]) -> dict[str, Person]:
    """Return the row of each person, unsaved for guests who have none yet."""
    found = {person.uid: person for person in Person.objects.filter(uid__in=identities)}
    return {
        uid: found.get(uid) or Person(uid=uid, kind=identity.kind, name=identity.name, user_id=identity.user_id)
        for uid, identity in identities.items()
    }


def _committed(locked: LockedRoom) -> Committed:
    shown: dict[int, MessageRow | MemberRow] = {}
    for _, _, row in locked.touched:
        if id(row) not in shown:
            shown[id(row)] = member_row(row) if isinstance(row, Membership) else message_row(row)
    touched = ((seq, shown[id(row)]) for seq, (_, _, row) in enumerate(locked.touched, locked.after + 1))
    events = spans(locked.room.address, locked.epoch, locked.after, touched)
    return Committed(locked.room.pk, locked.epoch, locked.after, locked.head, tuple(events))
