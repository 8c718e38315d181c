"""Enters many people into the rooms they name in two or three queries; used by the sessions when many come at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from teahouse.chat.clock import now
from teahouse.chat.people import Identity
from teahouse.chat.states import Standing, counted, state_of
from teahouse.models import Log, Person, Room
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
    standings = _standings([room.pk for room in rooms.values()], {entering.person.uid for entering in all_entering})
    return _counted([_entered(entering, rooms, standings) for entering in all_entering])


def _entered(entering: Entering, rooms: dict[str, Room], standings: dict[tuple[int, str], Standing]) -> Entered:
    entered: Entered = {}
    for address in entering.addresses:
        room = rooms.get(address)
        if room is not None:
            standing = standings.get((room.pk, entering.person.uid), _NOBODY)
            if _may_enter(room, entering.person, standing):
                entered[address] = room, state_of(room, entering.person, standing)
    return entered


_NOBODY = Standing()


def _may_enter(room: Room, person: Identity, standing: Standing) -> bool:
    """Claim that the tables let a person in for sure. A guest of a network may be banned: that ``enter`` looks up."""
    if room.guarded and (standing.banned_until > now() or person.kind == Person.Kind.GUEST):
        return False
    return standing.role != "" or room.kind == Room.Kind.OPEN


def _counted(all_entered: list[Entered]) -> list[Entered]:
    """Count what is unread, for all at once."""
    states = iter(counted([found for entered in all_entered for found in entered.values()]))
    return [{address: (room, next(states)) for address, (room, _) in entered.items()} for entered in all_entered]


# By hand, for building these two with the ORM takes longer than all else that a hello costs, and so few share a read.
_ROOMS = """
SELECT room.log_id, room.address, room.title, room.kind, room.locked, room.archived, room.slow_seconds, room.guarded,
    room.rights, log.epoch, log.head, log.at
FROM teahouse_room AS room JOIN teahouse_log AS log ON log.id = room.log_id WHERE room.address IN ({})
"""
_STANDINGS = """
SELECT membership.room_id, person.uid, membership.role, membership.read, membership.banned_until,
    membership.muted_until
FROM teahouse_person AS person JOIN teahouse_membership AS membership ON membership.person_id = person.id
WHERE person.uid IN ({}) AND membership.room_id IN ({})
"""


def _rooms_at(addresses: Collection[str]) -> dict[str, Room]:
    with connection.cursor() as cursor:
        cursor.execute(_ROOMS.format(_marks(addresses)), [*addresses])
        found = cursor.fetchall()
    return {
        address: Room(
            log=Log(pk, epoch, head, at),
            address=address,
            title=title,
            kind=kind,
            locked=bool(locked),
            archived=bool(archived),
            slow_seconds=slow_seconds,
            guarded=bool(guarded),
            rights=rights,
        )
        for pk, address, title, kind, locked, archived, slow_seconds, guarded, rights, epoch, head, at in found
    }


def _standings(room_ids: Collection[int], uids: Collection[str]) -> dict[tuple[int, str], Standing]:
    if not room_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS.format(_marks(uids), _marks(room_ids)), [*uids, *room_ids])
        return {(room_id, uid): Standing(*standing) for room_id, uid, *standing in cursor.fetchall()}


def _marks(values: Collection[object]) -> str:
    return ",".join(["%s"] * len(values))
