"""Policies of hosts, for the tests of the edges."""

import threading

from django.db import OperationalError

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class EverybodyMakesRooms(Policy):
    def can_create(self, person: Identity, room: Room) -> bool:
        return True


class UsersMakePrivateRooms(Policy):
    def can_create(self, person: Identity, room: Room) -> bool:
        return person.user_id is not None and room.kind == Room.Kind.PRIVATE


class NobodyEnters(Policy):
    def can_see(self, person: Identity, room: Room) -> bool:
        return False


class NobodyWrites(Policy):
    def can_post(self, person: Identity, room: Room) -> bool:
        return False


class UsersModerate(Policy):
    def can_moderate(self, person: Identity, room: Room) -> bool:
        return person.user_id is not None


class SlowRoom(Policy):
    """Of one room it says nothing before it is let go, and of another it must ask a database that is gone."""

    let_go = threading.Event()

    def can_see(self, person: Identity, room: Room) -> bool:
        if room.address == "lost":
            raise OperationalError("server closed the connection")
        return room.address != "slow" or self.let_go.wait(20)
