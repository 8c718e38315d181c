"""Links by which somebody without an account enters under a name that the host gave; used by hosts and by the page."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from django.core import signing
from django.urls import reverse

from teahouse.chat.clock import now
from teahouse.chat.making import address_of
from teahouse.chat.people import signer
from teahouse.errors import BadInvite
from teahouse.models import Room
from teahouse.protocol.texts import clean_nickname
from teahouse.settings import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

GUEST_CODE = "g"
"""What stands before the dot of a guest's code: the page that takes codes knows several kinds."""

_LINK_SALT = "teahouse.guest-link"


class GuestCode(NamedTuple):
    """What the code of a link says: the guest's secret and name, and the room that it leads to."""

    secret: str
    name: str
    room: str | None


def guest_link(
    name: str, room: Room | str | None = None, seconds: float | None = None, request: HttpRequest | None = None
) -> str:
    """Return a link by which whoever has it is one guest of this name, the same one each time.

    It can be opened for ``seconds`` (``INVITE_SECONDS`` unless given), and leads to the room, which must be open to
    guests, or to the lobby. What is secret in it stands behind the ``#``, which browsers send to nobody. With a request
    it is a whole URL, otherwise a path of this site. Nothing is written. Raises BadName and BadRoomName.
    """
    held: dict[str, object] = {
        "g": secrets.token_urlsafe(18),
        "n": clean_nickname(name, settings.MAX_NICKNAME_LENGTH),
        "e": now() + int((settings.INVITE_SECONDS if seconds is None else seconds) * 1000),
    }
    if room is not None:
        held["r"] = room.address if isinstance(room, Room) else address_of(room)
    path = reverse("teahouse:enter")
    start = path if request is None else request.build_absolute_uri(path)
    return f"{start}#{GUEST_CODE}.{signer(_LINK_SALT).sign_object(held)}"


def guest_by_code(code: str) -> GuestCode:
    """Return what a code says, without the kind before its dot. Raises BadInvite, of which no code learns why."""
    try:
        match signer(_LINK_SALT).unsign_object(code):
            case {"g": str(secret), "n": str(name), "e": int(ends), **rest} if ends > now():
                room = rest.get("r")
                return GuestCode(secret, name, room if isinstance(room, str) else None)
    except (signing.BadSignature, ValueError):
        pass
    raise BadInvite("this link is none of this site's, or its time is over; ask for a new one", field="code")
