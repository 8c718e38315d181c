"""Turns what people call a room into what a channel layer calls a group; used by the consumer of stage 3."""

import hashlib
import unicodedata


def group_name(room: str) -> str:
    """The layer's name for a room: ASCII and short for any Unicode name, and one for `Admin` and `admin`."""
    spelling = unicodedata.normalize("NFKC", room).casefold()
    # A lone surrogate can't be encoded strictly, and may stand in a percent-decoded address.
    digest = hashlib.sha256(spelling.encode("utf-8", "surrogatepass")).hexdigest()
    return f"room-{digest[:32]}"
