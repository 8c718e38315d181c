"""Finding, creating and entering rooms; used by every edge."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from teahouse.chat.people import Identity
from teahouse.chat.policy import policy
from teahouse.errors import NoSuchRoom
from teahouse.models import Log, Room
from teahouse.protocol.texts import room_address
from teahouse.settings import settings


def address_of(name: str) -> str:
    """Return the address of a room's name. Raises BadRoomName."""
    return room_address(name, settings.MAX_ROOM_NAME_LENGTH)


def room_at(name: str) -> Room:
    """Return the room with this name, its log loaded. Raises BadRoomName, NoSuchRoom. Asks no rights."""
    room = _find(address_of(name))
    if room is None:
        raise _no_such_room(name)
    return room


def ensure_room(name: str) -> Room:
    """Return the open room with this name, created when absent: for a host's own code, which needs no permission."""
    address = address_of(name)
    return _find(address) or _create(address, " ".join(name.split()))


def enter(name: str, person: Identity) -> Room:
    """Return the room for a person who may read it, created when absent where the policy allows.

    Raises BadRoomName, and NoSuchRoom both for none and for one that this person may not see.
    """
    address = address_of(name)
    room = _find(address)
    if room is None and policy().can_create(person, address):
        room = ensure_room(name)
    if room is None:
        raise _no_such_room(name)
    check_entry(room, person)
    return room


def check_entry(room: Room, person: Identity) -> None:
    """Ask the policy whether a person may enter a room now. Raises NoSuchRoom."""
    if not policy().can_enter(person, room):
        raise _no_such_room(room.address)


def rooms_for(person: Identity, limit: int = 100) -> list[Room]:
    """Return the open rooms that a person can enter, the newest activity first."""
    is_open = Exists(Room.objects.filter(pk=OuterRef("pk"), kind=Room.Kind.OPEN))
    # The logs are walked by their index, and only so many rooms are looked at, however many there are.
    liveliest = Log.objects.filter(is_open).order_by("-at").values("pk")[:limit]
    found = Room.objects.select_related("log").filter(pk__in=liveliest)
    rooms = sorted(found, key=lambda room: (-room.log.at, room.address))
    return [room for room in rooms if policy().can_enter(person, room)]


def _find(address: str) -> Room | None:
    return Room.objects.select_related("log").filter(address=address).first()


def _create(address: str, title: str) -> Room:
    try:
        with transaction.atomic():
            return Room.objects.create(log=Log.objects.create(), address=address, title=title)
    except IntegrityError:  # somebody entered at the same moment
        return Room.objects.select_related("log").get(address=address)


def _no_such_room(name: str) -> NoSuchRoom:
    return NoSuchRoom(f"there is no room {name[:80]!r}, or none that you may see", field="room")
