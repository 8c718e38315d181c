"""Hosts' policies, named by the tests in `TEAHOUSE["POLICY"]`."""

from django.db import OperationalError

from teahouse.chat.actions import ChangeRights
from teahouse.chat.people import SITE, Identity
from teahouse.chat.policy import Policy
from teahouse.chat.subjects import subject_of
from teahouse.chat.writing import write
from teahouse.models import Person, Room


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


class Staffed(Policy):
    """Sue moderates everywhere, whatever her role, and Mona nowhere, whatever hers."""

    def can_moderate(self, person: Identity, room: Room) -> bool:
        return person.name == "Sue" or (person.name != "Mona" and super().can_moderate(person, room))


class Admitting(Policy):
    """Vic sees every room and may join it."""

    def can_see(self, person: Identity, room: Room) -> bool:
        return person.name == "Vic" or super().can_see(person, room)

    def can_join(self, person: Identity, room: Room) -> bool:
        return person.name == "Vic" or super().can_join(person, room)


class Making(Policy):
    """All may make rooms; but nobody writes to Tom directly."""

    asked: list[Room] = []

    def can_create(self, person: Identity, room: Room) -> bool:
        self.asked.append(room)
        return not (room.pair and any(one.name == "Tom" for one in Person.objects.filter(uid__in=room.pair.split())))


class Broken(Policy):
    """Each method breaks in its own way."""

    def can_see(self, person: Identity, room: Room) -> bool:
        raise RuntimeError("the host's own words")

    def can_post(self, person: Identity, room: Room) -> bool:
        return None  # type: ignore[return-value]

    async def can_moderate(self, person: Identity, room: Room) -> bool:  # type: ignore[override]
        return True

    def can_invite(self, person: Identity, room: Room) -> bool:
        raise OperationalError("server closed the connection")


class Walking(Policy):
    """Who may see a room is who the user that it belongs to says: that user alone."""

    def can_see(self, person: Identity, room: Room) -> bool:
        subject = subject_of(room)
        return subject is not None and subject.pk == person.user_id


class Fickle(Policy):
    """While it answers, somebody changes the rights of the room, as often as `left` says."""

    left = 0

    def can_post(self, person: Identity, room: Room) -> bool:
        if Fickle.left:
            Fickle.left -= 1
            write([ChangeRights(room.pk, SITE)])
        return True

    can_invite = can_post
