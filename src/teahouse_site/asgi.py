"""The site as an ASGI application: pages by Django, sockets by Teahouse; run by ``serve`` or by any other server."""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application

from teahouse_site.bodies import bounded
from teahouse_site.garbage import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse_site.settings")
pages: Any = get_asgi_application()

# What imports models comes after Django is set up.
from teahouse.live import drain  # noqa: E402
from teahouse.routing import with_chat  # noqa: E402

_routes = bounded(with_chat(pages))


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve a page or a socket, and let the chat say bye when the server stops."""
    if scope["type"] == "lifespan":
        await _live_and_leave(receive, send)
    else:
        await _routes(scope, receive, send)


async def _live_and_leave(receive: Any, send: Any) -> None:
    collect_seldom()
    while (message := await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    # Under a server that closes sockets first this comes late, and still ends threads in order.
    await drain()
    await send({"type": message["type"] + ".complete"})
