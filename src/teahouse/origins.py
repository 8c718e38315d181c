"""Which pages may open a socket with a visitor's cookies; used by the socket's edge at every handshake."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.http.cookie import parse_cookie
from django.http.request import validate_host
from django.utils.http import is_same_domain

from teahouse.errors import OriginRefused

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class _Site:
    """Scheme, host and port, with loopback's three names as one and the default port filled in."""

    scheme: str
    host: str
    port: int | None


def check_origin(headers: dict[str, str], scheme: str) -> bool:
    """Return whether a page of this site opened the socket; False means no page at all, so cookies prove nothing.

    ``headers`` have lower-case names, ``scheme`` is the socket's (ws or wss). The origin must be the host that was
    asked for, which must be in ALLOWED_HOSTS, or stand in CSRF_TRUSTED_ORIGINS. Raises OriginRefused. An https page
    behind a proxy that speaks plain http with us is let in; an http page on an encrypted socket is not.
    """
    origin = headers.get("origin")
    if origin is None:
        return False
    host = headers.get("host", "")
    allowed, trusted = _allowed_hosts(), tuple(django_settings.CSRF_TRUSTED_ORIGINS)
    if not _is_ours(origin, host, scheme, allowed, trusted):
        raise OriginRefused(
            f"the page is of {origin[:200]!r}, this site is {host[:200]!r}; "
            "name the page's site in ALLOWED_HOSTS, or in CSRF_TRUSTED_ORIGINS when it is another one"
        )
    return True


@lru_cache(maxsize=256)
def _is_ours(origin: str, host: str, scheme: str, allowed: tuple[str, ...], trusted: tuple[str, ...]) -> bool:
    """Judge once what nearly every handshake says alike."""
    page = _site(origin)
    asked = _site(("https://" if scheme == "wss" else "http://") + host)
    return page is not None and (_is_same(page, asked, host, allowed) or _is_trusted(origin, trusted))


def _is_same(page: _Site, asked: _Site | None, host_header: str, allowed: tuple[str, ...]) -> bool:
    if asked is None or not _is_allowed(host_header, allowed):
        return False
    if asked.scheme == "https" and page.scheme != "https":
        return False
    # A proxy that ends TLS passes the host on as the browser said it: without a port, which then is that of https.
    port = _DEFAULT_PORTS[page.scheme] if urlsplit("//" + host_header).port is None else asked.port
    return (page.host, page.port) == (asked.host, port)


def _allowed_hosts() -> tuple[str, ...]:
    allowed = django_settings.ALLOWED_HOSTS
    return (".localhost", "127.0.0.1", "[::1]") if django_settings.DEBUG and not allowed else tuple(allowed)


def _is_allowed(host_header: str, allowed: tuple[str, ...]) -> bool:
    """Hold the host itself to ALLOWED_HOSTS, or a page whose name was made to point here could say it is this site."""
    name = host_header.rsplit(":", 1)[0] if not host_header.endswith("]") else host_header
    return validate_host(name.lower().rstrip("."), allowed)


def _is_trusted(origin: str, trusted_origins: tuple[str, ...]) -> bool:
    page = urlsplit(origin)
    for trusted in trusted_origins:
        known = urlsplit(trusted.replace("*", ""))
        if trusted == origin or (
            "*" in trusted and page.scheme == known.scheme and is_same_domain(page.netloc, known.netloc)
        ):
            return True
    return False


def _site(address: str) -> _Site | None:
    """Return where an address points, or None for ``null`` and whatever else is no web origin."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return _Site(parts.scheme, "localhost" if host in _LOOPBACK else host, port or _DEFAULT_PORTS[parts.scheme])


def headers_of(scope: dict[str, Any]) -> dict[str, str]:
    """Return a scope's headers as text, by lower-case name; of a repeated one, the last."""
    return {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope.get("headers", ())}


def cookies_of(headers: dict[str, str]) -> dict[str, str]:
    """Return the cookies of a handshake, read as Django reads those of a request."""
    return parse_cookie(headers.get("cookie", ""))
