"""The protocol's limits as the host's settings have them; used by every edge."""

from __future__ import annotations

from teahouse.protocol.codec import Limits
from teahouse.settings import settings


def limits() -> Limits:
    """Return the limits as they are set now."""
    return Limits(
        frame_bytes=settings.MAX_FRAME_BYTES,
        json_depth=settings.MAX_JSON_DEPTH,
        message_length=settings.MAX_MESSAGE_LENGTH,
        room_name_length=settings.MAX_ROOM_NAME_LENGTH,
        nickname_length=settings.MAX_NICKNAME_LENGTH,
    )
