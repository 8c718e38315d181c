"""The host's application, with narrow lines for clients that ask for one: of such a line the system buffers little."""

import socket as sockets
from typing import Any

from teahouse.server.websocket import EXTENSION
from tests.behaviour.host.asgi import application as host

NARROW = {"x-line-bytes": "4096"}
"""The header by which a client asks."""


async def application(scope: Any, receive: Any, send: Any) -> None:
    for name, value in scope.get("headers", ()):
        if name.decode() in NARROW:
            socket = scope["extensions"][EXTENSION].transport.get_extra_info("socket")
            socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, int(value))
    await host(scope, receive, send)
