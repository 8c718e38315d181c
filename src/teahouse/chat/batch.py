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
from teahouse.chat.gate import Gate
from teahouse.chat.held import Held, KeysTaken, PersonPlace
from teahouse.chat.invites import bad_invite, use_invite
from teahouse.chat.moderating import Moderation
from teahouse.chat.people import Identity
from teahouse.chat.records import AuditRecord, LockedRoom, MessageRecord
from teahouse.chat.rows import message_row
from teahouse.errors import (
    Conflict,
    KeyConflict,
    NoSuchMessage,
    NoSuchRoom,
    NotAllowed,
    RoomArchived,
    TeahouseError,
)
from teahouse.models import Entry, Membership

# Plain numbers: a database's driver takes longer over members of an enumeration.
POST, EDIT, DELETE, JOIN, LEAVE = (
    kind.value for kind in (Entry.Kind.POST, Entry.Kind.EDIT, Entry.Kind.DELETE, Entry.Kind.JOIN, Entry.Kind.LEAVE)
)


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
        self._waiting: dict[PersonPlace, TeahouseError] = {}
        self._at = now()
        self._held = Held(cursor, actions, looks_for_keys, self._at)
        self._gate = Gate(self._held)
        self._moderation = Moderation(self._held, self._gate)

    def judge(self, action: Action) -> Result:
        """Do one action in memory, and return its outcome or its refusal."""
        try:
            locked = self._held.rooms.get(action.room_id)
            if locked is None:
                raise NoSuchRoom("the room is gone", field="room")
            if self._waiting and isinstance(action, PostMessage):
                self._stay_behind(action)
            if action.rights is not None:
                self._gate.check_numbers(locked, action)
            return self._do(locked, action)
        except TeahouseError as refusal:
            if isinstance(action, PostMessage):
                self._refused.append(action)
                if refusal.retry:
                    self._waiting[action.room_id, action.person.uid] = refusal
            return refusal

    def _stay_behind(self, action: PostMessage) -> None:
        """Refuse alike what somebody said after a message that will be sent again, or the two would swap."""
        refusal = self._waiting.get((action.room_id, action.person.uid))
        if refusal is not None:
            raise refusal

    def _do(self, locked: LockedRoom, action: Action) -> Outcome:
        match action:
            case PostMessage():
                return self._post(locked, action)
            case EditMessage():
                return self._edit(locked, action)
            case DeleteMessage():
                return self._delete(locked, action)
            case Join():
                return self._join(locked, action)
            case Leave():
                return self._leave(locked, action)
            case MarkRead():
                return self._mark_read(locked, action)
            case _:
                return self._moderation.do(locked, action)

    def store(self) -> None:
        """Write everything that the judged actions changed. Raises KeysTaken."""
        if self._refused and not self._looked_for_keys and self._held.load_posted(self._refused):
            raise KeysTaken
        self._held.store()

    def committed(self) -> list[Committed]:
        """Return what this batch adds to each room's log, to be announced once the transaction is committed."""
        return self._held.committed()

    def _post(self, locked: LockedRoom, action: PostMessage) -> Outcome:
        uid = action.person.uid
        earlier = self._held.posted.get((locked.id, uid, action.key))
        if earlier is not None:
            return _repeated(earlier, action)
        if not locked.is_plain:
            self._gate.check_post(locked, action)
        seq = locked.head + 1
        message = MessageRecord(locked.id, self._held.people[uid], seq, seq, action.key, action.text, self._at)
        self._held.add_message(locked, POST, message)
        return Posted(seq, self._at, False)

    def _edit(self, locked: LockedRoom, action: EditMessage) -> Outcome:
        self._gate.check_write(locked, action)
        message = self._message(action)
        if message.author.uid != action.person.uid:
            raise NotAllowed("only who wrote a message may change it", field="seq")
        if message.text == action.text and not message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        # An edit must not turn a later repeat into a conflict.
        message.digest = message.digest or _digest(message.text)
        message.text = action.text
        return self._touch(locked, EDIT, action.person, message)

    def _delete(self, locked: LockedRoom, action: DeleteMessage) -> Outcome:
        if not action.granted:
            self._gate.check_entry(locked, action)
        message = self._message(action)
        is_own = message.author.uid == action.person.uid
        if not is_own and not self._gate.moderates(locked, action):
            raise NotAllowed("only who wrote a message or moderates the room may delete it", field="seq")
        if is_own and locked.archived and not self._gate.moderates(locked, action):
            raise RoomArchived("the room is archived; it can be read, and nothing in it changes", field="room")
        if message.deleted:
            return Touched(message.seq, message.changed, message.edited_at or message.at)
        self._check_version(message, action.changed)
        message.deleted = True
        message.text = message.digest = ""
        if not is_own:
            actor = self._held.person(action.person)
            self._held.audit(AuditRecord("delete", locked.id, actor, message.author, message.seq))
        return self._touch(locked, DELETE, action.person, message)

    def _join(self, locked: LockedRoom, action: Join) -> Outcome:
        """Become a member; doing it twice is no entry, and uses no invitation up."""
        membership = self._held.membership(locked, self._held.person(action.person))
        if membership.role:
            return Moved(membership.changed, membership.role)
        if action.invite_id is not None:
            self._use_invite(locked, action, action.invite_id)
        elif not action.granted:
            self._gate.check_ban(locked, action.person)
            self._gate.check_entry(locked, action)
            if locked.archived:
                raise RoomArchived("the room is archived; nobody joins it", field="room")
        membership.role = Membership.Role.MEMBER.value
        self._held.add_entry(locked, JOIN, action.person, membership)
        membership.read = locked.head  # who comes in has nothing unread
        return Moved(locked.head, membership.role)

    def _use_invite(self, locked: LockedRoom, action: Join, invite_id: int) -> None:
        """Use an invitation once. Raises Banned, and BadInvite alike for whatever else keeps somebody out."""
        try:
            self._gate.check_ban(locked, action.person)
        except NoSuchRoom:  # its words have the address of a room that they may not know of
            raise bad_invite() from None
        if locked.archived or not use_invite(invite_id, locked.id, self._at):
            raise bad_invite()

    def _leave(self, locked: LockedRoom, action: Leave) -> Outcome:
        """Stop being a member; doing it twice is no entry. Always allowed, but for the only owner of others."""
        membership = self._held.membership(locked, self._held.person(action.person))
        if not membership.role:
            return Moved(membership.changed or locked.head, None)
        self._moderation.check_not_last_owner(locked, membership)
        membership.role = ""
        self._held.add_entry(locked, LEAVE, action.person, membership, ends=action.person.uid)
        return Moved(locked.head, None)

    def _mark_read(self, locked: LockedRoom, action: MarkRead) -> Outcome:
        """Raise how far a member has read. It never falls: what an older page says comes too late."""
        self._gate.check_entry(locked, action)
        membership = self._held.memberships.get((locked.id, action.person.uid))
        if membership is None or not membership.role:
            raise NotAllowed("you are no member of this room, and only of members it is known what they have read")
        upto = min(action.seq, locked.head)
        if upto > membership.read:
            membership.read = upto
            self._held.keep(membership)
        return ReadUpTo(membership.read)

    def _message(self, action: EditMessage | DeleteMessage) -> MessageRecord:
        message = self._held.messages.get((action.room_id, action.seq))
        if message is None:
            raise NoSuchMessage(f"this room has no message {action.seq}", field="seq")
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
