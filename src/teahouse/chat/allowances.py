"""How much one person, one socket and everybody of one network may do in this process; asked by every edge."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from teahouse.chat.people import Identity
from teahouse.errors import RateLimited
from teahouse.rates import Pace, Rate
from teahouse.settings import settings

OF_A_NETWORK = 10
"""All guests of one network may do so many times what one person may: a new guest costs nothing, a new network does."""

_HOUR = 3600


class Allowances:
    """The limits as the settings have them, and who took what of them."""

    def __init__(self) -> None:
        """Raises ImproperlyConfigured for a limit that lets nothing through."""
        post = _pace("POSTS_PER_SECOND", "POST_BURST")
        self.command = _pace("COMMANDS_PER_SECOND", "COMMAND_BURST")
        handshake = _pace("HANDSHAKES_PER_SECOND", "HANDSHAKE_BURST")
        room = _pace("ROOMS_PER_HOUR", "ROOMS_PER_HOUR", seconds=_HOUR)
        self._posts, self._posts_of_network = Rate(post), Rate(_of_a_network(post))
        self._commands, self._commands_of_network = Rate(self.command), Rate(_of_a_network(self.command))
        self._rooms, self._rooms_of_network = Rate(room), Rate(_of_a_network(room))
        self._handshakes = Rate(handshake)

    def post(self, person: Identity, room: str) -> None:
        """Take one change of messages in the room at this address. Raises RateLimited."""
        if person.network:
            wait = _taken(self._posts, (person.uid, room), self._posts_of_network, (person.network, room))
        else:
            wait = self._posts.take((person.uid, room))
        if wait:
            raise limited("messages come faster than", self._posts.pace, wait, "POSTS_PER_SECOND", "POST_BURST")

    def room(self, person: Identity) -> None:
        """Take one new room. Raises RateLimited."""
        wait = _taken(self._rooms, person.uid, self._rooms_of_network, person.network or None)
        if wait:
            refusal = f'you made {settings.ROOMS_PER_HOUR} rooms within an hour (TEAHOUSE["ROOMS_PER_HOUR"])'
            raise RateLimited(refusal, retry_after=seconds_of(wait))

    def request(self, address: str) -> None:
        """Take one command over HTTP of all who share an address. Raises RateLimited."""
        self._take_command(self._commands_of_network, address)

    def request_of(self, person: Identity) -> None:
        """Take one command over HTTP of one person. Raises RateLimited."""
        self._take_command(self._commands, person.uid)

    def handshake(self, address: str) -> None:
        """Take one handshake of an address; an unknown one is not counted. Raises RateLimited."""
        wait = self._handshakes.take(address) if address else 0
        if wait:
            names = "HANDSHAKES_PER_SECOND", "HANDSHAKE_BURST"
            raise limited(f"sockets of {address} come faster than", self._handshakes.pace, wait, *names)

    def _take_command(self, rate: Rate, key: str) -> None:
        wait = rate.take(key) if key else 0
        if wait:
            raise limited("commands come faster than", rate.pace, wait, "COMMANDS_PER_SECOND", "COMMAND_BURST")


def allowances() -> Allowances | None:
    """Return what everybody has left, None while LIMITS is False; read once, until the settings change."""
    return _known[0] if _known else _read()


def check_new_room(person: Identity) -> None:
    """Take one new room from what a person may make. Raises RateLimited."""
    allowed = allowances()
    if allowed is not None:
        allowed.room(person)


def limited(what: str, pace: Pace, wait: int, *names: str) -> RateLimited:
    """Return the refusal of one that has to wait so many nanoseconds."""
    after = seconds_of(wait)
    where = " and ".join(f'TEAHOUSE["{name}"]' for name in names)
    bound = f"{pace.per_second:g} a second after {pace.burst} at once ({where})"
    return RateLimited(f"{what} {bound}; try again in {after:g} s", retry_after=after)


def seconds_of(wait: int) -> float:
    """Return nanoseconds as seconds, rounded up to a millisecond: who comes back then does not come too early."""
    return -(-wait // 1_000_000) / 1000


def _read() -> Allowances | None:
    _known.append(Allowances() if settings.LIMITS else None)
    return _known[0]


def _taken(rate: Rate, key: Any, of_all: Rate, common_key: Any) -> int:
    """Take one of a person's own and one of what they share with others, or none of both."""
    wait = of_all.take(common_key) if common_key is not None else 0
    if not wait:
        wait = rate.take(key)
        if wait and common_key is not None:
            of_all.give_back(common_key)
    return wait


def _of_a_network(pace: Pace) -> Pace:
    return Pace(pace.per_second * OF_A_NETWORK, pace.burst * OF_A_NETWORK)


def _pace(per: str, burst: str, seconds: int = 1) -> Pace:
    try:
        return Pace(getattr(settings, per) / seconds, getattr(settings, burst))
    except (ValueError, TypeError) as error:
        names = " and ".join(f'TEAHOUSE["{name}"]' for name in dict.fromkeys((per, burst)))
        mend = 'write numbers above 0, or TEAHOUSE["LIMITS"] = False for no limits at all'
        raise ImproperlyConfigured(f"{names}: {error}; {mend}") from None


_known: list[Allowances | None] = []


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "TEAHOUSE":
        _known.clear()


setting_changed.connect(_forget)
