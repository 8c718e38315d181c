"""Which pages may open a socket with a visitor's cookies; used by the socket's edge at every handshake."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from teahouse.errors import OriginRefused

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SHOWN, _SHOWN_LENGTH = 8, 100
"""So many expected origins are listed at most, and so much of a host is shown."""


@dataclass(frozen=True, slots=True)
class _Site:
    """Scheme, host and port, with loopback's three names as one and the default port filled in."""

    scheme: str
    host: str
    port: int | None


def check_origin(headers: dict[str, str], scheme: str) -> bool:
    """Return whether a page of this site opened the socket; False means no page at all, so cookies prove nothing.

    ``headers`` have lower-case names, ``scheme`` is the socket's (ws or wss). The origin must be the host that was
    asked for, which must be in ALLOWED_HOSTS, or stand in CSRF_TRUSTED_ORIGINS. Raises OriginRefused. Whatever Django's
    own check lets through for a form gets in, and so does an https page behind a proxy that speaks plain http with us
    and says nothing of it; an http page on an encrypted socket does not.
    """
    origin = headers.get("origin")
    if origin is None:
        return False
    host, scheme = _host(headers), "wss" if _is_secure(headers, scheme) else "ws"
    allowed, trusted = _allowed_hosts(), tuple(django_settings.CSRF_TRUSTED_ORIGINS)
    if not _is_ours(origin, host, scheme, allowed, trusted):
        expected = _expected(host, scheme, allowed, trusted)
        raise OriginRefused(
            f"the page is of {origin[:200]!r}, this site is {host[:200]!r}; expected {expected}; "
            "name the page's site in ALLOWED_HOSTS, or in CSRF_TRUSTED_ORIGINS when it is another one"
        )
    return True


def _host(headers: dict[str, str]) -> str:
    """Return the host that was asked for, as ``HttpRequest.get_host`` takes it."""
    if django_settings.USE_X_FORWARDED_HOST and "x-forwarded-host" in headers:
        return headers["x-forwarded-host"]
    return headers.get("host", "")


def _is_secure(headers: dict[str, str], scheme: str) -> bool:
    """Claim that the browser's side is encrypted, as ``HttpRequest.is_secure`` does."""
    if django_settings.SECURE_PROXY_SSL_HEADER:
        name, secure = django_settings.SECURE_PROXY_SSL_HEADER
        said = headers.get(name.removeprefix("HTTP_").lower().replace("_", "-"))
        if said is not None:
            return said.split(",", 1)[0].strip() == secure
    return scheme == "wss"


def _expected(host: str, scheme: str, allowed: tuple[str, ...], trusted: tuple[str, ...]) -> str:
    """Return the origins that would have been let in, as a text."""
    own = [f"{kind}://{host[:_SHOWN_LENGTH]}" for kind in (("https",) if scheme == "wss" else ("http", "https"))]
    known = [*(own if _is_allowed(host, allowed) else ()), *trusted]
    more = f" or {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return (" or ".join(repr(origin) for origin in known[:_SHOWN]) or "none, for ALLOWED_HOSTS lacks that host") + more


@lru_cache(maxsize=256)
def _is_ours(origin: str, host: str, scheme: str, allowed: tuple[str, ...], trusted: tuple[str, ...]) -> bool:
    """Judge once what nearly every handshake says alike."""
    page = _site(origin)
    asked = _site(("https://" if scheme == "wss" else "http://") + host)
    return _is_trusted(origin, trusted) or (page is not None and _is_same(page, asked, host, allowed))


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
    name, _ = split_domain_port(host_header)
    return bool(name) and validate_host(name, allowed)


def _is_trusted(origin: str, trusted_origins: tuple[str, ...]) -> bool:
    if origin in trusted_origins:
        return True
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    for trusted in trusted_origins:
        known = urlsplit(trusted.replace("*", ""))
        if "*" in trusted and page.scheme == known.scheme and is_same_domain(page.netloc, known.netloc):
            return True
    return False


def _site(address: str) -> _Site | None:
    """Return where an address points, or None for ``null`` and whatever else is no web origin."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return _Site(parts.scheme, "localhost" if host in _LOOPBACK else host, port or _DEFAULT_PORTS[parts.scheme])


def headers_of(scope: dict[str, Any]) -> dict[str, str]:
    """Return a scope's headers as text, by lower-case name; a repeated one is joined, as Django joins it.

    So two origins, two hosts or two tokens are none that anybody knows.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin1").lower(), raw_value.decode("latin1")
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ",") + value
        headers[name] = value
    return headers


def cookies_of(headers: dict[str, str]) -> dict[str, str]:
    """Return the cookies of a handshake, read as Django reads those of a request."""
    return parse_cookie(headers.get("cookie", ""))
