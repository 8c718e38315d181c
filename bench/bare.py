"""The barest ASGI application that takes a socket: what `returning` compares with, on the same server class."""

from __future__ import annotations

from typing import Any

from teahouse_site.garbage import collect_seldom

collect_seldom()  # as the ready site does: the garbage collector must not make the difference


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept, and stay open until the other side goes."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "teahouse.v1"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
