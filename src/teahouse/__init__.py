"""Teahouse: group chat for Django that never loses a message.

Safe to import before Django is set up: what needs the tables is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from teahouse.chat.hosting import rights_changed
    from teahouse.chat.making import ensure_room
    from teahouse.chat.people import token_for
    from teahouse.chat.posting import post

__version__ = "0.1.0"
__all__ = ["ensure_room", "post", "rights_changed", "token_for"]

_HOMES = {
    "ensure_room": "teahouse.chat.making",
    "post": "teahouse.chat.posting",
    "rights_changed": "teahouse.chat.hosting",
    "token_for": "teahouse.chat.people",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'teahouse' has no attribute {name!r}")
    from importlib import import_module  # models cannot be imported before Django's apps are loaded

    return getattr(import_module(_HOMES[name]), name)
