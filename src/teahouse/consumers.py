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
    # Models and settings, as above.
    from teahouse.chat.people import GUEST_COOKIE, bearer_token, guest_of_cookie, identity_of_token, new_guest
    from teahouse.origins import check_origin, cookies_of, headers_of

    headers = headers_of(scope)
    is_page = check_origin(headers, scope.get("scheme", "ws"))
    token = bearer_token(headers.get("authorization"))
    if token is not None:
        return await live.readers.run(identity_of_token, token), None
    if is_page:
        cookies = cookies_of(headers)
        person = await _identify_user(live, scope, cookies)
        if person is not None:
            return person, None
        # Signed, so that nobody need be asked: most strangers open a socket without a query.
        guest = guest_of_cookie(cookies.get(GUEST_COOKIE))
        if guest is not None:
            return guest[0], None
    return new_guest()


async def _identify_user(live: Live, scope: dict[str, Any], cookies: dict[str, str]) -> Identity | None:
    """Return who is logged in: whom the host put into the scope, else whose session the cookie names."""
    from teahouse.chat.logins import identity_of_session, lie_in_tables, session_key  # models, as above
    from teahouse.chat.people import identity_of_visitor  # models, as above

    if "user" in scope:
        return await live.readers.run(identity_of_visitor, scope["user"])
    key = session_key(cookies)
    if key is None:
        return None
    if lie_in_tables():
        return await live.logins.ask(key)
    return await live.readers.run(identity_of_session, key)


async def _deny(scope: dict[str, Any], send: Send, refusal: TeahouseError) -> None:
    """Refuse the handshake, with a reason where the server can say one; closing before accepting is a bare 403."""
    logger.warning("a socket was refused (%s): %s", refusal.code, refusal.text)
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": close_for(refusal).code})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": refusal.http_status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{refusal.code}: {refusal.text}\n".encode()})
