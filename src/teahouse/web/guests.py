"""Who looks at a page: the logged-in user or a guest, whom a cookie remembers; used by the views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from teahouse.addresses import address_of_request, network_of
from teahouse.chat.allowances import allowances
from teahouse.chat.people import (
    GUEST_COOKIE,
    Identity,
    guest_of_cookie,
    identity_of_cookies,
    new_guest,
    rename,
    seen_from,
    sign_guest,
)
from teahouse.errors import NotAllowed
from teahouse.models import Room
from teahouse.settings import settings

Response = TypeVar("Response", bound=HttpResponseBase)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, and the secret that the browser is to keep when it is new or was renamed."""

    person: Identity
    secret: str | None = None

    def remembered_by(self, request: HttpRequest, response: Response) -> Response:
        """Return the response, with the guest's cookie when there is something to remember."""
        if self.secret is not None:
            response.set_cookie(
                GUEST_COOKIE,
                sign_guest(self.secret, self.person.name),
                max_age=int(settings.GUEST_SECONDS),
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        return response


def visitor_of(request: HttpRequest) -> Visitor:
    """Return whom the cookies prove, or else a new guest with a made-up nickname."""
    network = network_of(address_of_request(request))
    person = identity_of_cookies(getattr(request, "user", None), request.COOKIES)
    if person is not None:
        return Visitor(seen_from(person, network))
    guest, secret = new_guest()
    return Visitor(seen_from(guest, network), secret)


def take_form(request: HttpRequest, visitor: Visitor) -> None:
    """Take one form of the commands that a person and an address may send over HTTP. Raises RateLimited."""
    allowed = allowances()
    if allowed is not None:
        allowed.request(address_of_request(request))
        allowed.request_of(visitor.person)


def take_post(visitor: Visitor, room: Room) -> None:
    """Take one of the messages that a person may post in a room. Raises RateLimited."""
    allowed = allowances()
    if allowed is not None:
        allowed.post(visitor.person, room.address)


def renamed(request: HttpRequest, name: str) -> Visitor:
    """Return the guest under a new nickname.

    Raises BadName, RateLimited, and NotAllowed for users, whom the site names.
    """
    visitor = visitor_of(request)
    take_form(request, visitor)
    if visitor.person.user_id is not None:
        raise NotAllowed("your name comes from your account and is changed there", field="name")
    known = guest_of_cookie(request.COOKIES.get(GUEST_COOKIE))
    return Visitor(rename(visitor.person, name), known[1] if known else visitor.secret)
