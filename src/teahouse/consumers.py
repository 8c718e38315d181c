"""The socket's edge: a bare ASGI application that admits a handshake and runs its session."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from teahouse.errors import Overloaded, TeahouseError
from teahouse.protocol.closes import close_for

if TYPE_CHECKING:
    from teahouse.live.line import Receive
    from teahouse.live.outlet import Send

logger = logging.getLogger("teahouse.socket")


async def chat_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one WebSocket; with a ``group`` in its route it carries that room only.

    A bare ASGI application, which Channels' ``URLRouter`` mounts. A foreign page, a forged token and a server that is
    going down are refused before the socket opens (403, 401, 503); what else is wrong closes it with its code.
    """
    # What needs models is loaded at the first socket: asgi.py imports this module before Django is set up.
    from teahouse.handshakes import SUBPROTOCOL, identify, line_for
    from teahouse.live.process import current
    from teahouse.live.wire import wire_in

    if (await receive())["type"] != "websocket.connect":
        return
    live = current()
    try:
        if live.draining:
            raise Overloaded("the server restarts; come back in a moment", retry_after=1.0)
        person, secret = await identify(live, scope)
    except TeahouseError as refusal:
        await _deny(scope, send, refusal)
        return
    offered = scope.get("subprotocols") or []
    accept = {"type": "websocket.accept", "subprotocol": SUBPROTOCOL if SUBPROTOCOL in offered else None}
    try:
        line = line_for(live, scope, person, secret, send)
    except TeahouseError as refusal:
        await send(accept)
        await send({"type": "websocket.close", "code": close_for(refusal).code, "reason": refusal.code})
        return
    await line.enter()
    await send(accept)
    await line.start()
    wire = wire_in(scope)
    if wire is None:
        await line.run(receive)
    else:
        # Returns at once: nothing of this call, nor of what stands around it, is kept while the socket is open.
        line.run_on(wire)


async def _deny(scope: dict[str, Any], send: Send, refusal: TeahouseError) -> None:
    """Refuse the handshake, with a reason where the server can say one; closing before accepting is a bare 403."""
    logger.warning("a socket was refused (%s): %s", refusal.code, refusal.text)
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": close_for(refusal).code})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": refusal.http_status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{refusal.code}: {refusal.text}\n".encode()})
