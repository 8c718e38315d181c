"""The barest ASGI application that takes a socket: what `returning` compares with, on the same server class."""

from __future__ import annotations

from typing import Any


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept, and stay open until the other side goes."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "teahouse.v1"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
