"""Makes rooms: open ones by name, private ones at random addresses, direct ones of two people; used by the edges."""

from __future__ import annotations

import secrets
from base64 import b32encode
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from teahouse.chat.actions import ChangeRights, Join, Rights
from teahouse.chat.allowances import check_new_room
from teahouse.chat.audit import keep_audit
from teahouse.chat.people import SITE, Identity, identity_of, identity_of_row, row_of
from teahouse.chat.policy import is_own, may
from teahouse.chat.subjects import subject_key
from teahouse.chat.writing import write
from teahouse.errors import BadField, NoSuchPerson, NotAllowed, TeahouseError
from teahouse.models import Log, Membership, Person, Room
from teahouse.protocol.texts import room_address
from teahouse.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import Model

_ADDRESS_BYTES = 15


def address_of(name: str) -> str:
    """Return the address of a room's name. Raises BadRoomName."""
    return room_address(name, settings.MAX_ROOM_NAME_LENGTH)


def ensure_room(name: str, *, subject: Model | None = None) -> Room:
    """Return the open room with this name, made when absent: for a host's own code, which needs no permission.

    ``subject`` is the object of yours that it belongs to, of any model and with any key; a room that is there and
    belongs to none is given to it. Raises BadRoomName, ValueError for a subject that is not saved, and NotAllowed for a
    room that belongs to another.
    """
    address = address_of(name)
    found = Room.objects.select_related("log").filter(address=address).first()
    room = found or _make(_new_room(name, Room.Kind.OPEN, address, subject))
    if subject is not None:
        _give_to(room, subject)
    return room


def create_room(
    title: str,
    *,
    kind: str = Room.Kind.PRIVATE.value,
    owner: AbstractBaseUser | Identity | None = None,
    members: Iterable[AbstractBaseUser | Identity] = (),
    subject: Model | None = None,
) -> Room:
    """Make a room, for a host's own code, which needs no permission; return it with its log.

    A private one stands at a random address, so titles need not be unique; an open one at the address of its title.
    Raises BadRoomName, BadField for another kind, and NotAllowed where a room of that name is there.
    """
    if kind not in (Room.Kind.OPEN, Room.Kind.PRIVATE):
        raise BadField(
            f"a room is made open or private, and not {kind!r}; see direct_room() for two people", field="kind"
        )
    address = address_of(title)
    room = _new_room(title, kind, address if kind == Room.Kind.OPEN else random_address(), subject)
    return _make_new(room, None if owner is None else identity_of(owner), [identity_of(member) for member in members])


def direct_room(one: AbstractBaseUser | Identity, other: AbstractBaseUser | Identity) -> Room:
    """Return the one direct room of two people, made when absent; ``one`` is a member again who had left it.

    Raises NotAllowed for oneself, and what joining raises for who was banned.
    """
    people = sorted([row_of(identity_of(one)), row_of(identity_of(other))], key=lambda person: person.uid)
    if people[0].pk == people[1].pk:
        raise NotAllowed("a direct room is of two people, and you are one", field="person")
    title = " & ".join(person.name for person in people)
    room = _new_room(title[:255], Room.Kind.DIRECT, random_address(), None)
    room.pair = _pair(*(person.uid for person in people))
    found = Room.objects.select_related("log").filter(pair=room.pair).first()
    if found is None:
        try:
            with transaction.atomic():
                return _stored(room, people)
        except IntegrityError:  # the other one wrote at the same moment
            found = Room.objects.select_related("log").get(pair=room.pair)
    _come_back(found, identity_of(one))
    return found


def create_as(person: Identity, title: str, kind: str) -> Room:
    """Make a room that the person owns, where the policy allows. Raises NotAllowed, BadRoomName, RateLimited."""
    address = address_of(title)
    room = _new_room(title, kind, address if kind == Room.Kind.OPEN else random_address(), None)
    if not may("can_create", person, room):
        raise NotAllowed("you may not make such a room here", field="title")
    check_new_room(person)
    return _make_new(room, person, [])


