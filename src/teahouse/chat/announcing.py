"""The hook that tells what was committed, and one for people; ``live`` listens, ``chat`` knows nobody who does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from teahouse.protocol.events import Changes

logger = logging.getLogger("teahouse.chat")


@dataclass(frozen=True, eq=False)
class Committed:
    """What one transaction added to one room's log, the entries in (after, upto]."""

    room_id: int
    epoch: str
    after: int
    upto: int
    make_events: Callable[[], Sequence[Changes]] = field(repr=False)

    @cached_property
    def events(self) -> Sequence[Changes]:
        """Contiguous events, in order, together spanning (after, upto]; made when somebody asks."""
        return self.make_events()


Listener = Callable[[Sequence[Committed]], None]
_listeners: list[Listener] = []

PeopleListener = Callable[[Collection[str]], None]
_people_listeners: list[PeopleListener] = []


def subscribe(listener: Listener) -> Callable[[], None]:
    """Call ``listener`` after each commit, in the thread that committed; returns what ends it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def announce(committed: Sequence[Committed]) -> None:
    """Tell all listeners. One that fails is logged: what is committed is committed, and the sweep will find it."""
    for listener in _listeners.copy():  # one may end while it is told, or in another thread
        try:
            listener(committed)
        except Exception:
            logger.exception("a listener failed; the sweep makes up for it")


def subscribe_to_people(listener: PeopleListener) -> Callable[[], None]:
    """Call ``listener`` with the ids of people who changed, in the thread that says so; returns what ends it."""
    _people_listeners.append(listener)
    return lambda: _people_listeners.remove(listener)


def announce_people(uids: Collection[str]) -> None:
    """Tell that who these people are, or what they may, changed. One listener that fails is logged."""
    for listener in _people_listeners.copy():
        try:
            listener(uids)
        except Exception:
            logger.exception("a listener failed; the sweep makes up for it")
