"""What the site reads from ``TEAHOUSE_…`` variables, as Django's settings want it; used by ``settings``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from teahouse.addresses import Proxies

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 (compared with, never bound)


def words(variable: str) -> list[str]:
    """Return the comma-separated words of a variable; none when it is unset."""
    return [word for word in (part.strip() for part in os.environ.get(variable, "").split(",")) if word]


def bound_host() -> str | None:
    """Return the address that ``teahouse serve`` bound, as a Host header writes it; None under any other server."""
    host = os.environ.get("TEAHOUSE_BIND")
    return f"[{host}]" if host and ":" in host and host not in _WILDCARDS else host


def allowed_hosts() -> list[str]:
    """Return the names by which people may reach the site: this machine's, the bound one, and ``TEAHOUSE_HOSTS``."""
    host = bound_host()
    bound = [host] if host and host not in _WILDCARDS else []
    return [*LOOPBACK, *bound, *words("TEAHOUSE_HOSTS")]


def only_this_machine() -> bool:
    """Claim that nobody from elsewhere comes: bound to loopback, and no other name given as before a proxy."""
    return bound_host() in LOOPBACK and not words("TEAHOUSE_HOSTS") and not words("TEAHOUSE_ORIGINS")


def https_only() -> bool:
    """Claim that all origins of the site are https, so that cookies need never travel in the open."""
    origins = words("TEAHOUSE_ORIGINS")
    return bool(origins) and all(origin.startswith("https://") for origin in origins)


def is_on(variable: str) -> bool:
    """Claim that a variable is not ``off``. Raises ValueError for what is neither ``on`` nor ``off``."""
    said = os.environ.get(variable) or "on"
    if said not in ("on", "off"):
        raise ValueError(f"{variable} is {said!r}; write on or off")
    return said == "on"


def proxies() -> list[str]:
    """Return the addresses and networks of ``TEAHOUSE_PROXIES``. Raises ValueError for what is none."""
    found = words("TEAHOUSE_PROXIES")
    try:
        Proxies(found)
    except ValueError as error:
        raise ValueError(f"TEAHOUSE_PROXIES: {error}") from None
    return found


def database(url: str | None, data: Path) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` URL, or for SQLite in the data folder when there is none."""
    return _postgresql(url) if url else _sqlite(data / "db.sqlite3")


def channel_layer(url: str | None) -> dict[str, Any]:
    """Return the channel layer of a ``redis://`` URL, or the one in memory when there is none."""
    if not url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    # redis-py 8 gives a silent connection up after 5 seconds, and a quiet chat is silent for longer.
    host = {"address": url, "socket_timeout": None}
    return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [host]}}


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # FULL: with NORMAL, a power cut takes back commits that were acknowledged.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"TEAHOUSE_DATABASE begins with {parts.scheme!r}; write postgresql://user:password@host/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # A pool hands out living connections itself, and wants none kept outside of it.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 20, "timeout": 10}, **dict(parse_qsl(parts.query))},
    }
