"""Teahouse: group chat for Django that never loses a message.

Safe to import before Django is set up: what needs the tables is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.chat.guest_links import guest_link
    from teahouse.chat.hosting import rights_changed
    from teahouse.chat.making import ensure_room
    from teahouse.chat.posting import post
    from teahouse.chat.tokens import token_for

__version__ = "0.1.0"
__all__ = ["ensure_room", "guest_link", "post", "rights_changed", "token_for"]

_HOMES = {
    "ensure_room": "teahouse.chat.making",
    "guest_link": "teahouse.chat.guest_links",
    "post": "teahouse.chat.posting",
    "rights_changed": "teahouse.chat.hosting",
    "token_for": "teahouse.chat.tokens",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'teahouse' has no attribute {name!r}")
    from importlib import import_module  # models cannot be imported before Django's apps are loaded

    return getattr(import_module(_HOMES[name]), name)
