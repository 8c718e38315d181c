"""Where sockets are served: patterns for a host's own router, and one line for a host that has none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings as django_settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.handlers.asgi import ASGIHandler
from django.urls import get_script_prefix, re_path, reverse, set_script_prefix
from django.utils.translation import get_language_from_path, override

from teahouse.checks.start import look_once
from teahouse.consumers import chat_socket

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

websocket_urlpatterns = [
    re_path(r"^ws/$", chat_socket),  # type: ignore[arg-type]
    re_path(r"^ws/(?P<group>[^/]+)/$", chat_socket),  # type: ignore[arg-type]
    re_path(r"^room/(?P<group>[^/]+)/$", chat_socket),  # type: ignore[arg-type]
]
"""The addresses of the sockets, below the prefix of ``teahouse.urls``.

Who is logged in they read themselves, unless something around them put a ``user`` into the scope.
"""


def with_chat(application: Application) -> Application:
    """Return the application with Teahouse's sockets in front: everything else goes to it unchanged.

    ``application`` is Django's own, or a host's router. The sockets stand under the prefix at which the host's URLs
    include ``teahouse.urls``, which is looked up at each handshake. While DEBUG is on, static files are served as
    ``runserver`` serves them, so that any ASGI server will do to develop.
    """
    pages: Application | None = None

    async def route(scope: dict[str, Any], receive: Any, send: Any) -> None:
        nonlocal pages
        look_once(route, scope["type"])
        found = _route(scope) if scope["type"] == "websocket" else None
        if found is not None:
            socket, kwargs = found
            await socket({**scope, "url_route": {"args": (), "kwargs": kwargs}}, receive, send)
        elif scope["type"] == "websocket" and isinstance(application, ASGIHandler):
            await _refuse(receive, send)
        elif scope["type"] == "http":
            # Not before the first request: a host's asgi.py may call us before Django is set up.
            pages = pages or _with_static_files(application, scope)
            await pages(scope, receive, send)
        else:
            await application(scope, receive, send)

    # For the doctor, which walks from the outermost application to each socket.
    route.inner = application  # type: ignore[attr-defined]
    route.websocket_urlpatterns = websocket_urlpatterns  # type: ignore[attr-defined]
    return route


def _route(scope: dict[str, Any]) -> tuple[Application, dict[str, Any]] | None:
    """Return the application and the arguments for a socket's path, or None when it is no path of ours."""
    path = str(scope["path"]).removeprefix(_script_name(scope))
    prefix = _prefix(get_script_prefix(), django_settings.ROOT_URLCONF, _language(path))
    if path.startswith(prefix):
        for pattern in websocket_urlpatterns:
            if match := pattern.pattern.match(path[len(prefix) :]):
                return cast("Application", pattern.callback), match[2]
    return None


def _language(path: str) -> str | None:
    """Return the language in which to look for our prefix: inside i18n_patterns the address is all that says which."""
    if not is_language_prefix_patterns_used(django_settings.ROOT_URLCONF)[0]:
        return None
    return get_language_from_path(path) or str(django_settings.LANGUAGE_CODE)


@lru_cache(maxsize=64)
def _prefix(script_prefix: str, urlconf: Any, language: str | None) -> str:
    """Return where the host's URLs include ours; looked up once, for it takes as long as all else of a handshake."""
    with override(language) if language else nullcontext():
        return unquote(reverse("teahouse:lobby", urlconf).removeprefix(script_prefix.rstrip("/")))


def _script_name(scope: dict[str, Any]) -> str:
    """Return the part of the address before the site, without a slash at its end."""
    return str(django_settings.FORCE_SCRIPT_NAME or scope.get("root_path", "")).rstrip("/")


def _with_static_files(application: Application, scope: dict[str, Any]) -> Application:
    if not (django_settings.DEBUG and apps.is_installed("django.contrib.staticfiles")):
        return application
    # A relative STATIC_URL stays as it is when it is first asked for: below the script name, as pages have it.
    set_script_prefix(_script_name(scope) + "/")
    handler: Application = ASGIStaticFilesHandler(application)  # type: ignore[arg-type]
    return handler


async def _refuse(receive: Any, send: Any) -> None:
    """Turn away a socket at no address of ours: Django, which serves none, would fill the log with tracebacks."""
    await receive()
    await send({"type": "websocket.close"})
