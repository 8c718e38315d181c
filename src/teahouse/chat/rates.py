"""How often somebody may do something; used by every edge."""

from __future__ import annotations

from teahouse.chat.people import Identity


def check_new_room(person: Identity) -> None:
    """Count a room that the person makes. Raises RateLimited."""
