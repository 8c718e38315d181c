"""Finding and entering rooms; used by every edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from teahouse.chat.actions import AskAgain, Rights
from teahouse.chat.clock import now
from teahouse.chat.endings import concerns, endings_since
from teahouse.chat.gate import no_such_room, refused_by_ban
from teahouse.chat.making import address_of, make_by_entering, may_make
from teahouse.chat.patience import patience
from teahouse.chat.people import Identity
from teahouse.chat.policy import has_own_policy, is_own, leaves_writing_to_the_tables, may
from teahouse.errors import NotAllowed, Unavailable
from teahouse.models import Log, Membership, Person, Room

TRIES = 3
"""So often the policy is asked anew when rights keep changing."""

MOST_OF_MEMBER = 500
"""So many rooms of a member are looked at, to show the liveliest."""

GLANCE_SECONDS = 1.0
"""A list of rooms waits so long for what a host's policy says of one of them."""

_REFUSED = {
    "can_post": "you may read this room, and not write in it",
    "can_join": "you may read this room, and not become its member",
    "can_moderate": "only who moderates this room may do this",
    "can_invite": "only who may invite into this room may do this",
}

T = TypeVar("T")


def room_at(name: str) -> Room:
    """Return the room with this name, its log loaded. Raises BadRoomName, NoSuchRoom. Asks no rights."""
    address = address_of(name)
    room = _find(address)
    if room is None:
        raise no_such_room(address)
    return room


def enter(name: str, person: Identity) -> Room:
    """Return the room for a person who may read it, made when absent where the policy allows.

    Raises BadRoomName, RateLimited, what ``check_entry`` raises, and NoSuchRoom alike for none and for one that this
    person may not see.
    """
    address = address_of(name)
    room = _find(address) or make_by_entering(person, name, address)
    if room is None:
        raise no_such_room(address)
    check_entry(room, person)
    return room


def check_entry(room: Room, person: Identity) -> None:
    """Hold that a person may enter a room now, by its bans and by the policy. Raises NoSuchRoom, NotAllowed, Banned."""
    if not may("can_see", person, room):
        raise no_such_room(room.address)
    if room.guarded and is_banned(room, person):  # which is told only of what they may know of
        raise refused_by_ban(room)
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
        raise no_such_room(room.address)
    check_entry(fresh, person)
    return fresh, Rights(fresh.log.head, fresh.of_person or 0, is_own("can_see"))


def rights_to(right: str | None, person: Identity, room: Room, *, by_rank: bool = False) -> Rights | None:
    """Return what the host's policy says of a person who wants to do something in a room, to be written with it.

    None where the policy leaves it to the tables. ``by_rank`` claims that it matters whether the person moderates the
    room. Raises NotAllowed where the policy says no to this right, and what ``check_entry`` raises.
    """
    if leaves_writing_to_the_tables():
        return None
    fresh, rights = ask_to_enter(room, person)
    if right is not None and not may(right, person, fresh):
        raise NotAllowed(_REFUSED[right], field="room")
    is_slow = right == "can_post" and fresh.slow_seconds > 0
    if (by_rank or is_slow) and is_own("can_moderate"):
        moderates = right == "can_moderate" or may("can_moderate", person, fresh)
        rights = Rights(rights.room, rights.person, rights.admitted, moderates)
    return rights


def while_entitled(right: str | None, person: Identity, room: Room, do: Callable[[Room], T]) -> T:
    """Do something beside a room's log, in one transaction in which the person has this right.

    The policy is asked before, and again when rights moved on until the room was locked; ``do`` is given the room as it
    stood then. Raises NotAllowed, what ``check_entry`` raises, and AskAgain when they keep moving.
    """
    for _ in range(TRIES):
        fresh, rights = ask_to_enter(room, person)
        if right is not None and not may(right, person, fresh):
            raise NotAllowed(_REFUSED[right], field="room")
        with transaction.atomic():
            Log.objects.select_for_update().filter(pk=room.pk).first()
            if not _have_moved(room, person, rights):
                return do(fresh)
    raise AskAgain("rights have just changed; send it again", retry_after=0.1)


