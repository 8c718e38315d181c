"""One transaction of the writer: loads what a batch of actions needs, judges each by itself, and stores all at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F

from teahouse.chat.actions import (
    Action,
    DeleteMessage,
    EditMessage,
    Join,
    Leave,
    Moved,
    Outcome,
    Posted,
    PostMessage,
    Result,
    Touched,
)
from teahouse.chat.announcing import Committed
from teahouse.chat.clock import now
from teahouse.chat.people import Identity
from teahouse.chat.rows import member_row, message_row
from teahouse.chat.spans import spans
from teahouse.errors import Conflict, KeyConflict, NoSuchMessage, NoSuchRoom, NotAllowed, TeahouseError
from teahouse.models import Entry, Log, Membership, Message, Person, Room

PersonKey = tuple[int, str]
"""A room's key and a person's uid."""


@dataclass(slots=True)
class _LockedRoom:
    """A room whose log this transaction holds; ``head`` rises in memory and is stored once."""

    room: Room
    epoch: str
    after: int
    head: int
    touched: list[tuple[Entry, Message | Membership]] = field(default_factory=list)


class Batch:
    """The state of one transaction. Use inside ``atomic``: ``results = [batch.judge(a) …]``, then ``store()``."""

    def __init__(self, actions: Sequence[Action]) -> None:
        """Lock the logs and load the people, memberships, keys and messages that the actions name."""
        self.at = now()
        self._rooms = _lock({action.room_id for action in actions})
        self._people = _people({action.person.uid: action.person for action in actions})
        self._memberships = self._load_memberships(actions)
        self._messages = self._load_messages(actions)
        self._posted = self._load_posted([action for action in actions if isinstance(action, PostMessage)])
        self._new_messages: list[Message] = []
        self._changed_messages: dict[int, Message] = {}
        self._changed_memberships: dict[PersonKey, Membership] = {}

    def judge(self, action: Action) -> Result:
        """Do one action in memory, and return its outcome or its refusal."""
        try:
            return self._apply(action)
        except TeahouseError as refusal:
            return refusal

    def store(self) -> None:
        """Write everything that the judged actions changed."""
        self._store_people()
        Message.objects.bulk_create(self._new_messages)
        for message in self._changed_messages.values():
            message.save(update_fields=["text", "digest", "changed", "edited_at", "deleted"])
        for membership in self._changed_memberships.values():
            membership.save()
        for locked in self._rooms.values():
            if locked.head > locked.after:
                Log.objects.filter(pk=locked.room.pk).update(head=locked.head, at=self.at)
        Entry.objects.bulk_create(self._entries())

    def committed(self) -> list[Committed]:
        """Return what this batch adds to each room's log, to be announced once the transaction is committed."""
        return [_committed(locked) for locked in self._rooms.values() if locked.head > locked.after]

    def _apply(self, action: Action) -> Outcome:
        locked = self._rooms.get(action.room_id)
        if locked is None:
            raise NoSuchRoom("the room is gone", field="room")
        match action:
            case PostMessage():
                return self._post(locked, action)
            case EditMessage():
                return self._edit(locked, action)
            case DeleteMessage():
                return self._delete(locked, action)
            case Join():
                return self._move(locked, action.person, Membership.Role.MEMBER)
            case Leave():
                return self._move(locked, action.person, Membership.Role.LEFT)

    def _post(self, locked: _LockedRoom, action: PostMessage) -> Outcome:
        place = (action.room_id, action.person.uid, action.key)
        digest = _digest(action.text)
        earlier = self._posted.get(place)
        if earlier is not None:
            if earlier.digest not in ("", digest):
                raise KeyConflict(
                    f"the key {action.key!r} was used for another text in this room; take a new key",
                    field="key",
                )
            return Posted(earlier.seq, earlier.at, repeat=True)
        self._check_right(locked, action.person)
        seq = locked.head + 1
        message = Message(
            room_id=action.room_id,
            seq=seq,
            changed=seq,
            key=action.key,
            digest=digest,
            text=action.text,
            at=self.at,
        )
        message.author = self._people[action.person.uid]
        self._add_entry(locked, Entry.Kind.POST, action.person, message)
        self._posted[place] = self._messages[action.room_id, seq] = message
        self._new_messages.append(message)
        return Posted(seq, self.at, repeat=False)

    def _edit(self, locked: _LockedRoom, action: EditMessage) -> Outcome:
        message = self._own_message(locked, action)
        if message.text == action.text and not message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        message.text = action.text
        message.edited_at = self.at
        return self._touch(locked, Entry.Kind.EDIT, action.person, message)

    def _delete(self, locked: _LockedRoom, action: DeleteMessage) -> Outcome:
        message = self._own_message(locked, action)
        if message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        message.deleted = True
        message.text = message.digest = ""
        message.edited_at = self.at
        return self._touch(locked, Entry.Kind.DELETE, action.person, message)

    def _move(self, locked: _LockedRoom, person: Identity, role: str) -> Outcome:
        """Join or leave; doing it twice is no entry."""
        place = (locked.room.pk, person.uid)
        membership = self._memberships.get(place)
        stands = membership.role if membership else Membership.Role.LEFT
        if bool(stands) == bool(role):
            return Moved(membership.changed if membership else locked.head, stands or None)
        if role:
            self._check_right(locked, person)
        membership = membership or Membership(room_id=locked.room.pk, person=self._people[person.uid])
        membership.role = role
        self._memberships[place] = self._changed_memberships[place] = membership
        kind = Entry.Kind.JOIN if role else Entry.Kind.LEAVE
        self._add_entry(locked, kind, person, membership)
        membership.changed = locked.head
        return Moved(locked.head, role or None)

    def _check_right(self, locked: _LockedRoom, person: Identity) -> None:
        """Hold what must be true at the moment of the write; the host's policy was asked before the batch."""
        if locked.room.kind == Room.Kind.OPEN:
            return
        membership = self._memberships.get((locked.room.pk, person.uid))
        if membership is None or not membership.role:
            raise NoSuchRoom("there is no such room, or none that you may see", field="room")

    def _own_message(self, locked: _LockedRoom, action: EditMessage | DeleteMessage) -> Message:
        self._check_right(locked, action.person)
        message = self._messages.get((action.room_id, action.seq))
        if message is None:
            raise NoSuchMessage(f"this room has no message {action.seq}", field="seq")
        if message.author.uid != action.person.uid:
            raise NotAllowed("only who wrote a message may change it", field="seq")
        return message

    @staticmethod
    def _check_version(message: Message, seen: int) -> None:
        if message.deleted or message.changed != seen:
            raise Conflict(
                f"the message changed since you saw it: it stands at {message.changed}, you saw {seen}",
                field="changed",
                message=message_row(message),
            )

    def _touch(self, locked: _LockedRoom, kind: Entry.Kind, person: Identity, message: Message) -> Outcome:
        self._add_entry(locked, kind, person, message)
        message.changed = locked.head
        if not message._state.adding:
            self._changed_messages[message.pk] = message
        return Touched(message.seq, message.changed, self.at)

    def _add_entry(
        self, locked: _LockedRoom, kind: Entry.Kind, person: Identity, touched: Message | Membership
    ) -> None:
        locked.head += 1
        entry = Entry(log_id=locked.room.pk, seq=locked.head, kind=kind, at=self.at)
        entry.actor = self._people[person.uid]
        locked.touched.append((entry, touched))

    def _entries(self) -> Iterable[Entry]:
        for locked in self._rooms.values():
            for entry, touched in locked.touched:
                if isinstance(touched, Message):
                    entry.message_seq = touched.seq
                else:
                    entry.member = touched.person
                yield entry

    def _store_people(self) -> None:
        """Make rows of the guests who did their first deed."""
        actors = {entry.actor.uid for locked in self._rooms.values() for entry, _ in locked.touched}
        Person.objects.bulk_create(
            [person for uid, person in self._people.items() if person._state.adding and uid in actors]
        )

    def _load_memberships(self, actions: Sequence[Action]) -> dict[PersonKey, Membership]:
        closed = {room_id for room_id, locked in self._rooms.items() if locked.room.kind != Room.Kind.OPEN}
        closed |= {action.room_id for action in actions if isinstance(action, Join | Leave)}
        people = self._known_people()
        if not closed or not people:
            return {}
        found = Membership.objects.filter(room_id__in=closed, person_id__in=people).select_related("person")
        return {(membership.room_id, membership.person.uid): membership for membership in found}

    def _load_posted(self, posts: Sequence[PostMessage]) -> dict[tuple[int, str, str], Message]:
        people = self._known_people()
        if not posts or not people:
            return {}
        uids = {person.pk: uid for uid, person in self._people.items()}
        found = Message.objects.filter(
            author_id__in=people,
            room_id__in={post.room_id for post in posts},
            key__in={post.key for post in posts},
        ).only("room_id", "author_id", "key", "digest", "seq", "at")
        # One object for one row: what this batch does to a message must show in the answer to its repeat.
        return {
            (row.room_id, uids[row.author_id], row.key): self._messages.get((row.room_id, row.seq), row)
            for row in found
        }

    def _load_messages(self, actions: Sequence[Action]) -> dict[tuple[int, int], Message]:
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
        return [person.pk for person in self._people.values() if not person._state.adding]


