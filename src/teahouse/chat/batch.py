"""What a batch of actions does in one transaction: each is judged by itself; used by ``teahouse.chat.writing``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

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
from teahouse.chat.held import Held, LockedRoom
from teahouse.chat.many import NewMessage
from teahouse.chat.people import Identity
from teahouse.chat.rows import message_row
from teahouse.errors import Conflict, KeyConflict, NoSuchMessage, NoSuchRoom, NotAllowed, TeahouseError
from teahouse.models import Entry, Membership, Message, Room


class Batch:
    """The state of one transaction. Use inside ``atomic``: ``results = [batch.judge(a) …]``, then ``store()``."""

    def __init__(self, actions: Sequence[Action]) -> None:
        """Lock and load what the actions name."""
        self._at = now()
        self._held = Held(actions)

    def judge(self, action: Action) -> Result:
        """Do one action in memory, and return its outcome or its refusal."""
        try:
            return self._apply(action)
        except TeahouseError as refusal:
            return refusal

    def store(self) -> None:
        """Write everything that the judged actions changed."""
        self._held.store(self._at)

    def committed(self) -> list[Committed]:
        """Return what this batch adds to each room's log, to be announced once the transaction is committed."""
        return self._held.committed()

    def _apply(self, action: Action) -> Outcome:
        locked = self._held.rooms.get(action.room_id)
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

    def _post(self, locked: LockedRoom, action: PostMessage) -> Outcome:
        place = (action.room_id, action.person.uid, action.key)
        digest = _digest(action.text)
        earlier = self._held.posted.get(place)
        if earlier is not None:
            if earlier.digest not in ("", digest):
                raise KeyConflict(
                    f"the key {action.key!r} was used for another text in this room; take a new key",
                    field="key",
                )
            return Posted(earlier.seq, earlier.at, repeat=True)
        self._check_right(locked, action.person)
        seq = locked.head + 1
        author = self._held.people[action.person.uid]
        message = NewMessage(action.room_id, author, seq, seq, action.key, digest, action.text, self._at)
        self._held.add_message(message)
        self._held.add_entry(locked, Entry.Kind.POST, action.person, message)
        return Posted(seq, self._at, repeat=False)

    def _edit(self, locked: LockedRoom, action: EditMessage) -> Outcome:
        message = self._own_message(locked, action)
        if message.text == action.text and not message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        message.text = action.text
        message.edited_at = self._at
        return self._touch(locked, Entry.Kind.EDIT, action.person, message)

    def _delete(self, locked: LockedRoom, action: DeleteMessage) -> Outcome:
        message = self._own_message(locked, action)
        if message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        message.deleted = True
        message.text = message.digest = ""
        message.edited_at = self._at
        return self._touch(locked, Entry.Kind.DELETE, action.person, message)

    def _move(self, locked: LockedRoom, person: Identity, role: str) -> Outcome:
        """Join or leave; doing it twice is no entry."""
        place = (locked.room.pk, person.uid)
        membership = self._held.memberships.get(place)
        stands = membership.role if membership else Membership.Role.LEFT
        if bool(stands) == bool(role):
            return Moved(membership.changed if membership else locked.head, stands or None)
        if role:
            self._check_right(locked, person)
        membership = membership or Membership(room_id=locked.room.pk, person=self._held.people[person.uid])
        membership.role = role
        self._held.memberships[place] = membership
        kind = Entry.Kind.JOIN if role else Entry.Kind.LEAVE
        self._held.add_entry(locked, kind, person, membership)
        return Moved(locked.head, role or None)

    def _check_right(self, locked: LockedRoom, person: Identity) -> None:
        """Hold what must be true at the moment of the write; the host's policy was asked before the batch."""
        if locked.room.kind == Room.Kind.OPEN:
            return
        membership = self._held.memberships.get((locked.room.pk, person.uid))
        if membership is None or not membership.role:
            raise NoSuchRoom("there is no such room, or none that you may see", field="room")

    def _own_message(self, locked: LockedRoom, action: EditMessage | DeleteMessage) -> Message | NewMessage:
        self._check_right(locked, action.person)
        message = self._held.messages.get((action.room_id, action.seq))
        if message is None:
            raise NoSuchMessage(f"this room has no message {action.seq}", field="seq")
        if message.author.uid != action.person.uid:
            raise NotAllowed("only who wrote a message may change it", field="seq")
        return message

    @staticmethod
    def _check_version(message: Message | NewMessage, seen: int) -> None:
        if message.deleted or message.changed != seen:
            raise Conflict(
                f"the message changed since you saw it: it stands at {message.changed}, you saw {seen}",
                field="changed",
                message=message_row(message),
            )

    def _touch(self, locked: LockedRoom, kind: Entry.Kind, person: Identity, message: Message | NewMessage) -> Outcome:
        self._held.add_entry(locked, kind, person, message)
        return Touched(message.seq, message.changed, self._at)


def _digest(text: str) -> str:
    """Return what recognises a repeat. Keyed by nothing: it stands beside the text itself, and goes with it."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
