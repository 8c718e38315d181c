"""Who may what: the class that a host subclasses; asked by the edges and by ``live`` before a change is written."""

from __future__ import annotations

from django.utils.module_loading import import_string

from teahouse.chat.people import Identity
from teahouse.models import Membership, Room
from teahouse.settings import settings


class Policy:
    """The default: everybody enters open rooms, members enter the others, and only the host makes rooms.

    Name a subclass in ``TEAHOUSE["POLICY"]``. Methods run in a worker thread and may query the database; one object
    serves all threads, so it keeps no state of a request.
    """

    def can_create(self, person: Identity, address: str) -> bool:
        """Claim that entering a room that does not exist may create it."""
        return False

    def can_enter(self, person: Identity, room: Room) -> bool:
        """Claim that the person may see and read the room. Who may not is told that there is no such room."""
        return room.kind == Room.Kind.OPEN or _is_member(person, room)

    def can_post(self, person: Identity, room: Room) -> bool:
        """Claim that who may enter may also write."""
        return True


def policy() -> Policy:
    """Return the host's policy."""
    cls: type[Policy] = import_string(settings.POLICY)
    return _instances[cls] if cls in _instances else _instances.setdefault(cls, cls())


def leaves_writing_to_the_tables() -> bool:
    """Claim that the policy enters and posts as by default, which each transaction checks by itself."""
    cls = type(policy())
    return cls.can_enter is Policy.can_enter and cls.can_post is Policy.can_post


_instances: dict[type[Policy], Policy] = {}


def _is_member(person: Identity, room: Room) -> bool:
    return Membership.objects.filter(room=room, person__uid=person.uid).exclude(role=Membership.Role.LEFT).exists()
