"""Who may what in the club's chat; named in the settings."""

from club.models import Member
from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room

OPEN_TO_ALL = {"noticeboard", "lifts"}


class ClubPolicy(Policy):
    """Guests have the noticeboard. The walks are for members, and only the committee opens further rooms."""

    def can_see(self, person: Identity, room: Room) -> bool:
        return room.address in OPEN_TO_ALL or (person.user_id is not None and super().can_see(person, room))

    def can_create(self, person: Identity, room: Room) -> bool:
        return Member.objects.filter(pk=person.user_id, is_staff=True).exists()
