"""What one handshake asks for: who opens the socket, and which session serves it; used by ``consumers`` alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from teahouse.addresses import network_of
from teahouse.chat.logins import identity_of_session, lie_in_tables, session_key
from teahouse.chat.making import address_of
from teahouse.chat.people import (
    GUEST_COOKIE,
    Identity,
    bearer_token,
    guest_of_cookie,
    identity_of_token,
    identity_of_visitor,
    new_guest,
    seen_from,
)
from teahouse.errors import VersionUnsupported
from teahouse.live.line import Line
from teahouse.live.outlet import Send
from teahouse.live.plain import PlainSession
from teahouse.live.process import Live
from teahouse.live.session import Session
from teahouse.live.wire import outlet_for
from teahouse.origins import check_origin, cookies_of, headers_of

SUBPROTOCOL = "teahouse.v1"


async def identify(live: Live, scope: dict[str, Any], address: str) -> tuple[Identity, str | None]:
    """Return who opens the socket from this address, and the secret of a guest who came without a cookie.

    Raises OriginRefused, BadToken, and Unavailable when nobody can say who is logged in.
    """
    person, secret = await _known(live, scope)
    return seen_from(person, network_of(address)), secret


async def _known(live: Live, scope: dict[str, Any]) -> tuple[Identity, str | None]:
    headers = headers_of(scope)
    is_page = check_origin(headers, scope.get("scheme", "ws"))
    token = bearer_token(headers.get("authorization"))
    if token is not None:
        return await live.readers.run(identity_of_token, token), None
    if is_page:
        cookies = cookies_of(headers)
        person = await _user(live, scope, cookies)
        if person is not None:
            return person, None
        # Signed, so that nobody need be asked: a guest's socket opens without a query.
        guest = guest_of_cookie(cookies.get(GUEST_COOKIE))
        if guest is not None:
            return guest[0], None
    return new_guest()


def line_for(live: Live, scope: dict[str, Any], person: Identity, secret: str | None, send: Send) -> Line:
    """Return the session for what was asked for: protocol v1, or a plain client in one room.

    Raises BadRoomName, and VersionUnsupported for another subprotocol.
    """
    make_outlet = partial(outlet_for, scope, send)
    group = scope.get("url_route", {}).get("kwargs", {}).get("group")
    address = None if group is None else address_of(group)
    offered = scope.get("subprotocols") or []
    if SUBPROTOCOL in offered:
        return Session(live, person, make_outlet, address, secret)
    if address is None or offered:
        raise VersionUnsupported(f"ask for the subprotocol {SUBPROTOCOL}")
    return PlainSession(live, person, make_outlet, address)


async def _user(live: Live, scope: dict[str, Any], cookies: dict[str, str]) -> Identity | None:
    """Return who is logged in: whom the host put into the scope, else whose session the cookie names."""
    if "user" in scope:
        return await live.readers.run(identity_of_visitor, scope["user"])
    key = session_key(cookies)
    if key is None:
        return None
    if lie_in_tables():
        return await live.logins.ask(key)
    return await live.readers.run(identity_of_session, key)