def direct_as(person: Identity, uid: str) -> Room:
    """Open the direct room of a person and somebody else, where the policy allows. Raises NotAllowed, NoSuchPerson."""
    other = Person.objects.filter(uid=uid).first()
    is_allowed = may_write_directly(person, uid)
    if other is None or other.uid == SITE.uid or not is_allowed:
        # The same for both, so that nobody learns who is here by trying.
        raise NoSuchPerson("there is nobody with this id whom you may write to directly", field="person")
    if not Room.objects.filter(pair=_pair(person.uid, uid)).exists():
        check_new_room(person)
    return direct_room(person, identity_of_row(other))


def may_write_directly(person: Identity, uid: str) -> bool:
    """Claim that the policy lets a person open a direct room with somebody."""
    room = _new_room("direct", Room.Kind.DIRECT, random_address(), None)
    room.pair = _pair(person.uid, uid)
    return may("can_create", person, room)


def may_make(person: Identity, kind: str) -> bool:
    """Claim that the policy lets a person make rooms of this kind, as far as it knows before there is a title."""
    return is_own("can_create") and may("can_create", person, _new_room("", kind, random_address(), None))


def make_by_entering(person: Identity, name: str, address: str) -> Room | None:
    """Make the open room that somebody entered and that is not there, where the policy allows; else None."""
    room = _new_room(name, Room.Kind.OPEN, address, None)
    if not may("can_create", person, room):
        return None
    check_new_room(person)
    return _make(room, person)


def _pair(one: str, other: str) -> str:
    return " ".join(sorted([one, other]))


def _come_back(room: Room, person: Identity) -> None:
    """Make one of a direct room's two people its member again. Raises what joining raises."""
    if Membership.objects.filter(room=room, person__uid=person.uid).exclude(role=Membership.Role.LEFT).exists():
        return
    number = Person.objects.values_list("rights", flat=True).get(uid=person.uid)
    (result,) = write([Join(room.pk, person, rights=Rights(room.log.head, number, admitted=True))])
    if isinstance(result, TeahouseError):
        raise result


def _give_to(room: Room, subject: Model) -> None:
    """Let a room belong to an object, when it belongs to none. What a policy says of it may change with that."""
    key = subject_key(subject)
    if (room.subject_type, room.subject_id) == key:
        return
    with transaction.atomic():
        free = Room.objects.filter(pk=room.pk, subject_type="")
        if not free.update(subject_type=key[0], subject_id=key[1]):
            raise NotAllowed(f"the room {room.address!r} belongs to another object; take another name", field="title")
        write([ChangeRights(room.pk, SITE)])
    room.subject_type, room.subject_id = key


def random_address() -> str:
    """Return an address that nobody can guess, in the characters of which an address is made."""
    return b32encode(secrets.token_bytes(_ADDRESS_BYTES)).decode().lower()


def _new_room(name: str, kind: str, address: str, subject: Model | None) -> Room:
    subject_type, subject_id = ("", "") if subject is None else subject_key(subject)
    title = " ".join(name.split())
    return Room(address=address, title=title, kind=str(kind), subject_type=subject_type, subject_id=subject_id)


def _make(room: Room, owner: Identity | None = None) -> Room:
    """Store an open room, or return the one that somebody made at the same moment."""
    try:
        with transaction.atomic():
            return _stored(room, [], owner)
    except IntegrityError:
        return Room.objects.select_related("log").get(address=room.address)


def _make_new(room: Room, owner: Identity | None, members: list[Identity]) -> Room:
    people = {member.uid: row_of(member) for member in members if owner is None or member.uid != owner.uid}
    try:
        with transaction.atomic():
            return _stored(room, list(people.values()), owner)
    except IntegrityError:
        raise NotAllowed(f"there is a room {room.address!r} already; take another name", field="title") from None


def _stored(room: Room, members: list[Person], owner: Identity | None = None) -> Room:
    """Store a room with the people that it begins with: what stands before the first entry needs none."""
    room.log = Log.objects.create()
    room.save(force_insert=True)
    places = [Membership(room=room, person=person, changed=0) for person in members]
    if owner is not None:
        places.append(Membership(room=room, person=row_of(owner), role=Membership.Role.OWNER, changed=0))
        keep_audit("create", room, owner, title=room.title, kind=room.kind)
    Membership.objects.bulk_create(places)
    return room
