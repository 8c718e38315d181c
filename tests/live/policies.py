"""Policies that the tests of `live` name in their settings."""

import threading
from typing import ClassVar

from django.db import OperationalError

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


class Slow(Policy):
    """In the rooms of its list it answers when it is let go; elsewhere at once."""

    rooms: ClassVar[set[str]] = set()
    let_go: ClassVar[threading.Event] = threading.Event()

    def can_see(self, person: Identity, room: Room) -> bool:
        return room.address not in self.rooms or self.let_go.wait(20)


class Broken(Policy):
    """It fails in one room, and in another it lacks its database."""

    def can_see(self, person: Identity, room: Room) -> bool:
        if room.address == "lost":
            raise OperationalError("server closed the connection")
        if room.address == "broken":
            raise RuntimeError("the host's own defect")
        return True


class Counting(Policy):
    """Everybody writes, and it is counted how often somebody asked."""

    asked: ClassVar[list[str]] = []

    def can_post(self, person: Identity, room: Room) -> bool:
        self.asked.append(room.address)
        return True


class Doubting(Policy):
    """The first answer is as things stood when it was asked, and comes when it is let go."""

    asked: ClassVar[threading.Event] = threading.Event()
    let_go: ClassVar[threading.Event] = threading.Event()
    is_barred: ClassVar[bool] = False

    @classmethod
    def begin(cls) -> None:
        cls.asked.clear()
        cls.let_go.clear()
        cls.is_barred = False

    def can_see(self, person: Identity, room: Room) -> bool:
        answer = not self.is_barred
        self.asked.set()
        self.let_go.wait(20)
        return answer
