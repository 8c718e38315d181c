"""The socket's edge: a bare ASGI application that admits a handshake and runs its session."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from teahouse.errors import Overloaded, TeahouseError, VersionUnsupported
from teahouse.protocol.closes import close_for

if TYPE_CHECKING:
    from teahouse.chat.people import Identity
    from teahouse.live.line import Line, Receive
    from teahouse.live.outlet import Send
    from teahouse.live.process import Live

logger = logging.getLogger("teahouse.socket")

SUBPROTOCOL = "teahouse.v1"


async def chat_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Serve one WebSocket; with a ``group`` in its route it carries that room only.

    A bare ASGI application, which Channels' ``URLRouter`` mounts. A foreign page, a forged token and a server that is
    going down are refused before the socket opens (403, 401, 503); what else is wrong closes it with its code.
    """
    # What needs models is loaded at the first socket: asgi.py imports this module before Django is set up.
    from teahouse.live.process import current

    if (await receive())["type"] != "websocket.connect":
        return
    live = current()
    try:
        if live.draining:
            raise Overloaded("the server restarts; come back in a moment", retry_after=1.0)
        person, secret = await _identify(live, scope)
    except TeahouseError as refusal:
        await _deny(scope, send, refusal)
        return
    offered = scope.get("subprotocols") or []
    accept = {"type": "websocket.accept", "subprotocol": SUBPROTOCOL if SUBPROTOCOL in offered else None}
    try:
        line = _line(live, scope, person, secret, send)
    except TeahouseError as refusal:
        await send(accept)
        await send({"type": "websocket.close", "code": close_for(refusal).code, "reason": refusal.code})
        return
    await line.enter()
    await send(accept)
    await line.start()
    await line.run(receive)


def _line(live: Live, scope: dict[str, Any], person: Identity, secret: str | None, send: Send) -> Line:
    """Return the session for what was asked for: protocol v1, or a plain client in one room."""
    from teahouse.chat.rooms import address_of  # models, as above
    from teahouse.live.plain import PlainSession
    from teahouse.live.session import Session
    from teahouse.live.wire import outlet_for

    make_outlet = partial(outlet_for, scope, send)
    group = scope.get("url_route", {}).get("kwargs", {}).get("group")
    address = None if group is None else address_of(group)
    offered = scope.get("subprotocols") or []
    if SUBPROTOCOL in offered:
        return Session(live, person, make_outlet, address, secret)
    if address is None or offered:
        raise VersionUnsupported(f"ask for the subprotocol {SUBPROTOCOL}")
    return PlainSession(live, person, make_outlet, address)


async def _identify(live: Live, scope: dict[str, Any]) -> tuple[Identity, str | None]:
    """Return who opens the socket, and the secret of a guest who came without a cookie."""
    from teahouse.chat.people import bearer_token, identity_of_cookies, identity_of_token, new_guest  # models, as above
    from teahouse.origins import check_origin, cookies_of, headers_of

    headers = headers_of(scope)
    is_page = check_origin(headers, scope.get("scheme", "ws"))
    token = bearer_token(headers.get("authorization"))
    person = None
    if token is not None:
        person = await live.readers.run(identity_of_token, token)
    elif is_page:
        person = await live.readers.run(identity_of_cookies, scope.get("user"), cookies_of(headers))
    return (person, None) if person is not None else new_guest()


async def _deny(scope: dict[str, Any], send: Send, refusal: TeahouseError) -> None:
    """Refuse the handshake, with a reason where the server can say one; closing before accepting is a bare 403."""
    logger.warning("a socket was refused (%s): %s", refusal.code, refusal.text)
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": close_for(refusal).code})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": refusal.http_status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{refusal.code}: {refusal.text}\n".encode()})
