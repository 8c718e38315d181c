"""What a room's page about itself shows to one person, and the page about a person in it; used by ``room_views``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from teahouse.chat.audit import audit_page
from teahouse.chat.clock import now
from teahouse.chat.gate import MODERATES, RANKS
from teahouse.chat.invites import good_invites
from teahouse.chat.making import may_write_directly
from teahouse.chat.managing import member, members
from teahouse.chat.pages import history
from teahouse.chat.people import Identity
from teahouse.chat.policy import may
from teahouse.chat.reports import waiting_reports
from teahouse.chat.states import uncounted_state
from teahouse.errors import NoSuchMessage
from teahouse.models import Invite, Room
from teahouse.protocol.events import MemberRow, MessageRow, RoomState
from teahouse.protocol.fields import GREATEST_INTEGER
from teahouse.web.chat_page import about_url, room_url
from teahouse.web.trail import Line, lines

NEWEST_DEEDS = 5
"""So many of the trail stand on the room's own page; the others have a page to themselves."""


@dataclass(frozen=True, slots=True)
class RoomPage:
    """Where a page about something in a room stands, and how the room stands for who looks."""

    room: Room
    state: RoomState

    @property
    def url(self) -> str:
        """Where the room itself is."""
        return room_url(self.room)

    @property
    def about_url(self) -> str:
        return about_url(self.room)

    @property
    def is_in_charge(self) -> bool:
        """Claim that they may do what is an owner's."""
        return _rank(self.state) >= RANKS["owner"]


@dataclass(frozen=True, slots=True)
class AboutRoom(RoomPage):
    """A room's page about itself; what is for moderators is empty for everybody else."""

    members: Sequence[MemberRow]
    barred: Sequence[MemberRow]
    reports: Sequence[dict[str, Any]]
    invites: Sequence[Invite]
    trail: Sequence[Line]
    can_join: bool

    @property
    def shows_invitations(self) -> bool:
        """Claim that there is anything to say or do about invitations: nobody comes into an archived room by one."""
        may_be = self.state.can_invite and self.room.kind != Room.Kind.DIRECT
        return may_be and (bool(self.invites) or not self.room.archived)

    @property
    def leaving_costs(self) -> str:
        """What joining again does not give back; nothing where it does, and in a direct room, which nobody leaves."""
        if self.room.kind == Room.Kind.DIRECT:
            return ""
        if self.room.kind == Room.Kind.PRIVATE:
            return gettext("You come back only by an invitation.")
        return gettext("You will not be its owner any more.") if self.state.role == "owner" else ""


@dataclass(frozen=True, slots=True)
class AboutPerson(RoomPage):
    """Somebody in a room, and what who looks may do to them."""

    row: MemberRow
    is_oneself: bool
    can_act: bool
    can_write: bool

    @property
    def is_banned(self) -> bool:
        return self.row.banned_until > now()

    @property
    def is_muted(self) -> bool:
        return self.row.muted_until > now()

    @property
    def roles(self) -> list[str]:
        """The other roles that who looks may give this member; an owner's role is the owner's to give up."""
        may_give = self.row.role != "owner" or self.is_oneself
        if not (self.row.role and may_give and self.is_in_charge) or self.room.kind == Room.Kind.DIRECT:
            return []
        return [role for role in ("owner", "moderator", "member") if role != self.row.role]


@dataclass(frozen=True, slots=True)
class AboutMessage(RoomPage):
    """A message that somebody may report or delete."""

    message: MessageRow
    is_own: bool

    @property
    def can_delete(self) -> bool:
        return (self.is_own or self.state.can_moderate) and not self.message.deleted


def about_room(room: Room, person: Identity) -> AboutRoom:
    """Return what a room's page about itself shows to a person who may enter it."""
    state = uncounted_state(room, person)
    moderates = state.can_moderate
    rows = members(room, with_barred=moderates)
    at = now()
    return AboutRoom(
        room=room,
        state=state,
        members=[row for row in rows if row.role],
        barred=[row for row in rows if moderates and max(row.banned_until, row.muted_until) > at],
        reports=_reports(room, person, state, {row.person.id: row.role for row in rows}) if moderates else [],
        invites=good_invites(room) if state.can_invite else [],
        trail=lines(audit_page(room, limit=NEWEST_DEEDS)[0]) if moderates else [],
        can_join=state.role is None and not room.archived and may("can_join", person, room),
    )


def about_person(room: Room, person: Identity, uid: str) -> AboutPerson:
    """Return the page about somebody in a room that the person may enter. Raises NoSuchPerson."""
    state = uncounted_state(room, person)
    row = member(room, uid)
    is_oneself = uid == person.uid
    return AboutPerson(
        room=room,
        state=state,
        row=row,
        is_oneself=is_oneself,
        can_act=_stands_above(state, person, uid, row.role),
        can_write=not is_oneself and row.person.kind != "bot" and may_write_directly(person, uid),
    )


def about_message(room: Room, person: Identity, seq: int) -> AboutMessage:
    """Return the page about a message of a room that the person may enter. Raises NoSuchMessage."""
    near = history(room, around=min(seq, GREATEST_INTEGER), limit=1).messages
    found = [message for message in near if message.seq == seq]
    if not found:
        raise NoSuchMessage(f"this room has no message {seq}", field="seq")
    return AboutMessage(room, uncounted_state(room, person), found[0], found[0].author.id == person.uid)


def person_url(room: Room, uid: str) -> str:
    """Return the address of the page about somebody in a room."""
    return reverse("teahouse:person", args=[room.address, uid])


def message_url(room: Room, seq: int) -> str:
    """Return the address of the page about a message."""
    return reverse("teahouse:message", args=[room.address, seq])


def _reports(room: Room, person: Identity, state: RoomState, roles: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Return the reports that wait, each with whether who looks may ban its author."""
    return [
        {**report, "can_ban": _stands_above(state, person, author, roles.get(author))}
        for report in waiting_reports(room)
        for author in [report["message"].author.id]
    ]


def _stands_above(state: RoomState, person: Identity, uid: str, role: str | None) -> bool:
    """Claim that who looks may remove, ban and mute somebody who has this role."""
    return state.can_moderate and uid != person.uid and _rank(state) > RANKS[role or ""]


def _rank(state: RoomState) -> int:
    """Return how high who looks stands: by their role, but moderating as the host's policy says; it makes no owners."""
    by_role = RANKS[state.role or ""]
    return max(by_role, MODERATES) if state.can_moderate else min(by_role, MODERATES - 1)
