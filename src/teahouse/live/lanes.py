"""Keeps one sender's messages in order when one of them has to be sent again; used by seats and by the writer."""

from __future__ import annotations

from typing import NamedTuple

from teahouse.chat.actions import AskAgain
from teahouse.errors import TeahouseError


class _Held(NamedTuple):
    number: int
    key: str
    error: TeahouseError


class Lane:
    """The posts of one socket to one room, numbered in the order in which they were said.

    After a temporary refusal whatever was said later is refused alike, until the refused key comes again. Of those that
    the sender was told of, the earliest counts: all from there on is sent again, in order. One that its seat brings
    again by itself, because rights have changed, counts beside that. Touched by the event loop and by the writer's
    thread, under the writer's lock.
    """

    __slots__ = ("_anew", "_last", "_told")

    def __init__(self) -> None:
        self._told: _Held | None = None
        self._anew: _Held | None = None
        self._last = 0

    @property
    def is_open(self) -> bool:
        """Claim that every key may pass."""
        return self._told is None and self._anew is None

    def number(self, key: str | None = None) -> int:
        """Return the number of what is said now; a refused key that comes again has its old one."""
        for held in (self._told, self._anew):
            if held is not None and held.key == key:
                return held.number
        self._last += 1
        return self._last

    def hold(self, key: str, error: TeahouseError, number: int) -> None:
        """Let nothing pass that was said after this key, which is held for this reason and no other."""
        self.release(key)
        held = _Held(number, key, error)
        if isinstance(error, AskAgain):
            self._anew = held
        elif self._told is None or number <= self._told.number:
            self._told = held

    def refusal(self, key: str, number: int | None = None) -> TeahouseError | None:
        """Return the error that a post gets alike, or None when it may pass; without a number it is said now."""
        for held in (self._anew, self._told):
            if held is not None and held.key != key and (number is None or held.number < number):
                return held.error
        return None

    def release(self, key: str) -> None:
        """Let others pass again: the refused key was sent again, or will not be."""
        if self._told is not None and self._told.key == key:
            self._told = None
        if self._anew is not None and self._anew.key == key:
            self._anew = None
