"""Who sends a command over HTTP, and that no other site's page made their browser send it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from teahouse.addresses import address_of_request, network_of
from teahouse.chat.allowances import allowances
from teahouse.chat.people import Identity, new_guest, seen_from, sign_guest
from teahouse.chat.proofs import ending
from teahouse.chat.tokens import identity_of_request, proved_by_token, shown_in
from teahouse.errors import HelloFirst, NotAllowed
from teahouse.protocol.commands import Command, Delete, Edit, Hello, Post


def caller(request: HttpRequest, command: Command) -> tuple[Identity, dict[str, Any]]:
    """Return who sends the command, and what hello is answered about their token: a new guest's, or when it ends.

    Raises BadToken, TokenExpired, NotAllowed without Django's CSRF token, HelloFirst for nobody known who does not say
    hello, and RateLimited for a person or an address that sends too much.
    """
    address = address_of_request(request)
    allowed = allowances()
    if allowed is not None:
        allowed.request(address)
    if shown_in(request.headers.get("Authorization")) is None:
        _refuse_forgery(request)
    person, told = _sender(request, command)
    person = seen_from(person, network_of(address))
    if allowed is not None and "token" not in told:
        allowed.request_of(person)
        if isinstance(command, Post | Edit | Delete):
            allowed.post(person, command.room)
    return person, told


def _sender(request: HttpRequest, command: Command) -> tuple[Identity, dict[str, Any]]:
    person = identity_of_request(request)
    if isinstance(command, Hello) and command.token is not None:
        proved = proved_by_token(command.token)
        return proved.person, ending(proved.proof)
    if person is not None:
        return person, {}
    if not isinstance(command, Hello):
        raise HelloFirst("nobody is known by this request; say hello first, and show the token that it answers")
    person, secret = new_guest(command.name)
    return person, {"token": sign_guest(secret, person.name)}


class _CsrfCheck(CsrfViewMiddleware):
    """Django's check, which tells the reason instead of answering."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _refuse_forgery(request: HttpRequest) -> None:
    if not request.COOKIES and "Origin" not in request.headers:
        return  # no browser: it has nothing that another site's page could use
    check = _CsrfCheck(_never_called)
    check.process_request(request)
    # The view that Django looks at for `csrf_exempt` is ours, which is exempt: so it is shown another.
    reason = check.process_view(request, _never_called, (), {})
    if reason is not None:
        raise NotAllowed(f"{reason} Send the header X-CSRFToken, or a Bearer token.")


def _never_called(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
