"""The pages: lobby, room, nickname, entering by a link. Plain HTML; scripts only make them livelier."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from teahouse.chat.rooms import enter, offers_to_make, rooms_for, same_person
from teahouse.chat.states import unread_of
from teahouse.chat.unread import UNREAD_MOST
from teahouse.errors import TeahouseError
from teahouse.models import Room
from teahouse.web.answers import next_url, page, refused, see_other
from teahouse.web.chat_page import Draft, bounds_of, chat_page, day_url, room_url
from teahouse.web.codes import opened_by
from teahouse.web.deeds import perform_fields
from teahouse.web.guests import Visitor, renamed, take_form, take_post, visitor_of
from teahouse.web.page_view import page_view


@page_view("GET", "HEAD", "POST")
def lobby(request: HttpRequest) -> HttpResponse:
    """Show the open rooms, and those that one is in.

    A POST opens the room that it names, made under the name as it was typed, or makes a private one.
    """
    visitor = visitor_of(request)
    name, kind = request.POST.get("room", ""), request.POST.get("kind", "")
    if request.method != "POST":
        return _lobby(request, visitor)
    try:
        take_form(request, visitor)
        url = _private_room(name, visitor) if kind == Room.Kind.PRIVATE else room_url(enter(name, visitor.person))
    except TeahouseError as error:
        return _lobby(request, visitor, error, room=name, kind=kind)
    return see_other(request, visitor, url)


@page_view("GET", "HEAD", "POST")
def room(request: HttpRequest, name: str) -> HttpResponse:
    """Show a room, made on first entry where the policy allows; a POST says something in it."""
    visitor = visitor_of(request)
    try:
        if request.method == "POST":
            take_form(request, visitor)
            return _post(request, visitor, enter(name, visitor.person))
        with same_person(visitor.person):
            found = enter(name, visitor.person)
            if name != found.address:
                return _moved(request, found)
            if "at" in request.GET:
                return HttpResponseRedirect(day_url(found, request.GET["at"]))
            shown = chat_page(found, visitor.person, bounds=bounds_of(request.GET))
    except TeahouseError as error:
        return refused(request, visitor, error)
    return page(request, visitor, "teahouse/room.html", {"chat": shown})


@page_view("POST")
def nickname(request: HttpRequest) -> HttpResponse:
    """Give the guest another nickname, and go on where they were."""
    name = request.POST.get("name", "")
    try:
        visitor = renamed(request, name)
    except TeahouseError as error:
        return _lobby(request, visitor_of(request), error, nickname=name)
    return see_other(request, visitor, next_url(request))


@sensitive_post_parameters("code")
@page_view("GET", "HEAD", "POST")
def enter_by_code(request: HttpRequest) -> HttpResponse:
    """Show where the code of a link is entered. Only a POST does it: a look at a link must not change who one is."""
    visitor = visitor_of(request)
    if request.method != "POST":
        return page(request, visitor, "teahouse/enter.html", {})
    try:
        take_form(request, visitor)
        opened = opened_by(request.POST.get("code", "").rpartition("#")[2], visitor)
    except TeahouseError as error:
        return page(request, visitor, "teahouse/enter.html", {}, error)
    return see_other(request, opened.visitor, opened.url)


def _lobby(request: HttpRequest, visitor: Visitor, error: TeahouseError | None = None, **typed: str) -> HttpResponse:
    rooms = rooms_for(visitor.person)
    unread = {pk: _at_most_99(count) for pk, count in unread_of(visitor.person, rooms).items() if count}
    offers = {str(kind): offers_to_make(visitor.person, str(kind)) for kind in (Room.Kind.OPEN, Room.Kind.PRIVATE)}
    shown = {"rooms": rooms, "unread": unread, "typed": typed, "offers": offers}
    return page(request, visitor, "teahouse/lobby.html", shown, error)


def _private_room(title: str, visitor: Visitor) -> str:
    made = perform_fields(visitor.person, type="create", title=title, kind="private")
    return reverse("teahouse:room", args=[made["room"]])


def _at_most_99(count: int) -> str:
    return str(count) if count < UNREAD_MOST else f"{UNREAD_MOST - 1}+"


def _post(request: HttpRequest, visitor: Visitor, found: Room) -> HttpResponse:
    # Browsers send the line breaks of a form as CR LF; scripts and everybody else write LF.
    text = request.POST.get("text", "").replace("\r\n", "\n")
    draft = Draft(text, request.POST["key"]) if request.POST.get("key") else Draft(text)
    try:
        take_post(visitor, found)
        answer = perform_fields(visitor.person, type="post", room=found.address, key=draft.key, text=text)
    except TeahouseError as error:
        shown = chat_page(found, visitor.person, draft=draft.refused(error), next_url=request.POST.get("next", ""))
        return page(request, visitor, "teahouse/room.html", {"chat": shown}, error)
    url = f"{next_url(request, room_url(found))}#m{answer['seq']}"
    return see_other(request, visitor, url)


def _moved(request: HttpRequest, found: Room) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(room_url(found) + (f"?{query}" if query else ""))
