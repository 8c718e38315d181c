"""How a server ends a socket, as its client sees it."""

import asyncio

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

PATIENCE_SECONDS = 15


async def ending(socket: ClientConnection) -> tuple[int, str] | None:
    """The close code and reason that come, whatever is said before; None when the line is cut without a word."""
    received = None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                await socket.recv()
    except ConnectionClosed as closed:
        received = closed.rcvd
    return (received.code, received.reason) if received else None
