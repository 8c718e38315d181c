"""Teahouse's three lines in a host: the app, the URLs, and the sockets around the application."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from teahouse.checks.findings import Finding, Place
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.rules.handshakes import place_of_application
from teahouse.checks.walk import SocketRoute, walk, written

_URLS_LINE = 'from django.urls import include, path\n\nurlpatterns = [path("chat/", include("teahouse.urls")), …]'
_ASGI_LINE = "from teahouse.routing import with_chat\n\napplication = with_chat(…what is there now…)"


@check("E028", looks=Looks.AT_APPS)
def urls_are_included(project: Project) -> Iterator[Finding]:
    """Who has the app has its pages at some address."""
    if not apps.is_installed("teahouse"):
        return
    _, failure = attempt(_prefix, project.folder)
    if failure is None or not isinstance(failure.error, NoReverseMatch):
        return  # an error in the URLs themselves is said by another check
    yield Finding(
        "E028",
        'INSTALLED_APPS has "teahouse", and the URLs do not include "teahouse.urls".',
        "There are no pages, and every socket fails: \"NoReverseMatch: 'teahouse' is not a registered namespace\".",
        _URLS_LINE,
        _place_of_urls(project),
    )


@check("W029", looks=Looks.AT_APPLICATION)
def sockets_are_served(project: Project) -> Iterator[Finding]:
    """Who has the app has its sockets in the application."""
    if not apps.is_installed("teahouse"):
        return
    seen = walk(project.application)
    if seen.chat or seen.unknown or any(route.is_chat for route in seen.routes):
        return
    yield Finding(
        "W029",
        f'INSTALLED_APPS has "teahouse", and {project.application_path} does not serve its sockets.',
        'Nothing is live: pages say "The live connection is blocked here", and fetch messages every few seconds.',
        _ASGI_LINE,
        place_of_application(project),
    )


@check("E032", looks=Looks.AT_APPLICATION)
def the_app_is_installed(project: Project) -> Iterator[Finding]:
    """Who serves the sockets has the app."""
    if apps.is_installed("teahouse"):
        return
    seen = walk(project.application)
    if seen.chat or any(route.is_chat for route in seen.routes):
        yield Finding(
            "E032",
            f'{project.application_path} serves Teahouse\'s sockets, and INSTALLED_APPS has no "teahouse".',
            "Every socket fails: \"RuntimeError: Model class teahouse.models.Log doesn't declare an explicit app_label "
            "and isn't in an application in INSTALLED_APPS.\"",
            'INSTALLED_APPS = ["teahouse", …]',
            project.place_of("INSTALLED_APPS"),
        )


@check("E034", looks=Looks.AT_APPLICATION)
def sockets_stand_where_pages_look(project: Project) -> Iterator[Finding]:
    """Teahouse's patterns in a host's own router stand under the prefix that its URLs have."""
    routes = [route for route in walk(project.application).routes if route.is_chat]
    pages, _ = attempt(_prefix, project.folder)
    if not routes or pages is None or walk(project.application).chat:
        return
    prefixes = [_prefix_of(route) for route in routes]
    if pages.lstrip("/") in prefixes or any(not _is_plain(prefix) for prefix in prefixes):
        return
    yield Finding(
        "E034",
        f"The pages stand at {pages!r}, and the sockets at {'/' + prefixes[0]!r}.",
        'Pages do not find them: handshakes fail with "ValueError: No route found for path", and messages come late.',
        f'path("{pages.lstrip("/")}", URLRouter(websocket_urlpatterns)),',
        place_of_application(project),
    )


def _prefix() -> str:
    with override(None):
        return reverse("teahouse:lobby")


def _prefix_of(route: SocketRoute) -> str:
    return "".join(written(pattern).lstrip("^") for pattern in route.patterns[:-1])


def _is_plain(prefix: str) -> bool:
    """Claim that nothing in it stands for something else, so that it can be compared."""
    return not set(prefix) & set(r"<>()[]\?*+.$|")


def _place_of_urls(project: Project) -> Place | None:
    source = project.source(str(project.settings.ROOT_URLCONF))
    made = source.assignments("urlpatterns") if source else []
    return source.place(made[-1]) if source and made else None
