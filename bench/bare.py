"""The barest ASGI application that takes a socket: what `returning` compares with, on the same server class."""

from __future__ import annotations

import gc
from typing import Any

# As the ready site has it: the garbage collector must not make the difference.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 5, 5)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept, and stay open until the other side goes."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "teahouse.v1"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
