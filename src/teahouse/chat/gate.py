"""What our own rows say of who may do something, at the moment of the write; used by ``batch`` and ``moderating``.

The host's policy was asked before. By now the room is locked, and its row and the memberships are as the last commit,
and the actions before this one, left them.
"""

from __future__ import annotations

import math

from teahouse.chat.actions import Action, AskAgain, PostMessage
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
from teahouse.models import FOREVER, Membership, Room

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
        """Raise AskAgain when rights changed since the policy was asked."""
        asked = action.rights
        if asked is not None:
            person = self._held.people[action.person.uid]
            if (asked.room, asked.person) != (locked.rights, person.rights):
                raise AskAgain("rights have just changed; send it again", retry_after=0.1)

    def check_entry(self, locked: LockedRoom, action: Action) -> None:
        """Hold that the person may be in the room. Raises Banned, and NoSuchRoom for who should not know of it."""
        if locked.kind == Room.Kind.OPEN and not locked.guarded:
            return
        is_admitted = action.rights is not None and action.rights.admitted
        if locked.kind != Room.Kind.OPEN and not is_admitted and not self._rank(locked, action.person):
            raise NoSuchRoom("there is no such room, or none that you may see", field="room")
        self.check_ban(locked, action.person)

    def check_ban(self, locked: LockedRoom, person: Identity) -> None:
        """Hold that neither the person nor, for a guest, the network is banned. Raises Banned, NoSuchRoom."""
        if not locked.guarded:
            return
        membership = self._held.memberships.get((locked.id, person.uid))
        is_banned = membership is not None and membership.banned_until > self._held.at
        if is_banned or (person.user_id is None and (locked.id, person.network) in self._held.banned_networks):
            raise refused_by_ban(locked.kind)

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
        if not locked.slow_seconds or self._rank(locked, action.person) >= MODERATES:
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

    def moderates(self, locked: LockedRoom, person: Identity, granted: bool) -> bool:
        """Claim that the person may moderate the room."""
        return granted or self._rank(locked, person) >= MODERATES

    def _rank(self, locked: LockedRoom, person: Identity) -> int:
        membership = self._held.memberships.get((locked.id, person.uid))
        return RANKS[membership.role] if membership is not None else 0


def refused_by_ban(kind: str) -> Banned | NoSuchRoom:
    """Return what a banned person is told: of a room that is not open, what everybody is told who is not in it."""
    if kind == Room.Kind.OPEN:
        return Banned("you are banned from this room", field="room")
    return NoSuchRoom("there is no such room, or none that you may see", field="room")


def _muted(membership: MembershipRecord, at: int) -> Muted:
    if membership.muted_until == FOREVER:
        return Muted("you may read in this room, and not write", field="room")
    seconds = math.ceil((membership.muted_until - at) / 1000)
    return Muted(f"you may not write in this room for {seconds} seconds more", field="room", retry_after=seconds)
