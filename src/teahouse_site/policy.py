"""Who may make rooms on the ready site; named in ``settings.TEAHOUSE``."""

from __future__ import annotations

from django.conf import settings

from teahouse.chat.people import Identity
from teahouse.chat.policy import Policy
from teahouse.models import Room


class SitePolicy(Policy):
    """Everybody makes rooms while the site is for this machine alone, else only who logged in."""

    def can_create(self, person: Identity, room: Room) -> bool:
        return person.user_id is not None or bool(settings.EVERYBODY_MAKES_ROOMS)  # type: ignore[misc]
