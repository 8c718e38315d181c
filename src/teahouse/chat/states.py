"""How rooms stand for one person: the role, how far they have read, and what is unread; used by every edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from teahouse.chat.people import Identity
from teahouse.chat.policy import policy
from teahouse.chat.unread import unread
from teahouse.models import Membership, Room
from teahouse.protocol.events import RoomState

Standing = tuple[str, int]
"""A membership as its row has it: the role, empty for who left, and up to where the person has read."""


def room_state(room: Room, person: Identity) -> RoomState:
    """Return a room, just read with its log, as this person finds it now."""
    return counted([(room, uncounted_state(room, person))])[0]


def uncounted_state(room: Room, person: Identity) -> RoomState:
    """Return a room as ``room_state`` does, with what is unread still to be ``counted``."""
    of_person = Membership.objects.filter(room=room, person__uid=person.uid)
    return state_of(room, person, of_person.values_list("role", "read").first())


def state_of(room: Room, person: Identity, standing: Standing | None) -> RoomState:
    """Return a room for whom this is the standing, with what is unread still to be ``counted``."""
    role, read = standing if standing is not None and standing[0] else (None, None)
    return RoomState(
        room=room.address,
        title=room.title,
        kind=room.kind,
        epoch=room.log.epoch,
        head=room.log.head,
        role=role,
        can_post=policy().can_post(person, room),
        read=read,
        unread=None if role is None else 0,
    )


def counted(found: Sequence[tuple[Room, RoomState]]) -> list[RoomState]:
    """Return the states with what is unread, all counted at once; no query where nobody is behind."""
    counts = unread({place for room, state in found if (place := _behind(room, state))})
    return [replace(state, unread=counts[place]) if (place := _behind(room, state)) else state for room, state in found]


def unread_of(person: Identity, rooms: Iterable[Room]) -> dict[int, int]:
    """Return how many messages are unread, by the key of each room whose member the person is: in two queries."""
    heads = {room.pk: room.log.head for room in rooms}
    standing = Membership.objects.filter(person__uid=person.uid, room__in=heads).exclude(role=Membership.Role.LEFT)
    reads = dict(standing.values_list("room_id", "read"))
    counts = unread({(room_id, read) for room_id, read in reads.items() if read < heads[room_id]})
    return {room_id: counts.get((room_id, read), 0) for room_id, read in reads.items()}


def _behind(room: Room, state: RoomState) -> tuple[int, int] | None:
    """Return from where a member's unread messages are to be counted, or None where there can be none."""
    return (room.pk, state.read) if state.read is not None and state.read < state.head else None
