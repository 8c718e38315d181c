"""What a batch of actions does in one transaction: each is judged by itself; used by ``teahouse.chat.writing``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper

from teahouse.chat.actions import (
    Action,
    DeleteMessage,
    EditMessage,
    Join,
    Leave,
    MarkRead,
    Moved,
    Outcome,
    Posted,
    PostMessage,
    ReadUpTo,
    Result,
    Touched,
)
from teahouse.chat.announcing import Committed
from teahouse.chat.clock import now
from teahouse.chat.held import Held, KeysTaken, LockedRoom
from teahouse.chat.people import Identity
from teahouse.chat.records import MembershipRecord, MessageRecord
from teahouse.chat.rows import message_row
from teahouse.errors import Conflict, KeyConflict, NoSuchMessage, NoSuchRoom, NotAllowed, TeahouseError
from teahouse.models import Entry, Membership, Room

# Plain numbers: a database's driver takes longer over members of an enumeration.
POST, EDIT, DELETE, JOIN, LEAVE, REMOVE, BAN, UNBAN, MUTE, ROLE, CONFIGURE, RIGHTS = (k.value for k in Entry.Kind)


class Batch:
    """The state of one transaction. Use inside ``atomic``: ``results = [batch.judge(a) …]``, then ``store()``.

    Hardly any key was ever used before, so a batch at first does not look: the table itself refuses a key twice. When
    it does, and when a post that was refused turns out to be a repeat, ``store`` raises KeysTaken: the transaction must
    end without a trace, and a batch that ``looks_for_keys`` does it all again.
    """

    def __init__(self, cursor: CursorWrapper, actions: Sequence[Action], looks_for_keys: bool) -> None:
        """Lock and load what the actions name."""
        self._looked_for_keys = looks_for_keys
        self._refused: list[PostMessage] = []
        self._at = now()
        self._held = Held(cursor, actions, looks_for_keys)

    def judge(self, action: Action) -> Result:
        """Do one action in memory, and return its outcome or its refusal."""
        try:
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
                case MarkRead():
                    return self._mark_read(locked, action)
        except TeahouseError as refusal:
            if isinstance(action, PostMessage):
                self._refused.append(action)
            return refusal

    def store(self) -> None:
        """Write everything that the judged actions changed. Raises KeysTaken."""
        if self._refused and not self._looked_for_keys and self._held.load_posted(self._refused):
            raise KeysTaken
        self._held.store(self._at)

    def committed(self) -> list[Committed]:
        """Return what this batch adds to each room's log, to be announced once the transaction is committed."""
        return self._held.committed()

    def _post(self, locked: LockedRoom, action: PostMessage) -> Outcome:
        uid = action.person.uid
        earlier = self._held.posted.get((locked.id, uid, action.key))
        if earlier is not None:
            return _repeated(earlier, action)
        self._check_right(locked, action.person)
        seq = locked.head + 1
        message = MessageRecord(locked.id, self._held.people[uid], seq, seq, action.key, action.text, self._at)
        self._held.add_message(locked, POST, message)
        return Posted(seq, self._at, False)

    def _edit(self, locked: LockedRoom, action: EditMessage) -> Outcome:
        message = self._own_message(locked, action)
        if message.text == action.text and not message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        # An edit must not turn a later repeat into a conflict.
        message.digest = message.digest or _digest(message.text)
        message.text = action.text
        return self._touch(locked, EDIT, action.person, message)

    def _delete(self, locked: LockedRoom, action: DeleteMessage) -> Outcome:
        message = self._own_message(locked, action)
        if message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        message.deleted = True
        message.text = message.digest = ""
        return self._touch(locked, DELETE, action.person, message)

    def _move(self, locked: LockedRoom, person: Identity, role: str) -> Outcome:
        """Join or leave; doing it twice is no entry."""
        place = (locked.id, person.uid)
        membership = self._held.memberships.get(place)
        stands = membership.role if membership else ""
        if bool(stands) == bool(role):
            return Moved(membership.changed if membership else locked.head, stands or None)
        if role:
            self._check_right(locked, person)
        membership = membership or MembershipRecord(locked.id, self._held.people[person.uid], "", 0, 0)
        membership.role = str(role)
        self._held.memberships[place] = membership
        self._held.add_entry(locked, JOIN if role else LEAVE, person, membership)
        if role:  # who comes in has nothing unread
            membership.read = locked.head
        return Moved(locked.head, membership.role or None)

    def _mark_read(self, locked: LockedRoom, action: MarkRead) -> Outcome:
        """Raise how far a member has read. It never falls: what an older page says comes too late."""
        self._check_right(locked, action.person)
        membership = self._held.memberships.get((locked.id, action.person.uid))
        if membership is None or not membership.role:
            raise NotAllowed("you are no member of this room, and only of members it is known what they have read")
        upto = min(action.seq, locked.head)
        if upto > membership.read:
            membership.read = upto
            self._held.keep(membership)
        return ReadUpTo(membership.read)

    def _check_right(self, locked: LockedRoom, person: Identity) -> None:
        """Hold what must be true at the moment of the write; the host's policy was asked before the batch.

        The one place where our own rows say who may write: by now the room is locked, and its row and the person's
        membership are as the last commit left them.
        """
        if locked.kind == Room.Kind.OPEN:
            return
        membership = self._held.memberships.get((locked.id, person.uid))
        if membership is None or not membership.role:
            raise NoSuchRoom("there is no such room, or none that you may see", field="room")

    def _own_message(self, locked: LockedRoom, action: EditMessage | DeleteMessage) -> MessageRecord:
        self._check_right(locked, action.person)
        message = self._held.messages.get((action.room_id, action.seq))
        if message is None:
            raise NoSuchMessage(f"this room has no message {action.seq}", field="seq")
        if message.author.uid != action.person.uid:
            raise NotAllowed("only who wrote a message may change it", field="seq")
        return message

    @staticmethod
    def _check_version(message: MessageRecord, seen: int) -> None:
        if message.deleted or message.changed != seen:
            raise Conflict(
                f"the message changed since you saw it: it stands at {message.changed}, you saw {seen}",
                field="changed",
                message=message_row(message),
            )

    def _touch(self, locked: LockedRoom, kind: int, person: Identity, message: MessageRecord) -> Outcome:
        message.edited_at = self._at
        self._held.add_entry(locked, kind, person, message)
        return Touched(message.seq, message.changed, self._at)


def _repeated(earlier: MessageRecord, action: PostMessage) -> Outcome:
    """Return the answer to a key that was posted before. Raises KeyConflict for another text.

    Of a deleted text nothing is kept, so whatever comes under its key counts as that text.
    """
    same = _digest(action.text) == earlier.digest if earlier.digest else action.text == earlier.text
    if not same and not earlier.deleted:
        raise KeyConflict(f"the key {action.key!r} was used for another text in this room; take a new key", field="key")
    return Posted(earlier.seq, earlier.at, True)


def _digest(text: str) -> str:
    """Return what recognises a repeat. Keyed by nothing: it stands beside the text's edits, and goes with them."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