def _lock(room_ids: Iterable[int]) -> dict[int, _LockedRoom]:
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
        log.pk: _LockedRoom(rooms[log.pk], log.epoch, after=log.head, head=log.head) for log in logs if log.pk in rooms
    }


def _people(identities: dict[str, Identity]) -> dict[str, Person]:
    """Return the row of each person, unsaved for guests who have none yet."""
    found = {person.uid: person for person in Person.objects.filter(uid__in=identities)}
    return {
        uid: found.get(uid) or Person(uid=uid, kind=identity.kind, name=identity.name, user_id=identity.user_id)
        for uid, identity in identities.items()
    }


def _committed(locked: _LockedRoom) -> Committed:
    rows: dict[int, object] = {}
    for _, touched in locked.touched:
        if id(touched) not in rows:
            rows[id(touched)] = message_row(touched) if isinstance(touched, Message) else member_row(touched)
    events = spans(
        locked.room.address,
        locked.epoch,
        locked.after,
        ((entry.seq, rows[id(touched)]) for entry, touched in locked.touched),  # type: ignore[misc]
    )
    return Committed(locked.room.pk, locked.epoch, locked.after, locked.head, tuple(events))


def _digest(text: str) -> str:
    """Return what recognises a repeat. Keyed by nothing: it stands beside the text itself, and goes with it."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
