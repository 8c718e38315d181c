"""Finding and entering rooms; used by every edge."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from teahouse.chat.actions import Rights
from teahouse.chat.clock import now
from teahouse.chat.gate import refused_by_ban
from teahouse.chat.making import address_of, make_by_entering
from teahouse.chat.people import Identity
from teahouse.chat.policy import is_own, may
from teahouse.errors import NoSuchRoom, NotAllowed
from teahouse.models import Log, Membership, Person, Room
from teahouse.protocol.events import EVERYBODY, GUESTS

MOST_OF_MEMBER = 500
"""So many rooms of a member are looked at, to show the liveliest."""


def room_at(name: str) -> Room:
    """Return the room with this name, its log loaded. Raises BadRoomName, NoSuchRoom. Asks no rights."""
    room = _find(address_of(name))
    if room is None:
        raise _no_such_room(name)
    return room


def enter(name: str, person: Identity) -> Room:
    """Return the room for a person who may read it, made when absent where the policy allows.

    Raises BadRoomName, RateLimited, what ``check_entry`` raises, and NoSuchRoom alike for none and for one that this
    person may not see.
    """
    address = address_of(name)
    room = _find(address) or make_by_entering(person, name, address)
    if room is None:
        raise _no_such_room(name)
    check_entry(room, person)
    return room


def check_entry(room: Room, person: Identity) -> None:
    """Hold that a person may enter a room now, by its bans and by the policy. Raises NoSuchRoom, NotAllowed, Banned."""
    if room.guarded and is_banned(room, person):
        raise refused_by_ban(room.kind)
    if not may("can_see", person, room):
        raise _no_such_room(room.address)
    if is_own("can_enter") and not may("can_enter", person, room):
        raise NotAllowed("you may not enter this room", field="room")


def ask_to_enter(room: Room, person: Identity) -> tuple[Room, Rights]:
    """Return the room as it stands, and what the policy says of a person who may enter it, to be written with a change.

    The numbers are read before the policy is asked, so that whatever changes meanwhile makes them differ. Raises what
    ``check_entry`` raises.
    """
    number = Person.objects.filter(uid=person.uid).values("rights")
    found = Room.objects.select_related("log").annotate(of_person=Subquery(number)).filter(pk=room.pk)
    fresh = found.first()
    if fresh is None:
        raise _no_such_room(room.address)
    check_entry(fresh, person)
    return fresh, Rights(fresh.rights, fresh.of_person or 0, is_own("can_see"))


def concerns(rights: Sequence[str], person: Identity) -> bool:
    """Claim that a person's right may have ended where an event names these."""
    is_guest = person.kind == Person.Kind.GUEST
    return person.uid in rights or EVERYBODY in rights or (is_guest and GUESTS in rights)


def is_banned(room: Room, person: Identity) -> bool:
    """Claim that a person is banned from a room now; a guest also with everybody of a banned network."""
    of_person = Q(person__uid=person.uid, banned_until__gt=now())
    if person.kind == Person.Kind.GUEST and person.network:
        of_person |= Q(network=person.network, network_until__gt=now())
    return Membership.objects.filter(of_person, room_id=room.pk).exists()


def rooms_for(person: Identity, limit: int = 100) -> list[Room]:
    """Return the rooms to show a person, the newest activity first: the liveliest open ones, and those they are in."""
    rooms = {room.pk: room for room in [*_liveliest(limit), *_rooms_of_member(person)]}
    seen = [room for room in rooms.values() if may("can_see", person, room)]
    return sorted(seen, key=lambda room: (-room.log.at, room.title))[:limit]


def _liveliest(limit: int) -> QuerySet[Room]:
    is_shown = Exists(Room.objects.filter(pk=OuterRef("pk"), kind=Room.Kind.OPEN, archived=False))
    # The logs are walked by their index, and only so many rooms are looked at, however many there are.
    liveliest = Log.objects.filter(is_shown).order_by("-at").values("pk")[:limit]
    return Room.objects.select_related("log").filter(pk__in=liveliest)


def _rooms_of_member(person: Identity) -> QuerySet[Room]:
    places = Membership.objects.filter(person__uid=person.uid).exclude(role=Membership.Role.LEFT)
    found = Room.objects.select_related("log").filter(pk__in=places.values("room_id"), archived=False)
    return found[:MOST_OF_MEMBER]


def _find(address: str) -> Room | None:
    return Room.objects.select_related("log").filter(address=address).first()


def _no_such_room(name: str) -> NoSuchRoom:
    return NoSuchRoom(f"there is no room {name[:80]!r}, or none that you may see", field="room")
