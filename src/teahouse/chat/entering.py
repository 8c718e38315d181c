"""Enters many people into the rooms they name in two queries; used by the sessions when many come at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from teahouse.chat.people import Identity
from teahouse.chat.policy import policy
from teahouse.chat.rooms import find_rooms
from teahouse.models import Membership, Room
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
    rooms = find_rooms(address for entering in all_entering for address in entering.addresses)
    uids = {entering.person.uid for entering in all_entering}
    rows = Membership.objects.filter(room_id__in=[room.pk for room in rooms.values()], person__uid__in=uids)
    roles = {(room_id, uid): role for room_id, uid, role in rows.values_list("room_id", "person__uid", "role")}
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
