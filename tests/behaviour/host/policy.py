"""Who may what on the behaviour tests' host."""

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class HostPolicy(Policy):
    """Everybody makes and enters rooms, but the cellar; in the museum everybody reads and nobody writes."""

    def can_create(self, person: Identity, room: Room) -> bool:
        return room.address != "cellar"

    def can_post(self, person: Identity, room: Room) -> bool:
        return room.address != "museum"
