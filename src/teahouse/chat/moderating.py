"""What those may do who look after a room: remove, ban, mute, give roles, configure; used by ``batch``."""

from __future__ import annotations

from teahouse.chat.actions import (
    Ban,
    ChangeRights,
    Configure,
    Done,
    ModeratingAction,
    Mute,
    Outcome,
    Remove,
    SetRole,
)
from teahouse.chat.gate import RANKS, Gate
from teahouse.chat.held import Held
from teahouse.chat.records import AuditRecord, LockedRoom, MembershipRecord, PersonRecord
from teahouse.errors import NoSuchPerson, NotAllowed
from teahouse.models import Entry, Membership, Person, Room
from teahouse.protocol.events import EVERYBODY, GUESTS
from teahouse.settings import settings

OWNER = Membership.Role.OWNER.value


class Moderation:
    """The moderators' part of a batch. What already stands so is no entry, and no deed for the audit trail."""

    def __init__(self, held: Held, gate: Gate) -> None:
        self._held = held
        self._gate = gate

    def do(self, locked: LockedRoom, action: ModeratingAction | ChangeRights) -> Outcome:
        """Do one action. Raises NotAllowed, NoSuchPerson, and what entering raises."""
        if isinstance(action, ChangeRights):
            return self._change_rights(locked, action)
        if not action.granted:
            self._gate.check_entry(locked, action)
            if not self._gate.moderates(locked, action):
                raise NotAllowed("only who moderates this room may do this", field="room")
        match action:
            case Remove():
                return self._remove(locked, action)
            case Ban():
                return self._ban(locked, action)
            case Mute():
                return self._mute(locked, action)
            case SetRole():
                return self._set_role(locked, action)
            case Configure():
                return self._configure(locked, action)

    def check_not_last_owner(self, locked: LockedRoom, membership: MembershipRecord, *, stays: bool = False) -> None:
        """Hold that a room with members keeps an owner, when this one goes or steps down. Raises NotAllowed."""
        if membership.role != OWNER or locked.kind == Room.Kind.DIRECT:
            return
        # As this batch leaves them, which may not be stored yet; the others are looked for, and not all read.
        held = [record for record in self._held.memberships.values() if record.room_id == locked.id]
        roles = {record.role for record in held if record is not membership}
        others = Membership.objects.filter(room_id=locked.id).exclude(role="")
        others = others.exclude(person_id__in=[record.person.id for record in held if record.person.id is not None])
        if OWNER in roles or others.filter(role=OWNER).exists():
            return
        if stays or roles - {""} or others.exists():
            raise NotAllowed("you are this room's only owner; make another member its owner first", field="person")

    def _remove(self, locked: LockedRoom, action: Remove) -> Outcome:
        membership = self._subject(locked, action)
        if not membership.role:
            return Done(membership.changed or locked.head)
        membership.role = ""
        return self._told(locked, Entry.Kind.REMOVE, action, membership, "remove", reason=action.reason, ends=True)

    def _ban(self, locked: LockedRoom, action: Ban) -> Outcome:
        membership = self._subject(locked, action)
        is_banned = membership.banned_until > self._held.at
        if not action.until:
            if not is_banned:
                return Done(membership.changed or locked.head)
            membership.banned_until = 0
            self._ban_network(membership, "", 0)
            return self._told(locked, Entry.Kind.UNBAN, action, membership, "unban")
        if membership.banned_until == action.until and not membership.role:
            return Done(membership.changed)
        membership.role = ""
        membership.banned_until = action.until
        if membership.person.kind == Person.Kind.GUEST and membership.person.network:
            longest = self._held.at + settings.GUEST_BAN_SECONDS * 1000
            self._ban_network(membership, membership.person.network, min(action.until, longest))
        self._guard(locked)
        return self._told(
            locked, Entry.Kind.BAN, action, membership, "ban", until=action.until, reason=action.reason, ends=True
        )

    def _ban_network(self, membership: MembershipRecord, network: str, until: int) -> None:
        """Let this ban count for a network, for later actions of the batch too, and no longer for the one before."""
        banned = self._held.banned_networks
        if membership.network and membership.network_until > self._held.at:
            banned[membership.room_id, membership.network] -= 1
        membership.network, membership.network_until = network, until
        if network and until > self._held.at:
            banned[membership.room_id, network] += 1

    def _mute(self, locked: LockedRoom, action: Mute) -> Outcome:
        membership = self._subject(locked, action)
        if membership.muted_until == action.until or (not action.until and membership.muted_until <= self._held.at):
            return Done(membership.changed or locked.head)
        membership.muted_until = action.until
        self._guard(locked)
        word = "mute" if action.until else "unmute"
        return self._told(locked, Entry.Kind.MUTE, action, membership, word, until=action.until, reason=action.reason)

    def _set_role(self, locked: LockedRoom, action: SetRole) -> Outcome:
        """Only owners give roles. One may step down oneself, as long as an owner remains."""
        membership = self._place(locked, action.uid)
        is_own = action.uid == action.person.uid
        if not action.granted and self._gate.rank(locked, action) < RANKS[OWNER]:
            raise NotAllowed("only an owner of this room gives roles", field="role")
        if not membership.role:
            raise NoSuchPerson("this person is no member of the room; only members have roles", field="person")
        if membership.role == action.role:
            return Done(membership.changed)
        if not action.granted and not is_own and membership.role == OWNER:
            raise NotAllowed("an owner's role is theirs to give up", field="person")
        if is_own and not action.granted:
            self.check_not_last_owner(locked, membership, stays=True)
        before, membership.role = membership.role, action.role
        return self._told(
            locked, Entry.Kind.ROLE, action, membership, "role", before=before, role=action.role, ends=True
        )

    def _configure(self, locked: LockedRoom, action: Configure) -> Outcome:
        changes = {
            name: (getattr(locked, name), wanted)
            for name in ("title", "kind", "locked", "archived", "slow_seconds")
            if (wanted := getattr(action, name)) is not None and wanted != getattr(locked, name)
        }
        if not changes:
            return Done(locked.changed or locked.head)
        needs_owner = {"title", "kind", "archived"} & set(changes)
        if needs_owner and not action.granted and self._gate.rank(locked, action) < RANKS[OWNER]:
            raise NotAllowed(f"only an owner of this room changes its {min(needs_owner)}", field=min(needs_owner))
        if "kind" in changes and locked.kind == Room.Kind.DIRECT:
            raise NotAllowed("a direct room stays one; make another room for more people", field="kind")
        for name, (_, wanted) in changes.items():
            setattr(locked, name, wanted)
        self._guard(locked, locked.guarded or locked.slow_seconds > 0)
        actor = self._held.person(action.person)
        details: dict[str, object] = {name: [before, wanted] for name, (before, wanted) in changes.items()}
        self._held.audit(AuditRecord("configure", locked.id, actor, details=details))
        self._held.add_entry(locked, Entry.Kind.CONFIGURE.value, action.person, locked)
        if "kind" in changes:  # visitors had a right that ends here
            self._held.add_entry(locked, Entry.Kind.RIGHTS.value, action.person, None, ends=EVERYBODY)
        return Done(locked.head)

    def _change_rights(self, locked: LockedRoom, action: ChangeRights) -> Outcome:
        if action.uid is not None and action.uid not in self._held.people:
            return Done(locked.head)  # who has no row never was here
        ends = EVERYBODY if action.uid is None else action.uid
        self._held.add_entry(locked, Entry.Kind.RIGHTS.value, action.person, None, ends=ends)
        return Done(locked.head)

    def _subject(self, locked: LockedRoom, action: Remove | Ban | Mute) -> MembershipRecord:
        """Return the place of whom an action is about, who must stand below who acts."""
        membership = self._place(locked, action.uid, is_known=action.granted)
        if action.granted:
            return membership
        if action.uid == action.person.uid:
            raise NotAllowed("you cannot do this to yourself; leave the room instead", field="person")
        if self._gate.rank(locked, action) <= RANKS[membership.role]:
            raise NotAllowed("only who has a higher role in this room may do this to them", field="person")
        return membership

    def _place(self, locked: LockedRoom, uid: str, *, is_known: bool = False) -> MembershipRecord:
        """Return somebody's place. Raises NoSuchPerson alike for nobody and for who has nothing to do with the room."""
        person = self._held.people.get(uid)
        membership = self._held.memberships.get((locked.id, uid))
        # Who only tried to come in has a place in this batch too.
        if person is not None and (membership is None or not (membership.role or membership.changed)):
            is_known = is_known and person.id is not None
            belongs = is_known or self._held.has_spoken(locked, person)
            membership = self._held.membership(locked, person) if belongs else None
        if membership is None:
            raise NoSuchPerson("nobody with this id has to do with this room", field="person")
        return membership

    def _guard(self, locked: LockedRoom, needed: bool = True) -> None:
        """Let every later post look for the author's membership."""
        if needed and not locked.guarded:
            locked.guarded = locked.is_altered = True

    def _told(
        self,
        locked: LockedRoom,
        kind: Entry.Kind,
        action: Remove | Ban | Mute | SetRole,
        membership: MembershipRecord,
        word: str,
        *,
        ends: bool = False,
        **details: object,
    ) -> Outcome:
        """Number what was done, and keep who did it and why."""
        person = membership.person
        said = {name: value for name, value in details.items() if value}
        self._held.audit(AuditRecord(word, locked.id, self._held.person(action.person), person, details=said))
        self._held.add_entry(locked, kind.value, action.person, membership, ends=_ends(kind, person) if ends else "")
        return Done(locked.head)


def _ends(kind: Entry.Kind, person: PersonRecord) -> str:
    return GUESTS if kind == Entry.Kind.BAN and person.kind == Person.Kind.GUEST else person.uid
