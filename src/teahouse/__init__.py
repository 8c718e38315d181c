"""Teahouse: group chat for Django that never loses a message.

Safe to import before Django is set up: what needs the tables is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.chat.guest_links import guest_link
    from teahouse.chat.hosting import (
        accept,
        ban,
        configure,
        invite,
        join,
        leave,
        mute,
        remove,
        report,
        resolve,
        revoke,
        rights_changed,
        set_role,
        unban,
    )
    from teahouse.chat.invites import invite_link
    from teahouse.chat.making import create_room, direct_room, ensure_room
    from teahouse.chat.people import Identity
    from teahouse.chat.policy import Policy
    from teahouse.chat.posting import post
    from teahouse.chat.subjects import rooms_of, subject_of
    from teahouse.chat.tokens import token_for

__version__ = "0.1.0"
__all__ = [
    "Identity",
    "Policy",
    "accept",
    "ban",
    "configure",
    "create_room",
    "direct_room",
    "ensure_room",
    "guest_link",
    "invite",
    "invite_link",
    "join",
    "leave",
    "mute",
    "post",
    "remove",
    "report",
    "resolve",
    "revoke",
    "rights_changed",
    "rooms_of",
    "set_role",
    "subject_of",
    "token_for",
    "unban",
]

_HOMES = {
    "Identity": "teahouse.chat.people",
    "Policy": "teahouse.chat.policy",
    "accept": "teahouse.chat.hosting",
    "ban": "teahouse.chat.hosting",
    "configure": "teahouse.chat.hosting",
    "create_room": "teahouse.chat.making",
    "direct_room": "teahouse.chat.making",
    "ensure_room": "teahouse.chat.making",
    "guest_link": "teahouse.chat.guest_links",
    "invite": "teahouse.chat.hosting",
    "invite_link": "teahouse.chat.invites",
    "join": "teahouse.chat.hosting",
    "leave": "teahouse.chat.hosting",
    "mute": "teahouse.chat.hosting",
    "post": "teahouse.chat.posting",
    "remove": "teahouse.chat.hosting",
    "report": "teahouse.chat.hosting",
    "resolve": "teahouse.chat.hosting",
    "revoke": "teahouse.chat.hosting",
    "rights_changed": "teahouse.chat.hosting",
    "rooms_of": "teahouse.chat.subjects",
    "set_role": "teahouse.chat.hosting",
    "subject_of": "teahouse.chat.subjects",
    "token_for": "teahouse.chat.tokens",
    "unban": "teahouse.chat.hosting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'teahouse' has no attribute {name!r}")
    from importlib import import_module  # models cannot be imported before Django's apps are loaded

    return getattr(import_module(_HOMES[name]), name)
