"""Who may what on the behaviour tests' host."""

from typing import ClassVar

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class HostPolicy(Policy):
    """Everybody makes and enters rooms, but the cellar; in the museum everybody reads and nobody writes."""

    def can_create(self, person: Identity, room: Room) -> bool:
        return room.address != "cellar"

    def can_post(self, person: Identity, room: Room) -> bool:
        return room.address != "museum"


class ListPolicy(HostPolicy):
    """Whoever the host has put on its list sees no room; the list is of this process."""

    out: ClassVar[set[str]] = set()

    def can_see(self, person: Identity, room: Room) -> bool:
        return person.uid not in self.out
