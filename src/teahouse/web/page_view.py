"""What every view of a page has around it, whatever the host's middleware and settings are; used by all views."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from teahouse.chat.patience import patience

View = TypeVar("View", bound=Callable[..., HttpResponse])


def page_view(*methods: str) -> Callable[[View], View]:
    """Make a function the view of a page that takes these methods.

    Its forms are held to Django's CSRF check, for they speak as whom the cookies prove. No cache keeps what it shows to
    one person. It stands in no transaction of the request's, and waits ``POLICY_SECONDS`` for a host's policy.
    """

    def around(view: View) -> View:
        for wrap in (
            patience(),
            transaction.non_atomic_requests,
            require_http_methods(list(methods)),
            never_cache,
            csrf_protect,
        ):
            view = wrap(view)
        return view

    return around
