"""Policies that the tests of `live` name in their settings."""

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class ReadOnly(Policy):
    """Nobody writes."""

    def can_post(self, person: Identity, room: Room) -> bool:
        return False
