"""Hosts' policies, named by the tests in `TEAHOUSE["POLICY"]`."""

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class Creating(Policy):
    """Entering a room makes it, but for one name that the host keeps for itself."""

    def can_create(self, person: Identity, address: str) -> bool:
        return address != "staff"


class Closing(Policy):
    """Eve enters nothing, and Mallory writes nothing."""

    def can_enter(self, person: Identity, room: Room) -> bool:
        return person.name != "Eve" and super().can_enter(person, room)

    def can_post(self, person: Identity, room: Room) -> bool:
        return person.name != "Mallory"


class Counted(Policy):
    """One whose making a test counts."""
