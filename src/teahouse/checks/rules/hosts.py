"""ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS: which names the site answers to, and which pages it believes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check


@check("W013", looks=Looks.AT_SETTINGS)
def not_every_host_is_allowed(project: Project) -> Iterator[Finding]:
    """ALLOWED_HOSTS has no ``"*"``."""
    if "*" in _texts(project, "ALLOWED_HOSTS"):
        yield Finding(
            "W013",
            'ALLOWED_HOSTS has "*".',
            "AllowedHostsOriginValidator then lets pages of every site open sockets with your visitor's cookies, and "
            "links in mails can be made to point elsewhere.",
            'ALLOWED_HOSTS = ["example.org"]  # the names by which people reach this site',
            project.place_of("ALLOWED_HOSTS", "*"),
        )


@check("W014", looks=Looks.AT_SETTINGS)
def hosts_are_names_only(project: Project) -> Iterator[Finding]:
    """Entries of ALLOWED_HOSTS have neither scheme nor port nor path: with one they match nothing."""
    for host in _texts(project, "ALLOWED_HOSTS"):
        name = _name_of(host)
        if name != host:
            yield Finding(
                "W014",
                f"ALLOWED_HOSTS has {host!r}; an entry is a name, without scheme, port and path.",
                'It never matches: pages are answered 400 ("Invalid HTTP_HOST header: …. You may need to add … to '
                'ALLOWED_HOSTS."), and sockets, where it is a name, 403.',
                f'ALLOWED_HOSTS = ["{name}"]  # in place of {host!r}',
                project.place_of("ALLOWED_HOSTS", host),
            )


@check("W019", looks=Looks.AT_SETTINGS)
def trusted_origins_have_a_scheme(project: Project) -> Iterator[Finding]:
    """Entries of CSRF_TRUSTED_ORIGINS begin with a scheme, and end with the host or its port."""
    for origin in _texts(project, "CSRF_TRUSTED_ORIGINS"):
        parts = urlsplit(origin if "://" in origin else f"https://{origin}")
        right = f"{parts.scheme}://{parts.netloc}"
        if right != origin:
            yield Finding(
                "W019",
                f"CSRF_TRUSTED_ORIGINS has {origin!r}; an origin is scheme, host and, where it is unusual, port.",
                'It never matches: 403, "Origin checking failed - … does not match any trusted origins."; and '
                "`manage.py` stops with (4_0.E001) where the scheme is missing.",
                f'CSRF_TRUSTED_ORIGINS = ["{right}"]',
                project.place_of("CSRF_TRUSTED_ORIGINS", origin),
            )


def _texts(project: Project, name: str) -> list[str]:
    """Return a setting that is a list of texts; a lone text is one that Django refuses by itself."""
    value: Any = getattr(project.settings, name, None)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple | set) else []


def _name_of(host: str) -> str:
    """Return an entry without what does not belong to a name."""
    name = host.rpartition("://")[2].partition("/")[0]
    if name.startswith("[") or name.count(":") > 1:
        return name.partition("]")[0] + "]" if name.startswith("[") else name
    return name.partition(":")[0]
