"""From which address somebody comes, believing no proxy but those of the settings; used by every edge alike."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from teahouse.settings import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger("teahouse.socket")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNIX = "unix"
"""The word in PROXIES for whoever comes by a unix socket, and so has no address."""

UNREADABLE = "unreadable"
"""All whose address a server gives in a form that is none: they count as one."""

_HEADER = b"x-forwarded-for"
# Everybody has a whole /64 of IPv6 addresses to come from.
_PREFIX_BITS = 64
_NETWORK_LENGTH = 32
_LONGEST = 128


class Proxies:
    """Whose ``X-Forwarded-For`` is believed."""

    def __init__(self, words: Iterable[str]) -> None:
        """Raises ValueError, which names the word and the mend."""
        words = [words] if isinstance(words, str) else list(words)
        self._networks = [_network(word) for word in words if word != UNIX]
        self._unix = UNIX in words

    def believes(self, peer: Address | None) -> bool:
        """Claim that what this peer says of who sent it is true; None came by a unix socket."""
        if peer is None:
            return self._unix
        return any(peer in network for network in self._networks)


def proxies() -> Proxies:
    """Return the proxies of the settings. Raises ImproperlyConfigured."""
    words = settings.PROXIES
    return _proxies((words,) if isinstance(words, str) else tuple(words))


def address_of_scope(scope: Mapping[str, Any]) -> str:
    """Return from which address a socket or a request comes: one IPv4 address, or the /64 of an IPv6 one.

    Empty for nobody knows: it came by a unix socket, and no proxy is believed that says more.
    """
    forwarded = b",".join(value for name, value in scope.get("headers", ()) if name.lower() == _HEADER)
    return _address(_peer(scope), forwarded.decode("latin1"))


def address_of_request(request: HttpRequest) -> str:
    """Return from which address a request comes, as ``address_of_scope`` does; under WSGI too."""
    scope = getattr(request, "scope", None)
    if scope is not None:
        return address_of_scope(scope)
    return _address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """Return a keyed hash of an address, by which a guest's next visit is known and no address can be found again.

    Empty where an address says nothing of who comes: for an unknown one and for this machine's own, which is that of
    everybody behind a proxy that the settings do not name.
    """
    parsed = _parsed(address.partition("/")[0])
    if parsed is None or parsed.is_loopback:
        return ""
    key = hashlib.sha256(b"teahouse network " + django_settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:_NETWORK_LENGTH]


def _peer(scope: Mapping[str, Any]) -> str:
    """Return who is at the other end of the connection.

    uvicorn believes anybody on this machine, unless told otherwise, and puts what they say in place of the peer. Who
    reaches this machine's own address is on this machine, whatever they say.
    """
    client, server = scope.get("client"), scope.get("server")
    peer = str(client[0]) if client else ""
    local = _parsed(str(server[0])) if server else None
    if peer and local is not None and local.is_loopback:
        said = _parsed(peer)
        if said is None or not said.is_loopback:
            return str(local)
    return peer


def _address(peer: str, forwarded: str) -> str:
    hop = _parsed(peer)
    if peer and hop is None:
        return UNREADABLE
    believed = proxies()
    if forwarded and hop is not None and not hop.is_global and not believed.believes(hop):
        _tell_of(hop)
    # Each proxy adds, at the right, whom it got the request from: what stands left of a stranger the stranger wrote.
    entries = forwarded.split(",")
    while entries and believed.believes(hop):
        said = _parsed(entries.pop())
        if said is None:
            break
        hop = said
    return _counted(hop) if hop is not None else ""


@lru_cache(maxsize=16)
def _tell_of(peer: Address) -> None:
    """Say once what looks like a proxy of this site that the settings do not name."""
    logger.warning(
        "X-Forwarded-For came from %s, whom PROXIES does not name: all who come that way count as one address. If that "
        'is your proxy, write TEAHOUSE = {"PROXIES": ["%s"]}; for teahouse serve, TEAHOUSE_PROXIES=%s',
        *(peer, peer, peer),
    )


def _counted(address: Address) -> str:
    if isinstance(address, IPv6Address) and not address.is_loopback:
        return str(IPv6Network((int(address), _PREFIX_BITS), strict=False))
    return str(address)


def _parsed(word: str) -> Address | None:
    """Return the address in a word, whatever stands around it (a port, brackets, quotes, a zone), or None."""
    return _known(word) if len(word) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _known(word: str) -> Address | None:
    word = word.strip().strip('"').strip()
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ip_address(word.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(word: Any) -> Network:
    try:
        network = ip_network(word if isinstance(word, str) else "")
    except ValueError:
        raise ValueError(
            f"{word!r} is no proxy's address; write an address (127.0.0.1), a network (10.0.0.0/8, with no bit set "
            f"beyond its length), or {UNIX!r} for a unix socket"
        ) from None
    if network.prefixlen == 0:
        raise ValueError(f"{word!r} would believe everybody; write the network in which the proxies are")
    return network


@lru_cache(maxsize=16)
def _proxies(words: tuple[str, ...]) -> Proxies:
    try:
        return Proxies(words)
    except ValueError as error:
        raise ImproperlyConfigured(f'TEAHOUSE["PROXIES"]: {error}') from None
