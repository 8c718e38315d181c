"""Who may what on the behaviour tests' host."""

import threading
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


class MakingPolicy(Policy):
    """Everybody makes rooms; about all else it says nothing."""

    def can_create(self, person: Identity, room: Room) -> bool:
        return True


class ListPolicy(HostPolicy):
    """Whoever is on the host's list, which is of this process, sees no room; answers can be held back."""

    out: ClassVar[set[str]] = set()
    let_go: ClassVar[threading.Event] = threading.Event()
    held: ClassVar[threading.Semaphore] = threading.Semaphore(0)

    def can_see(self, person: Identity, room: Room) -> bool:
        return person.uid not in self.out

    def can_post(self, person: Identity, room: Room) -> bool:
        if not self.let_go.is_set():
            self.held.release()
            self.let_go.wait(20)
        return True


ListPolicy.let_go.set()
