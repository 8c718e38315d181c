"""Enters many people into the rooms they name in two queries; used by the sessions when many come at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from teahouse.chat.people import Identity
from teahouse.chat.policy import policy
from teahouse.models import Log, Membership, Room
from teahouse.protocol.events import RoomState


@dataclass(frozen=True, slots=True)
class Entering:
    """Who wants to enter which rooms, named by their addresses."""

    person: Identity
    addresses: Sequence[str]


Entered = dict[str, tuple[Room, RoomState]]
"""The rooms that somebody entered, by address, with how they find them."""


def enter_together(all_entering: Sequence[Entering]) -> list[Entered]:
    """Return for each the rooms that they may enter; only while the policy ``leaves_writing_to_the_tables``.

    A room that is left out is missing, or not for this person: ``enter`` says which, and may make it.
    """
    rooms = _rooms_at({address for entering in all_entering for address in entering.addresses})
    roles = _roles([room.pk for room in rooms.values()], {entering.person.uid for entering in all_entering})
    return [_entered(entering, rooms, roles) for entering in all_entering]


def room_state(room: Room, person: Identity) -> RoomState:
    """Return a room, just read with its log, as this person finds it now."""
    role = Membership.objects.filter(room=room, person__uid=person.uid).values_list("role", flat=True).first()
    return _state(room, person, role or None)


def _entered(entering: Entering, rooms: dict[str, Room], roles: dict[tuple[int, str], str]) -> Entered:
    entered: Entered = {}
    for address in entering.addresses:
        room = rooms.get(address)
        if room is not None:
            role = roles.get((room.pk, entering.person.uid)) or None
            if role is not None or room.kind == Room.Kind.OPEN:
                entered[address] = room, _state(room, entering.person, role)
    return entered


# By hand, for building these two with the ORM takes longer than all else that a hello costs, and so few share a read.
_ROOMS = """
SELECT room.log_id, room.address, room.title, room.kind, log.epoch, log.head, log.at
FROM teahouse_room AS room JOIN teahouse_log AS log ON log.id = room.log_id WHERE room.address IN ({})
"""
_ROLES = """
SELECT membership.room_id, person.uid, membership.role
FROM teahouse_person AS person JOIN teahouse_membership AS membership ON membership.person_id = person.id
WHERE person.uid IN ({}) AND membership.room_id IN ({})
"""


def _rooms_at(addresses: Collection[str]) -> dict[str, Room]:
    with connection.cursor() as cursor:
        cursor.execute(_ROOMS.format(_marks(addresses)), [*addresses])
        found = cursor.fetchall()
    return {
        address: Room(log=Log(pk, epoch, head, at), address=address, title=title, kind=kind)
        for pk, address, title, kind, epoch, head, at in found
    }


def _roles(room_ids: Collection[int], uids: Collection[str]) -> dict[tuple[int, str], str]:
    if not room_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ROLES.format(_marks(uids), _marks(room_ids)), [*uids, *room_ids])
        return {(room_id, uid): role for room_id, uid, role in cursor.fetchall()}


def _marks(values: Collection[object]) -> str:
    return ",".join(["%s"] * len(values))


def _state(room: Room, person: Identity, role: str | None) -> RoomState:
    return RoomState(
        room=room.address,
        title=room.title,
        kind=room.kind,
        epoch=room.log.epoch,
        head=room.log.head,
        role=role,
        can_post=policy().can_post(person, room),
    )
