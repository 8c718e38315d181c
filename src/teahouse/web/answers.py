"""How a view answers: with a page, which says what was refused, or with the way to the next; used by all views."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from teahouse.errors import TeahouseError
from teahouse.web.guests import Visitor
from teahouse.web.refusals import friendly

SEE_OTHER = 303


def page(
    request: HttpRequest,
    visitor: Visitor,
    template: str,
    shown: dict[str, Any],
    error: TeahouseError | None = None,
) -> HttpResponse:
    """Render a page, with a refusal and its status when there is one."""
    refusal = friendly(error) if error else ""
    context = {"request": request, "person": visitor.person, "refusal": refusal, **shown}
    response = render(request, template, context, status=error.http_status if error else None)
    if error is not None and error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return visitor.remembered_by(request, response)


def refused(request: HttpRequest, visitor: Visitor, error: TeahouseError) -> HttpResponse:
    """Render the page that says only why there is nothing else."""
    return page(request, visitor, "teahouse/refused.html", {}, error)


def see_other(request: HttpRequest, visitor: Visitor, url: str) -> HttpResponse:
    """Lead on after a form was done, so that loading the page again does not send it again."""
    return visitor.remembered_by(request, HttpResponseRedirect(url, status=SEE_OTHER))


def next_url(request: HttpRequest, otherwise: str | None = None) -> str:
    """Return where the form wants to go on, if that is on this site."""
    url = request.POST.get("next", "").partition("#")[0]
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return url
    return otherwise or reverse("teahouse:lobby")
