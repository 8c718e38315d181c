"""The protocol's limits as the host's settings have them; used by every edge."""

from __future__ import annotations

from functools import lru_cache

from teahouse.protocol.codec import Limits
from teahouse.settings import settings


def limits() -> Limits:
    """Return the limits as they are set now."""
    return _shared(
        settings.MAX_FRAME_BYTES,
        settings.MAX_JSON_DEPTH,
        settings.MAX_MESSAGE_LENGTH,
        settings.MAX_ROOM_NAME_LENGTH,
        settings.MAX_NICKNAME_LENGTH,
    )


# One object for all sockets: each keeps its limits for as long as it is open.
_shared = lru_cache(maxsize=16)(Limits)
