"""How rooms stand for one person: the role, how far they have read, and what is unread; used by every edge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from teahouse.chat.clock import now
from teahouse.chat.people import Identity
from teahouse.chat.policy import MODERATING, is_own, may
from teahouse.chat.unread import unread
from teahouse.models import Membership, Room
from teahouse.protocol.events import RoomState


class Standing(NamedTuple):
    """A membership as its row has it: the role is empty for who left or never joined."""

    role: str = ""
    read: int = 0
    banned_until: int = 0
    muted_until: int = 0


def standing_of(room: Room, person: Identity) -> Standing:
    """Return how a person stands in a room."""
    of_person = Membership.objects.filter(room=room, person__uid=person.uid)
    return Standing(*of_person.values_list(*Standing._fields).first() or ())


def room_state(room: Room, person: Identity) -> RoomState:
    """Return a room, just read with its log, as this person finds it now."""
    return counted([(room, uncounted_state(room, person))])[0]


def uncounted_state(room: Room, person: Identity) -> RoomState:
    """Return a room as ``room_state`` does, with what is unread still to be ``counted``."""
    return state_of(room, person, standing_of(room, person))


def state_of(room: Room, person: Identity, standing: Standing) -> RoomState:
    """Return a room for whom this is the standing, with what is unread still to be ``counted``."""
    is_member = standing.role != ""
    moderates = standing.role in MODERATING
    return RoomState(
        room=room.address,
        title=room.title,
        kind=room.kind,
        epoch=room.log.epoch,
        head=room.log.head,
        role=standing.role or None,
        can_post=_is_open_for_posts(room, standing) and _has_right("can_post", person, room, True),
        read=standing.read if is_member else None,
        unread=0 if is_member else None,
        locked=room.locked,
        archived=room.archived,
        slow_seconds=room.slow_seconds,
        muted_until=standing.muted_until,
        can_moderate=_has_right("can_moderate", person, room, moderates),
        can_invite=_has_right("can_invite", person, room, moderates),
    )


def _has_right(right: str, person: Identity, room: Room, by_tables: bool) -> bool:
    """Return what the host's policy says, and what the tables say where it says nothing of its own."""
    return may(right, person, room) if is_own(right) else by_tables


def _is_open_for_posts(room: Room, standing: Standing) -> bool:
    return not (room.locked or room.archived or standing.muted_until > now())


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
