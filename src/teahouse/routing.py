"""Where sockets are served: patterns for a host's own router, and one line for a host that has none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.handlers.asgi import ASGIHandler
from django.urls import get_script_prefix, re_path, reverse, set_script_prefix
from django.utils.translation import get_language_from_path, override

from teahouse.consumers import chat_socket

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

websocket_urlpatterns = [
    re_path(r"^ws/$", chat_socket),  # type: ignore[arg-type]
    re_path(r"^ws/(?P<group>[^/]+)/$", chat_socket),  # type: ignore[arg-type]
    re_path(r"^room/(?P<group>[^/]+)/$", chat_socket),  # type: ignore[arg-type]
]
"""The addresses of the sockets, below the prefix of ``teahouse.urls``; wrap them in ``AuthMiddlewareStack``."""


def with_chat(application: Application) -> Application:
    """Return the application with Teahouse's sockets in front: everything else goes to it unchanged.

    ``application`` is Django's own, or a host's router. The sockets stand under the prefix at which the host's URLs
    include ``teahouse.urls``, which is looked up at each handshake. While DEBUG is on, static files are served as
    ``runserver`` serves them, so that any ASGI server will do to develop.
    """
    sockets: Any = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))  # type: ignore[arg-type]
    pages: Application | None = None

    async def route(scope: dict[str, Any], receive: Any, send: Any) -> None:
        nonlocal pages
        rest = _below_prefix(scope) if scope["type"] == "websocket" else None
        if rest is not None:
            await sockets({**scope, "path": "/" + rest, "root_path": ""}, receive, send)
        elif scope["type"] == "websocket" and isinstance(application, ASGIHandler):
            await _refuse(receive, send)
        elif scope["type"] == "http":
            # Not before the first request: a host's asgi.py may call us before Django is set up.
            pages = pages or _with_static_files(application, scope)
            await pages(scope, receive, send)
        else:
            await application(scope, receive, send)

    return route


def _below_prefix(scope: dict[str, Any]) -> str | None:
    """Return a socket's path below our prefix, or None when it is no path of ours."""
    path = str(scope["path"]).removeprefix(_script_name(scope))
    # Inside i18n_patterns the prefix depends on the language, and the address is all that says which.
    with override(get_language_from_path(path) or django_settings.LANGUAGE_CODE):
        prefix = unquote(reverse("teahouse:lobby").removeprefix(get_script_prefix().rstrip("/")))
    rest = path[len(prefix) :] if path.startswith(prefix) else None
    return rest if rest is not None and any(pattern.pattern.match(rest) for pattern in websocket_urlpatterns) else None


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
