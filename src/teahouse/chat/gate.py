"""What our own rows say of who may do something, at the moment of the write; used by ``batch`` and ``moderating``.

The host's policy was asked before. By now the room is locked, and its row and the memberships are as the last commit,
and the actions before this one, left them.
"""

from __future__ import annotations

import math

from teahouse.chat.actions import Action, AskAgain, DeleteMessage, ModeratingAction, PostMessage
from teahouse.chat.held import Held
from teahouse.chat.people import Identity
from teahouse.chat.records import LockedRoom, MembershipRecord
from teahouse.errors import (
    Banned,
    Muted,
    NoSuchRoom,
    RateLimited,
    RoomArchived,
    RoomLocked,
)
from teahouse.models import FOREVER, Membership, Person, Room

RANKS = {
    "": 0,
    Membership.Role.MEMBER.value: 1,
    Membership.Role.MODERATOR.value: 2,
    Membership.Role.OWNER.value: 3,
}
"""Roles by what they may: who moderates stands above whom they moderate."""

MODERATES = RANKS[Membership.Role.MODERATOR.value]


class Gate:
    """Judges actions by the rows that a batch holds."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def check_numbers(self, locked: LockedRoom, action: Action) -> None:
        """Raise AskAgain when the person's rights may have changed since the policy was asked."""
        asked = action.rights
        if asked is None:
            return
        is_same_person = self._held.people[action.person.uid].rights == asked.person
        if not is_same_person or asked.room > locked.head or self._held.has_ended(locked, action.person, asked.room):
            raise AskAgain("rights have just changed; send it again", retry_after=0.1)

    def check_entry(self, locked: LockedRoom, action: Action) -> None:
        """Hold that the person may be in the room. Raises Banned, and NoSuchRoom for who should not know of it."""
        if locked.kind == Room.Kind.OPEN and not locked.guarded:
            return
        is_admitted = action.rights is not None and action.rights.admitted
        membership = self._held.memberships.get((locked.id, action.person.uid))
        is_member = membership is not None and membership.role != ""
        if locked.kind != Room.Kind.OPEN and not is_admitted and not is_member:
            raise no_such_room(locked.address)
        self.check_ban(locked, action.person)

    def check_ban(self, locked: LockedRoom, person: Identity) -> None:
        """Hold that neither the person nor, for a guest, the network is banned. Raises Banned, NoSuchRoom."""
        if not locked.guarded:
            return
        membership = self._held.memberships.get((locked.id, person.uid))
        is_banned = membership is not None and membership.banned_until > self._held.at
        is_guest = person.kind == Person.Kind.GUEST
        if is_banned or (is_guest and self._held.banned_networks[locked.id, person.network] > 0):
            raise refused_by_ban(locked)

    def check_write(self, locked: LockedRoom, action: Action) -> None:
        """Hold that the person may say something. Raises RoomLocked, RoomArchived, Muted, and what entering raises."""
        if locked.is_plain:
            return
        self.check_entry(locked, action)
        if locked.archived:
            raise RoomArchived("the room is archived; it can be read, and nothing in it changes", field="room")
        if locked.locked:
            raise RoomLocked("the room is locked; nobody posts in it now", field="room")
        membership = self._held.memberships.get((locked.id, action.person.uid))
        if membership is not None and membership.muted_until > self._held.at:
            raise _muted(membership, self._held.at)

    def check_post(self, locked: LockedRoom, action: PostMessage) -> None:
        """As ``check_write``, and raise RateLimited where the room is slow. The host's own code may always post."""
        if action.granted:
            return
        self.check_write(locked, action)
        if not locked.slow_seconds or self.rank(locked, action) >= MODERATES:
            return
        membership = self._held.membership(locked, self._held.person(action.person))
        wait = membership.posted_at + locked.slow_seconds * 1000 - self._held.at
        if wait > 0:
            raise RateLimited(
                f"one message in {locked.slow_seconds} seconds is what this room takes of you; wait a little",
                field="room",
                retry_after=wait / 1000,
            )
        membership.posted_at = self._held.at
        self._held.keep(membership)

    def moderates(self, locked: LockedRoom, action: DeleteMessage | ModeratingAction) -> bool:
        """Claim that who acts may moderate the room."""
        return action.granted or self.rank(locked, action) >= MODERATES

    def rank(self, locked: LockedRoom, action: Action) -> int:
        """Return how high who acts stands: by the role, and where the policy says who moderates, as it says.

        It makes nobody an owner: else whoever moderates by it could put down the owners.
        """
        membership = self._held.memberships.get((locked.id, action.person.uid))
        rank = RANKS[membership.role] if membership is not None else 0
        moderates = None if action.rights is None else action.rights.moderates
        if moderates is None:
            return rank
        return max(rank, MODERATES) if moderates else min(rank, MODERATES - 1)


def refused_by_ban(room: Room | LockedRoom) -> Banned | NoSuchRoom:
    """Return what a banned person is told: of a room that is not open, what everybody is told who is not in it."""
    if room.kind == Room.Kind.OPEN:
        return Banned("you are banned from this room", field="room")
    return no_such_room(room.address)


def no_such_room(address: str) -> NoSuchRoom:
    """Return what is said of a room that is none, and in the same words of one that somebody may not see."""
    return NoSuchRoom(f"there is no room {address[:80]!r}, or none that you may see", field="room")


def _muted(membership: MembershipRecord, at: int) -> Muted:
    if membership.muted_until == FOREVER:
        return Muted("you may read in this room, and not write", field="room")
    seconds = math.ceil((membership.muted_until - at) / 1000)
    return Muted(f"you may not write in this room for {seconds} seconds more", field="room", retry_after=seconds)
