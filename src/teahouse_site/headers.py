"""The Content-Security-Policy of every response of the site; a middleware, named in ``settings``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src {connect}"
)


@sync_and_async_middleware
def content_security_policy(get_response: Handler) -> Handler:
    """Let pages load and talk to this site alone, and run no script that stands in a page."""
    if iscoroutinefunction(get_response):

        async def later(request: HttpRequest) -> HttpResponseBase:
            return _with_policy(request, await cast("Awaitable[HttpResponseBase]", get_response(request)))

        return later

    def at_once(request: HttpRequest) -> HttpResponseBase:
        return _with_policy(request, cast("HttpResponseBase", get_response(request)))

    return at_once


def _with_policy(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", POLICY.format(connect=" ".join(_reachable(request))))
    return response


def _reachable(request: HttpRequest) -> list[str]:
    """Return where scripts may connect: this host, by socket too, which older Safaris do not count to 'self'."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return ["'self'"]
    # The grammar of the policy has no place for IPv6; what knows it takes 'self' for sockets too.
    return ["'self'"] if host.startswith("[") else ["'self'", f"ws://{host}", f"wss://{host}"]
