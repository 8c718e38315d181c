"""Who may open rooms in stage 4; named in `settings.TEAHOUSE`."""

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class EverybodyOpensRooms(Policy):
    """As in stage 3: a room begins with the first who comes. Teahouse's own default leaves that to the site."""

    def can_create(self, person: Identity, room: Room) -> bool:
        return True
