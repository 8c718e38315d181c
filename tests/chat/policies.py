"""Hosts' policies, named by the tests in `TEAHOUSE["POLICY"]`."""

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class Creating(Policy):
    """Entering a room makes it, but for one name that the host keeps for itself."""

    def can_create(self, person: Identity, room: Room) -> bool:
        return room.address != "staff"


class Closing(Policy):
    """Eve enters nothing, and Mallory writes nothing."""

    def can_see(self, person: Identity, room: Room) -> bool:
        return person.name != "Eve" and super().can_see(person, room)

    def can_post(self, person: Identity, room: Room) -> bool:
        return person.name != "Mallory"


class Counted(Policy):
    """One whose making a test counts."""
