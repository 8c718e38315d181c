"""The pages: lobby, room, nickname, entering by a link. Plain HTML; scripts only make them livelier."""

from __future__ import annotations

import math
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from teahouse.chat.commands import perform
from teahouse.chat.limits import limits
from teahouse.chat.rooms import enter, rooms_for
from teahouse.chat.states import unread_of
from teahouse.chat.unread import UNREAD_MOST
from teahouse.errors import TeahouseError
from teahouse.models import Room
from teahouse.protocol.codec import encode
from teahouse.protocol.connection import read
from teahouse.web.chat_page import Draft, bounds_of, chat_page, day_url, room_url
from teahouse.web.codes import opened_by
from teahouse.web.guests import Visitor, renamed, take_form, take_post, visitor_of
from teahouse.web.refusals import friendly

SEE_OTHER = 303


@csrf_protect  # whatever the host's middleware is: a form speaks as whom the cookies prove
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.non_atomic_requests
def lobby(request: HttpRequest) -> HttpResponse:
    """Show the open rooms; a POST opens the room that it names, made under the name as it was typed."""
    visitor = visitor_of(request)
    name = request.POST.get("room", "")
    if request.method != "POST":
        return _lobby(request, visitor)
    try:
        take_form(request, visitor)
        url = room_url(enter(name, visitor.person))
    except TeahouseError as error:
        return _lobby(request, visitor, error, room=name)
    return visitor.remembered_by(request, HttpResponseRedirect(url, status=SEE_OTHER))


@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.non_atomic_requests
def room(request: HttpRequest, name: str) -> HttpResponse:
    """Show a room, made on first entry where the policy allows; a POST says something in it."""
    visitor = visitor_of(request)
    try:
        if request.method == "POST":
            take_form(request, visitor)
        found = enter(name, visitor.person)
        if request.method == "POST":
            return _post(request, visitor, found)
        if name != found.address:
            return _moved(request, found)
        if "at" in request.GET:
            return HttpResponseRedirect(day_url(found, request.GET["at"]))
        shown = chat_page(found, visitor.person, bounds=bounds_of(request.GET))
    except TeahouseError as error:
        return _page(request, visitor, "teahouse/refused.html", {}, error)
    return _page(request, visitor, "teahouse/room.html", {"chat": shown})


@csrf_protect
@never_cache
@require_POST
@transaction.non_atomic_requests
def nickname(request: HttpRequest) -> HttpResponse:
    """Give the guest another nickname, and go on where they were."""
    name = request.POST.get("name", "")
    try:
        visitor = renamed(request, name)
    except TeahouseError as error:
        return _lobby(request, visitor_of(request), error, nickname=name)
    return visitor.remembered_by(request, HttpResponseRedirect(_next(request), status=SEE_OTHER))


@sensitive_post_parameters("code")
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.non_atomic_requests
def enter_by_code(request: HttpRequest) -> HttpResponse:
    """Show where the code of a link is entered. Only a POST does it: a look at a link must not change who one is."""
    visitor = visitor_of(request)
    if request.method != "POST":
        return _page(request, visitor, "teahouse/enter.html", {})
    try:
        opened = opened_by(request.POST.get("code", "").rpartition("#")[2], visitor)
    except TeahouseError as error:
        return _page(request, visitor, "teahouse/enter.html", {}, error)
    return opened.visitor.remembered_by(request, HttpResponseRedirect(opened.url, status=SEE_OTHER))


def _lobby(request: HttpRequest, visitor: Visitor, error: TeahouseError | None = None, **typed: str) -> HttpResponse:
    rooms = rooms_for(visitor.person)
    unread = {pk: _at_most_99(count) for pk, count in unread_of(visitor.person, rooms).items() if count}
    shown = {"rooms": rooms, "unread": unread, "typed": typed}
    return _page(request, visitor, "teahouse/lobby.html", shown, error)


def _at_most_99(count: int) -> str:
    return str(count) if count < UNREAD_MOST else f"{UNREAD_MOST - 1}+"


def _post(request: HttpRequest, visitor: Visitor, found: Room) -> HttpResponse:
    # Browsers send the line breaks of a form as CR LF; scripts and everybody else write LF.
    text = request.POST.get("text", "").replace("\r\n", "\n")
    draft = Draft(text, request.POST["key"]) if request.POST.get("key") else Draft(text)
    said = {"type": "post", "id": 0, "room": found.address, "key": draft.key, "text": text}
    try:
        take_post(visitor, found)
        answer, _ = perform(read(encode(said), limits()), visitor.person)
    except TeahouseError as error:
        next_url = request.POST.get("next", "")
        shown = chat_page(found, visitor.person, draft=draft.refused(error), next_url=next_url)
        return _page(request, visitor, "teahouse/room.html", {"chat": shown}, error)
    url = f"{_next(request, room_url(found))}#m{answer['seq']}"
    return visitor.remembered_by(request, HttpResponseRedirect(url, status=SEE_OTHER))


def _moved(request: HttpRequest, found: Room) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(room_url(found) + (f"?{query}" if query else ""))


def _page(
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


def _next(request: HttpRequest, otherwise: str | None = None) -> str:
    """Return where the form wants to go on, if that is on this site."""
    url = request.POST.get("next", "").partition("#")[0]
    if url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return url
    return otherwise or reverse("teahouse:lobby")
