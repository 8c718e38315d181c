"""Invitations: secrets that make whoever shows one a member of a room; used by every edge."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import salted_hmac

from teahouse.chat.audit import keep_audit
from teahouse.chat.clock import now
from teahouse.chat.people import Identity, row_of
from teahouse.errors import BadField, BadInvite, NotAllowed
from teahouse.models import Invite, Room
from teahouse.settings import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

PREFIX = "i."
"""How the code of an invitation begins: the page that takes codes knows others too."""

_SECRET_BYTES = 18


def make_invite(
    room: Room, by: Identity, seconds: int | None = None, uses: int | None = None, key: str | None = None
) -> tuple[Invite, str]:
    """Return a new invitation and its code, which is kept nowhere, and told to nobody else.

    Asked again under the same ``key`` of the same person, for as many seconds and uses, it is the one that was made
    then, as it stands; that raises BadInvite when it is good no more.
    Good for so many seconds (``INVITE_SECONDS`` unless said; 0 for ever) and so many uses (None: any number). Asks no
    rights. The code belongs into no address that a server or a log sees: see ``invite_link``. Raises BadField for
    fewer than one use, and NotAllowed for a direct room, which is of two people.
    """
    if room.kind == Room.Kind.DIRECT:
        raise NotAllowed("a direct room is of two people; make another room for more", field="room")
    if (uses is not None and uses < 1) or (seconds is not None and seconds < 0):
        raise BadField("an invitation is good for at least one use, and for no less than no time", field="uses")
    at = now()
    lasting = settings.INVITE_SECONDS if seconds is None else seconds
    asked = (room.pk, by.uid, lasting, uses, key)
    secret = secrets.token_urlsafe(_SECRET_BYTES) if key is None else _secret_of(asked)
    with transaction.atomic():
        values = {
            "room": room,
            "maker": row_of(by),
            "made_at": at,
            "expires_at": at + lasting * 1000 if lasting else None,
            "uses_left": uses,
        }
        invite, is_new = Invite.objects.get_or_create(secret_hash=_hash(secret), defaults=values)
        if is_new:
            keep_audit("invite", room, by, invite=invite.pk, uses=uses, expires_at=invite.expires_at)
    code = PREFIX + secret
    return (invite if is_new else invite_of(code)), code


def invite_link(code: str, request: HttpRequest | None = None) -> str:
    """Return the address at which a code is used: a whole URL with a request, otherwise a path of this site.

    The code stands behind the ``#``, which browsers send to nobody, so no log keeps it.
    """
    path = reverse("teahouse:enter")
    return f"{path if request is None else request.build_absolute_uri(path)}#{code}"


def good_invites(room: Room) -> list[Invite]:
    """Return the invitations that are good now, the newest first."""
    return list(Invite.objects.select_related("maker").filter(_good(now()), room=room).order_by("-pk"))


def revoke_invite(room: Room, invite_id: int, by: Identity) -> None:
    """Take an invitation back; what it made members stays. Raises BadInvite for one that is not good in this room."""
    with transaction.atomic():
        if not Invite.objects.filter(_good(now()), pk=invite_id, room=room).update(revoked=True):
            raise BadInvite(f"this room has no good invitation {invite_id}", field="invite")
        keep_audit("revoke", room, by, invite=invite_id)


def invite_of(code: str) -> Invite:
    """Return the good invitation with this code, its room loaded. Raises BadInvite, alike for whatever is wrong."""
    found = Invite.objects.select_related("room__log").filter(
        _good(now()), secret_hash=_hash(code.removeprefix(PREFIX))
    )
    invite = found.first() if code.startswith(PREFIX) else None
    if invite is None:
        raise bad_invite()
    return invite


def bad_invite() -> BadInvite:
    """Return what is said of a code that opens nothing, in the same words whatever is wrong."""
    refusal = "there is no such invitation, or it expired, was used up or taken back; ask for a new one"
    return BadInvite(refusal, field="code")


def use_invite(invite_id: int, room_id: int, at: int) -> bool:
    """Use an invitation once, inside a batch's transaction; return whether it was good."""
    # One statement, so that of two who come at once only one has the last use. NULL less one is NULL.
    found = Invite.objects.filter(_good(at), pk=invite_id, room_id=room_id)
    return bool(found.update(uses_left=F("uses_left") - 1))


def invite_row(invite: Invite) -> dict[str, Any]:
    """Return an invitation for the wire, without its code."""
    return {
        "invite": invite.pk,
        "made_at": invite.made_at,
        "maker": invite.maker.name,
        "expires_at": invite.expires_at,
        "uses_left": invite.uses_left,
    }


def _secret_of(asked: tuple[object, ...]) -> str:
    """Return the same secret each time, which nobody knows who has only what was asked, or only the database."""
    proof = salted_hmac("teahouse.invite", repr(asked), algorithm="sha256").digest()
    return urlsafe_b64encode(proof[:_SECRET_BYTES]).decode()


def _good(at: int) -> Q:
    is_in_time = Q(expires_at=None) | Q(expires_at__gt=at)
    return is_in_time & (Q(uses_left=None) | Q(uses_left__gt=0)) & Q(revoked=False)


def _hash(secret: str) -> str:
    # No salt and no slow hash: a secret of 144 random bits cannot be guessed.
    return hashlib.sha256(b"teahouse invite " + secret.encode("utf-8", "replace")).hexdigest()
