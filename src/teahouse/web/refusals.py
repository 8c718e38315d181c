"""What a person is told, in their language, when something is refused; used by pages and page scripts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from teahouse.errors import RateLimited, TeahouseError

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_SECONDS = 120
"""Longer waits are told in minutes."""

FRIENDLY: dict[str, StrPromise] = {
    "bad_field": _("This address cannot be understood."),
    "bad_invite": _("This link is not good, or no longer. Ask for a new one."),
    "bad_name": _("This cannot be a nickname. Use some letters, on one line, and not too many."),
    "bad_room_name": _("This cannot be the name of a room. Use some letters, no slashes, and not too many."),
    "bad_text": _("The message holds characters that cannot be stored."),
    "banned": _("You are banned from this room."),
    "conflict": _("The message was changed meanwhile."),
    "internal_error": _("Something broke on the server. Try again in a moment."),
    "key_conflict": _("This form already sent another message. Send again to send this one too."),
    "message_empty": _("The message is empty."),
    "message_too_long": _("The message is too long."),
    "muted": _("A moderator has muted you in this room: you can read, and not write."),
    "no_such_message": _("There is no such message."),
    "no_such_person": _("There is no such person here, or nobody whom you may write to."),
    "no_such_report": _("This report no longer waits: somebody else has resolved it."),
    "no_such_room": _("There is no such room, or it is not open to you."),
    "not_allowed": _("You may not do this."),
    "overloaded": _("The server is busy. Try again in a moment."),
    "rate_limited": _("You do this too often. Wait a moment, then try again."),
    "room_archived": _("This room is archived: it can be read, and nothing in it changes."),
    "room_locked": _("This room is locked: nobody writes in it now."),
    "token_expired": _("Your login has expired. Load the page again."),
    "unavailable": _("The server is busy. Try again in a moment."),
}


def friendly(error: TeahouseError) -> str:
    """Return the words for a refusal; those of the error itself, in English, where there are no friendlier ones."""
    if error.code == RateLimited.code and error.retry_after is not None:
        seconds = math.ceil(error.retry_after)
        if seconds <= MOST_SECONDS:
            return gettext("You do this too often. Try again in %(seconds)s s.") % {"seconds": seconds}
        return gettext("You do this too often. Try again in %(minutes)s min.") % {"minutes": math.ceil(seconds / 60)}
    return str(FRIENDLY.get(error.code, error.text))
