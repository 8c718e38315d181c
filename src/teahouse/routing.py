"""Where sockets are served: patterns for a host's own router, and one line for a host that has none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import re_path

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
    include ``teahouse.urls``, which is looked up at the first socket.
    """
    sockets: Any = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))  # type: ignore[arg-type]

    async def route(scope: dict[str, Any], receive: Any, send: Any) -> None:
        rest = _below_prefix(scope) if scope["type"] == "websocket" else None
        if rest is None:
            await application(scope, receive, send)
        else:
            await sockets({**scope, "path": "/" + rest, "root_path": ""}, receive, send)

    return route


def _below_prefix(scope: dict[str, Any]) -> str | None:
    """Return a socket's path below our prefix, or None when it is no path of ours."""
    from django.urls import reverse  # the URLs can be loaded only when Django is set up

    path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
    prefix = reverse("teahouse:lobby")
    rest = path[len(prefix) :] if path.startswith(prefix) else None
    return rest if rest is not None and any(pattern.pattern.match(rest) for pattern in websocket_urlpatterns) else None
