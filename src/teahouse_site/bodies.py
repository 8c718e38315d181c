"""Bounds what one request may send: Django keeps a whole body on disk before any page looks at it; used by ``asgi``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 1024 * 1024


def bounded(application: Application, max_bytes: int = MAX_BODY_BYTES) -> Application:
    """Return the application behind a bound: a longer body is answered with 413 as soon as that shows."""

    async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        if _announced_bytes(scope) > max_bytes:
            await _refuse(send)
            return
        taken = 0

        async def receive_up_to_the_bound() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            # Whoever reads hears that the client went away, and drops what it has.
            return message if taken <= max_bytes else {"type": "http.disconnect"}

        await application(scope, receive_up_to_the_bound, send)
        if taken > max_bytes:
            await _refuse(send)

    return serve


def _announced_bytes(scope: dict[str, Any]) -> int:
    """Return the length that the request announces; 0 for none, which is then counted as it comes."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"The request is too long for this site.\n"})
