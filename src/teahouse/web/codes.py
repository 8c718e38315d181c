"""What the code of a link opens: who enters by it, and where; used by the page ``enter/``."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.urls import reverse

from teahouse.chat.guest_links import GUEST_CODE, guest_by_code
from teahouse.chat.invites import PREFIX
from teahouse.chat.managing import accept
from teahouse.chat.people import guest_identity
from teahouse.errors import BadInvite
from teahouse.web.guests import Visitor


class Opened(NamedTuple):
    """Who somebody is from now on, and where they go."""

    visitor: Visitor
    url: str


def opened_by(code: str, visitor: Visitor) -> Opened:
    """Return what a code opens to a visitor. Raises BadInvite, and Banned."""
    kind, _, rest = code.strip().partition(".")
    if kind not in _KINDS:
        raise BadInvite("this is no code of this site's; open the link once more, or ask for a new one", field="code")
    return _KINDS[kind](rest, visitor)


def _as_guest(code: str, visitor: Visitor) -> Opened:
    """Make the visitor the guest of a link; who is logged in stays who they are."""
    guest = guest_by_code(code)
    url = reverse("teahouse:lobby") if guest.room is None else reverse("teahouse:room", args=[guest.room])
    if visitor.person.user_id is not None:
        return Opened(visitor, url)
    return Opened(Visitor(guest_identity(guest.secret, guest.name), guest.secret), url)


def _as_member(code: str, visitor: Visitor) -> Opened:
    """Make the visitor a member of the room of an invitation, which is named to them only then."""
    room = accept(PREFIX + code, visitor.person)["room"]
    return Opened(visitor, reverse("teahouse:room", args=[room]))


_KINDS: dict[str, Callable[[str, Visitor], Opened]] = {GUEST_CODE: _as_guest, PREFIX.rstrip("."): _as_member}
"""By what stands before a code's first dot."""
