"""What stands beside a room's log: members, invitations, reports, audit; and what leads into rooms; for all edges."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Q, When

from teahouse.chat.actions import Join, Moved
from teahouse.chat.audit import audit_page
from teahouse.chat.clock import now
from teahouse.chat.invites import good_invites, invite_of, invite_row, make_invite, revoke_invite
from teahouse.chat.making import create_as, direct_as
from teahouse.chat.people import Identity
from teahouse.chat.policy import MODERATING, may
from teahouse.chat.reports import report, resolve, waiting_reports
from teahouse.chat.rooms import read_while_entitled, while_entitled
from teahouse.chat.rows import member_row, person_row
from teahouse.chat.writing import write
from teahouse.errors import NoSuchPerson, TeahouseError
from teahouse.models import Membership, Message, Room
from teahouse.protocol import commands as said
from teahouse.protocol.events import MemberRow

MOST_MEMBERS = 1000
"""So many are named of a room: first those who look after it and who is barred, then others."""

_NEEDED = {
    said.Invite: "can_invite",
    said.Invites: "can_invite",
    said.Revoke: "can_invite",
    said.Reports: "can_moderate",
    said.Resolve: "can_moderate",
    said.Audit: "can_moderate",
}
_WRITING = (said.Invite, said.Revoke, said.Report, said.Resolve)


def manage(command: said.Managing, person: Identity, room: Room) -> dict[str, Any]:
    """Do a command in a room that the person entered; return the fields of its answer.

    Raises NotAllowed, BadInvite, NoSuchMessage, NoSuchReport, and what entering raises when a right ended meanwhile.
    """
    right = _NEEDED.get(type(command))
    entitled = while_entitled if isinstance(command, _WRITING) else read_while_entitled
    return entitled(right, person, room, lambda fresh: _answer(command, person, fresh))


def enter_by(command: said.Entrance, person: Identity) -> dict[str, Any]:
    """Make a room or become a member of one; return the fields of the answer, the room's address among them.

    Raises NotAllowed, BadRoomName, RateLimited, NoSuchPerson, BadInvite, Banned.
    """
    match command:
        case said.Create():
            room = create_as(person, command.title, command.kind)
            return {"room": room.address, "title": room.title, "kind": room.kind, "role": "owner"}
        case said.Direct():
            room = direct_as(person, command.person)
            return {"room": room.address, "title": room.title, "kind": room.kind, "role": "member"}
        case said.Accept():
            return accept(command.code, person)


def accept(code: str, person: Identity) -> dict[str, Any]:
    """Become a member by an invitation's code; who is one already uses nothing up. Raises BadInvite, and Banned."""
    invite = invite_of(code)
    (result,) = write([Join(invite.room_id, person, invite.pk)])
    if isinstance(result, TeahouseError):
        raise result
    assert isinstance(result, Moved)
    room = invite.room
    return {"room": room.address, "title": room.title, "kind": room.kind, "seq": result.seq, "role": result.role}


def members(room: Room, *, with_barred: bool) -> list[MemberRow]:
    """Return who is in a room, owners and moderators first, and with ``with_barred`` who is banned or muted too."""
    shown = ~Q(role=Membership.Role.LEFT)
    first = [When(role__in=MODERATING, then=0)]
    if with_barred:
        barred = Q(banned_until__gt=now()) | Q(muted_until__gt=now())
        shown |= barred
        first.append(When(barred, then=1))
    found = Membership.objects.select_related("person").filter(shown, room=room).order_by(Case(*first, default=2))
    order = {role: place for place, role in enumerate(("owner", "moderator", "member", ""))}
    rows = sorted(found[:MOST_MEMBERS], key=lambda place: (order[place.role], place.person.name))
    return [member_row(place) for place in rows]


def member(room: Room, uid: str) -> MemberRow:
    """Return how somebody stands in a room: member, visitor who spoke, or banned. Asks no rights.

    Raises NoSuchPerson, alike for nobody and for who has nothing to do with the room.
    """
    uid = uid if uid.isprintable() else ""  # no database would look for NUL
    place = Membership.objects.select_related("person").filter(room=room, person__uid=uid).first()
    if place is not None:
        return member_row(place)
    spoken = Message.objects.select_related("author").filter(room=room, author__uid=uid).first()
    if spoken is None:
        raise NoSuchPerson("nobody with this id has to do with this room", field="person")
    return MemberRow(person_row(spoken.author), 0, None)


def _answer(command: said.Managing, person: Identity, room: Room) -> dict[str, Any]:
    return {"room": room.address, **_managed(command, person, room)}


def _managed(command: said.Managing, person: Identity, room: Room) -> dict[str, Any]:
    match command:
        case said.Members():
            return {"members": members(room, with_barred=may("can_moderate", person, room))}
        case said.Invite():
            invite, code = make_invite(room, person, command.seconds, command.uses, command.key)
            return {**invite_row(invite), "code": code}
        case said.Invites():
            return {"invites": [invite_row(invite) for invite in good_invites(room)]}
        case said.Revoke():
            revoke_invite(room, command.invite, person)
            return {"invite": command.invite}
        case said.Report():
            return {"report": report(room, command.seq, person, command.reason).pk}
        case said.Reports():
            return {"reports": waiting_reports(room)}
        case said.Resolve():
            resolve(room, command.report, person, command.outcome)
            return {"report": command.report}
        case said.Audit():
            rows, has_more = audit_page(room, command.before)
            return {"audit": rows, "more": has_more}
