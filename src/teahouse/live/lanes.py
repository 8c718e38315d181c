"""Keeps one sender's messages in order when one of them has to be sent again; used by the writer."""

from __future__ import annotations

from teahouse.errors import TeahouseError


class Lane:
    """The posts of one socket to one room, in their order.

    After a temporary refusal no later post passes until the refused key comes again: neither one that comes after, nor
    one that was queued by then, even when the lane opens while that one still waits. The writer's two threads touch it
    under one lock.
    """

    __slots__ = ("_closed_upto", "_error", "_held", "_place")

    def __init__(self) -> None:
        self._place = 0
        self._held: tuple[str, TeahouseError] | None = None
        self._closed_upto = 0
        self._error: TeahouseError | None = None

    def refusal(self, key: str) -> TeahouseError | None:
        """Return the error that a post with this key gets alike when it comes, or None when it may be queued."""
        held = self._held
        return held[1] if held is not None and held[0] != key else None

    def enter(self, key: str) -> int:
        """Give a post its place in the order; the refused key opens the lane again."""
        if self._held is not None and self._held[0] == key:
            self._held = None
        self._place += 1
        return self._place

    def refusal_at(self, place: int) -> TeahouseError | None:
        """Return the error that a queued post gets alike, or None when no earlier one was refused since it came."""
        return self._error if place <= self._closed_upto else None

    def hold(self, key: str, error: TeahouseError) -> None:
        """Let nothing but this key come in, if it is the first to be refused. What is queued came before it."""
        if self._held is None:
            self._held = (key, error)

    def close(self, key: str, place: int, error: TeahouseError) -> None:
        """Let nothing that is queued behind this place pass, and nothing but this key come in."""
        if place > self._closed_upto:
            self._held = (key, error)
            self._error = error
            self._closed_upto = self._place
