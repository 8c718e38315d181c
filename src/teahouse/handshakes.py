"""What one handshake asks for: who opens the socket, and which session serves it; used by ``consumers`` alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from teahouse.addresses import network_of
from teahouse.chat.logins import lie_in_tables, session_key
from teahouse.chat.making import address_of
from teahouse.chat.people import GUEST_COOKIE, Identity, guest_of_cookie, new_guest, seen_from
from teahouse.chat.proofs import Proof, Proved, proved_by_host, proved_by_session
from teahouse.chat.tokens import proved_by, shown_in
from teahouse.errors import VersionUnsupported
from teahouse.live.line import Line
from teahouse.live.outlet import Send
from teahouse.live.plain import PlainSession
from teahouse.live.process import Live
from teahouse.live.session import Session
from teahouse.live.wire import outlet_for
from teahouse.origins import check_origin, cookies_of, headers_of

SUBPROTOCOL = "teahouse.v1"


async def identify(live: Live, scope: dict[str, Any], address: str) -> tuple[Identity, str | None, Proof | None]:
    """Return who opens the socket from this address, the secret of a guest without a cookie, and what proves a user.

    Raises OriginRefused, BadToken, TokenExpired, and Unavailable when nobody can say who is logged in.
    """
    person, secret, proof = await _known(live, scope)
    return seen_from(person, network_of(address)), secret, proof


async def _known(live: Live, scope: dict[str, Any]) -> tuple[Identity, str | None, Proof | None]:
    headers = headers_of(scope)
    is_page = check_origin(headers, scope.get("scheme", "ws"))
    shown = shown_in(headers.get("authorization"))
    if shown is not None:
        person, proof = await live.readers.run(proved_by, shown)
        return person, None, proof
    if is_page:
        cookies = cookies_of(headers)
        user = await _user(live, scope, cookies)
        if user is not None:
            return user.person, None, user.proof
        # Signed, so that nobody need be asked: a guest's socket opens without a query.
        guest = guest_of_cookie(cookies.get(GUEST_COOKIE))
        if guest is not None:
            return guest[0], None, None
    return *new_guest(), None


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


async def _user(live: Live, scope: dict[str, Any], cookies: dict[str, str]) -> Proved | None:
    """Return who is logged in: whom the host put into the scope, else whose session the cookie names."""
    key = session_key(cookies)
    if "user" in scope:
        return await live.readers.run(proved_by_host, scope["user"], key)
    if key is None:
        return None
    if lie_in_tables():
        return await live.logins.ask(key)
    return await live.readers.run(proved_by_session, key)
