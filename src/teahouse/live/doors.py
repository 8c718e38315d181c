"""How many sockets are open, by person and by address, in one process; asked at the handshake and at ``hello``."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from teahouse.chat.allowances import allowances
from teahouse.errors import RateLimited, TeahouseError
from teahouse.rates import Pace, Rate
from teahouse.settings import settings

RETRY_SECONDS = 10.0
"""When one of many sockets will close nobody knows; so who has too many asks again after this."""

_LOG_SECONDS = 60
_LOG_BURST = 30


class Counted(Protocol):
    """A socket, with what it is counted by."""

    address: str
    counted_as: str | None


class Doors:
    """Counts who is in. Touched by one event loop."""

    def __init__(self) -> None:
        self._of_address: Counter[str] = Counter()
        self._of_person: Counter[str] = Counter()
        self._told_floods = Rate(Pace(1 / _LOG_SECONDS, 1))
        self._told = Rate(Pace(1 / _LOG_SECONDS, _LOG_BURST))

    def knock(self, address: str) -> None:
        """Take one handshake from an address. Raises RateLimited."""
        allowed = allowances()
        if allowed is not None:
            allowed.handshake(address)

    def may_log(self, address: str, refusal: TeahouseError) -> bool:
        """Claim that a refusal may be logged: so many of each address, and one for too much, or they fill the log."""
        told = self._told_floods if isinstance(refusal, RateLimited) else self._told
        return not told.take(address)

    def let_in(self, socket: Counted, address: str, uid: str | None) -> None:
        """Count a socket with its address and its person, where they are known. Raises RateLimited."""
        if address and settings.LIMITS and self._of_address[address] >= settings.SOCKETS_PER_ADDRESS:
            raise _too_many(self._of_address[address], f"from {address}", "SOCKETS_PER_ADDRESS")
        self.know(socket, uid)
        if address:
            self._of_address[address] += 1
            socket.address = address

    def know(self, socket: Counted, uid: str | None) -> None:
        """Count a socket as this person's, and as nobody else's any more. Raises RateLimited."""
        if uid == socket.counted_as:
            return
        if uid and settings.LIMITS and self._of_person[uid] >= settings.SOCKETS_PER_PERSON:
            raise _too_many(self._of_person[uid], "of this person", "SOCKETS_PER_PERSON")
        _one_less(self._of_person, socket.counted_as)
        if uid:
            self._of_person[uid] += 1
        socket.counted_as = uid

    def let_out(self, socket: Counted) -> None:
        """Count a socket no more; once, however often it ends."""
        _one_less(self._of_address, socket.address)
        _one_less(self._of_person, socket.counted_as)
        socket.address, socket.counted_as = "", None


def _one_less(counts: Counter[str], key: str | None) -> None:
    if key:
        counts[key] -= 1
        if counts[key] <= 0:
            del counts[key]


def _too_many(count: int, whose: str, name: str) -> RateLimited:
    refusal = f'{count} sockets {whose} are open in this process, which is the limit (TEAHOUSE["{name}"]); close some'
    return RateLimited(refusal, retry_after=RETRY_SECONDS)