def read_while_entitled(right: str | None, person: Identity, room: Room, read: Callable[[Room], T]) -> T:
    """Return what is read beside a room's log, by a person who still has this right when it was read.

    ``read`` is given the room as it stood when that was asked. Raises as ``while_entitled`` does.
    """
    for _ in range(TRIES):
        fresh, rights = ask_to_enter(room, person)
        if right is not None and not may(right, person, fresh):
            raise NotAllowed(_REFUSED[right], field="room")
        found = read(fresh)
        if not _have_moved(room, person, rights):
            return found
    raise AskAgain("rights have just changed; send it again", retry_after=0.1)


@contextmanager
def same_person(person: Identity) -> Iterator[None]:
    """Hold that nobody told of a change of the person's rights while something was read. Raises AskAgain.

    What the tables say of them moves the room's own number, which every page has with it.
    """
    is_asked = has_own_policy()
    number = _person_number(person) if is_asked else 0
    yield
    if is_asked and _person_number(person) != number:
        raise AskAgain("rights have just changed; send it again", retry_after=0.1)


def _person_number(person: Identity) -> int:
    """Return the number that ``rights_changed`` of a person raises; 0 for who has no row."""
    return Person.objects.filter(uid=person.uid).values_list("rights", flat=True).first() or 0


def _have_moved(room: Room, person: Identity, asked: Rights) -> bool:
    """Claim that the person's rights may have changed since they were asked. Raises NoSuchRoom for a room that is gone.

    What ended other people's is none of their concern: whoever may come and go would keep everybody from everything.
    """
    of_room, of_person = _numbers(room, person)
    if of_person != asked.person:
        return True
    return of_room > asked.room and concerns((who for _, who in endings_since(room.pk, asked.room)), person)


def _numbers(room: Room, person: Identity) -> tuple[int, int]:
    """Return the numbers of a room's and a person's rights. Raises NoSuchRoom when the room is gone."""
    of_person = Subquery(Person.objects.filter(uid=person.uid).values("rights"))
    found = Room.objects.filter(pk=room.pk).values_list("rights", of_person).first()
    if found is None:
        raise no_such_room(room.address)
    return found[0], found[1] or 0


def is_banned(room: Room, person: Identity) -> bool:
    """Claim that a person is banned from a room now; a guest also with everybody of a banned network."""
    if Membership.objects.filter(room_id=room.pk, person__uid=person.uid, banned_until__gt=now()).exists():
        return True
    return person.kind == Person.Kind.GUEST and bool(person.network) and _is_network_banned(room, person.network)


def _is_network_banned(room: Room, network: str) -> bool:
    with connection.cursor() as cursor:
        # In the words of the index, which SQLite uses for no others.
        cursor.execute(
            "SELECT 1 FROM teahouse_membership WHERE room_id = %s AND network = %s AND NOT (network = '')"
            " AND network_until > %s LIMIT 1",
            [room.pk, network, now()],
        )
        return cursor.fetchone() is not None


def rooms_for(person: Identity, limit: int = 100) -> list[Room]:
    """Return the rooms to show a person, the newest activity first: the liveliest open ones, and those they are in."""
    rooms = {room.pk: room for room in [*_liveliest(limit), *_rooms_of_member(person)]}
    # By the tables each of these may be seen; to ask would be a query for each room that is not open.
    seen = [room for room in rooms.values() if not is_own("can_see") or _is_seen(room, person)]
    return sorted(seen, key=lambda room: (-room.log.at, room.title))[:limit]


def offers_to_make(person: Identity, kind: str) -> bool:
    """Claim that a list of rooms offers a person to make one of this kind; not where the answer takes long."""
    return _at_a_glance(lambda: may_make(person, kind))


def _is_seen(room: Room, person: Identity) -> bool:
    """Claim that a person may see a room. One whose answer takes long is left out, and makes the others wait little."""
    return _at_a_glance(lambda: may("can_see", person, room))


def _at_a_glance(question: Callable[[], bool]) -> bool:
    try:
        with patience(GLANCE_SECONDS):
            return question()
    except Unavailable:
        return False


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
