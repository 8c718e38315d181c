"""Policies that the tests of `live` name in their settings."""

from typing import ClassVar

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class ReadOnly(Policy):
    """Nobody writes."""

    def can_post(self, person: Identity, room: Room) -> bool:
        return False


class Closable(Policy):
    """Whoever the host has put on its list enters nothing."""

    barred: ClassVar[set[str]] = set()

    def can_see(self, person: Identity, room: Room) -> bool:
        return person.name not in self.barred and super().can_see(person, room)
