"""Keeps one sender's messages in order when one of them has to be sent again; used by the writer."""

from __future__ import annotations

from teahouse.errors import TeahouseError


class Lane:
    """The posts of one socket to one room.

    After a temporary refusal all but the refused key are refused alike, until that key comes again. Touched by the
    event loop and by the writer's thread, under the writer's lock.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: tuple[str, TeahouseError] | None = None

    @property
    def is_open(self) -> bool:
        """Claim that every key may pass."""
        return self._held is None

    def hold(self, key: str, error: TeahouseError) -> None:
        """Let nothing but this key pass. What the writer refuses was said before whatever was refused at the door."""
        self._held = (key, error)

    def refusal(self, key: str) -> TeahouseError | None:
        """Return the error that a post with this key gets alike, or None when it may pass."""
        held = self._held
        return held[1] if held is not None and held[0] != key else None

    def release(self, key: str) -> None:
        """Open the lane again: the refused key was sent again, or will not be."""
        held = self._held
        if held is not None and held[0] == key:
            self._held = None
