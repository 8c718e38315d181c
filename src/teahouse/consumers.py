"""The socket's edge: a bare ASGI application that admits a handshake and runs its session."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any

from teahouse.addresses import address_of_scope
from teahouse.errors import Overloaded, TeahouseError
from teahouse.protocol.closes import close_for

if TYPE_CHECKING:
    from teahouse.live.line import Line, Receive
    from teahouse.live.outlet import Send

logger = logging.getLogger("teahouse.socket")


async def chat_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one WebSocket; with a ``group`` in its route it carries that room only.

    A bare ASGI application, which Channels' ``URLRouter`` mounts. A foreign page, a forged token, an address with
    too many sockets and a server that is going down are refused before the socket opens (403, 401, 429, 503); what
    else is wrong closes it with its code.
    """
    # What needs models is loaded at the first socket: asgi.py imports this module before Django is set up.
    from teahouse.live.wire import wire_in

    if (await receive())["type"] != "websocket.connect":
        return
    line = await _admitted(scope, send)
    if line is None:
        return
    try:
        await line.enter()
        await send(_accept(scope))
        await line.start()
    except BaseException:
        line.end()  # it is counted already
        raise
    wire = wire_in(scope)
    if wire is None:
        await line.run(receive)
    else:
        # Returns at once: nothing of this call, nor of what stands around it, is kept while the socket is open.
        line.run_on(wire)


async def _admitted(scope: dict[str, Any], send: Send) -> Line | None:
    """Return the line of who may come in; None for whom it was told that they may not."""
    from teahouse.handshakes import identify, line_for  # as above
    from teahouse.live.process import current

    live, address = current(), address_of_scope(scope)
    try:
        if live.draining:
            raise Overloaded("the server restarts; come back in a moment", retry_after=1.0)
        live.doors.knock(address)
        person, secret, proof = await identify(live, scope, address)
        try:
            line = line_for(live, scope, person, secret, send)
        except TeahouseError as refusal:
            await send(_accept(scope))
            await send({"type": "websocket.close", "code": close_for(refusal).code, "reason": refusal.code})
            return None
        # A guest who was made up for this socket has no other.
        live.doors.let_in(line, address, person.uid if secret is None else None)
    except TeahouseError as refusal:
        if live.doors.may_log(address, refusal):
            logger.warning("a socket was refused (%s): %s", refusal.code, refusal.text)
        await _deny(scope, send, refusal)
        return None
    line.proof = proof
    return line


def _accept(scope: dict[str, Any]) -> dict[str, Any]:
    from teahouse.handshakes import SUBPROTOCOL  # as above

    is_ours = SUBPROTOCOL in (scope.get("subprotocols") or [])
    return {"type": "websocket.accept", "subprotocol": SUBPROTOCOL if is_ours else None}


async def _deny(scope: dict[str, Any], send: Send, refusal: TeahouseError) -> None:
    """Refuse the handshake, with a reason where the server can say one; closing before accepting is a bare 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": close_for(refusal).code})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(math.ceil(refusal.retry_after)).encode()))
    await send({"type": "websocket.http.response.start", "status": refusal.http_status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{refusal.code}: {refusal.text}\n".encode()})
