"""Who may what in the club's chat; named in the settings."""

import teahouse
from club.models import Member, Walk
from teahouse.models import Room

OPEN_TO_ALL = {"noticeboard", "lifts"}


class ClubPolicy(teahouse.Policy):
    """Guests have the noticeboard, members the walks, and who comes along to a walk the room of its party.

    The committee opens further rooms, and looks after all of them.
    """

    def can_see(self, person: teahouse.Identity, room: Room) -> bool:
        if room.address in OPEN_TO_ALL:
            return True
        if person.user_id is None:
            return False
        walk = teahouse.subject_of(room)
        if isinstance(walk, Walk):
            return walk.members.filter(pk=person.user_id).exists()
        return super().can_see(person, room)

    def can_moderate(self, person: teahouse.Identity, room: Room) -> bool:
        return is_committee(person) or super().can_moderate(person, room)

    def can_create(self, person: teahouse.Identity, room: Room) -> bool:
        return room.kind == Room.Kind.OPEN and is_committee(person)


def is_committee(person: teahouse.Identity) -> bool:
    return Member.objects.filter(pk=person.user_id, is_staff=True).exists()
