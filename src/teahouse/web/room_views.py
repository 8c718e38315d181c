"""The pages about a room: the room itself, somebody in it, a message, the trail. Plain forms do what commands do."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from teahouse.chat.audit import audit_page
from teahouse.chat.invites import invite_link
from teahouse.chat.people import Identity
from teahouse.chat.rooms import read_while_entitled, room_at
from teahouse.chat.states import uncounted_state
from teahouse.errors import NotAllowed, TeahouseError
from teahouse.models import Room
from teahouse.web.about import RoomPage, about_message, about_person, about_room, message_url, person_url
from teahouse.web.answers import page, refused, see_other
from teahouse.web.chat_page import about_url
from teahouse.web.deeds import done, number
from teahouse.web.guests import Visitor, take_form, visitor_of
from teahouse.web.page_view import page_view
from teahouse.web.trail import lines


@page_view("GET", "HEAD", "POST")
def about(request: HttpRequest, name: str) -> HttpResponse:
    """Show what a room is and who is in it, and to who may, what they may change."""
    visitor = visitor_of(request)
    try:
        room = room_at(name)
        # The form of the next invitation: sent twice it makes one.
        key = secrets.token_urlsafe(16)
        again = partial(_page_of, request, visitor, "teahouse/about.html", room, about_room, invite_key=key)
        if request.method == "POST":
            return _done(request, visitor, room, about_url(room), again)
        shown = again()
        return shown if name == room.address else HttpResponseRedirect(about_url(room))
    except TeahouseError as error:
        return refused(request, visitor, error)


@page_view("GET", "HEAD", "POST")
def person(request: HttpRequest, name: str, uid: str) -> HttpResponse:
    """Show somebody in a room. Nobody, and who has nothing to do with it, are one and the same page."""
    visitor = visitor_of(request)
    try:
        room = room_at(name)
        look = partial(about_person, uid=uid)
        again = partial(_page_of, request, visitor, "teahouse/person.html", room, look)
        if request.method == "POST":
            return _done(request, visitor, room, person_url(room, uid), again, person=uid)
        return again()
    except TeahouseError as error:
        return refused(request, visitor, error)


@page_view("GET", "HEAD", "POST")
def message(request: HttpRequest, name: str, seq: int) -> HttpResponse:
    """Show a message with what may be done about it: report it, or delete it."""
    visitor = visitor_of(request)
    try:
        room = room_at(name)
        look = partial(about_message, seq=seq)
        again = partial(_page_of, request, visitor, "teahouse/message.html", room, look)
        if request.method == "POST":
            return _done(request, visitor, room, f"{message_url(room, seq)}?done", again, seq=str(seq))
        return again(is_done="done" in request.GET)
    except TeahouseError as error:
        return refused(request, visitor, error)


@page_view("GET", "HEAD")
def trail(request: HttpRequest, name: str) -> HttpResponse:
    """Show moderators what was done in a room by rights that not everybody has, the newest first."""
    visitor = visitor_of(request)
    try:
        before = number(request.GET["before"]) if "before" in request.GET else None

        def look(room: Room) -> tuple[RoomPage, list[dict[str, Any]], bool]:
            return RoomPage(room, uncounted_state(room, visitor.person)), *audit_page(room, before)

        about, rows, has_more = read_while_entitled("can_moderate", visitor.person, room_at(name), look)
        older_url = f"{request.path}?before={rows[-1]['audit']}" if has_more else ""
        shown = {"about": about, "trail": lines(rows), "older_url": older_url}
        return page(request, visitor, "teahouse/trail.html", shown)
    except TeahouseError as error:
        return refused(request, visitor, error)


def _page_of(
    request: HttpRequest,
    visitor: Visitor,
    template: str,
    room: Room,
    look: Callable[[Room, Identity], RoomPage],
    error: TeahouseError | None = None,
    **shown: Any,
) -> HttpResponse:
    """Render a page about a room that is there, for who may read it now, also when a form on it was refused."""
    person = visitor.person
    about = read_while_entitled(None, person, room, lambda fresh: look(fresh, person))
    return page(request, visitor, template, {"about": about, **shown}, error)


def _done(
    request: HttpRequest, visitor: Visitor, room: Room, here: str, again: Callable[..., HttpResponse], **named: str
) -> HttpResponse:
    """Do what a form asks for and lead on, or show its page ``again``. What the address names the form does not say."""
    form = {**request.POST.dict(), **named}
    deed = form.get("do", "")
    try:
        take_form(request, visitor)
        answer = done(form, room, visitor.person)
    except NotAllowed as error:
        steps_down = deed == "leave" or (deed == "role" and form["person"] == visitor.person.uid)
        return again(error, **({"refusal": _LAST_OWNER} if steps_down else {}))
    except TeahouseError as error:
        return again(error)
    if "code" in answer:
        # Told in the answer itself: an address or a session would keep it. Loading it again is the same key again.
        return again(link=invite_link(answer["code"], request))
    if deed == "direct":
        here = reverse("teahouse:room", args=[answer["room"]])
    elif deed == "leave" and room.kind != Room.Kind.OPEN:
        here = reverse("teahouse:lobby")
    return see_other(request, visitor, here)


_LAST_OWNER = gettext_lazy("You are this room's only owner. Make another member its owner first.")
