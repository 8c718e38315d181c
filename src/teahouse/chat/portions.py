"""How much one commit takes, so that what it tells fits into a socket's queue; used by the writer and the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from teahouse.chat.actions import Action, EditMessage, MarkRead, PostMessage
from teahouse.chat.spans import text_bytes
from teahouse.settings import settings

_BYTES_BESIDES_TEXTS = 160
"""About what a message has on the wire besides its text and its author's name."""
_BYTES_OF_A_CHARACTER = 3
"""At most, of a name: what needs more is rare there."""


def portion(actions: Iterable[Action], most: int) -> int:
    """Return how many of these actions, from the first on, go into one commit: one at least, and at most so many.

    What they say fills about half of what may wait for a socket, and not all of it. So whoever took what was said
    before takes this commit too, whole: nobody is told of a gap because many spoke at once.
    """
    left = settings.QUEUE_BYTES // 2
    count = 0
    for action in actions:
        if type(action) is not MarkRead:  # of that nobody is told
            left -= _BYTES_BESIDES_TEXTS + len(action.person.name) * _BYTES_OF_A_CHARACTER
        if type(action) is PostMessage or type(action) is EditMessage:
            left -= text_bytes(action.text)
        if count and (left < 0 or count == most):
            break
        count += 1
    return count
