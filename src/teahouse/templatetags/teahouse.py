"""``{% chat_room room %}``, which puts a room into a host's page, and the filters of our own templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.http import HttpRequest
from django.template import Context, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import now

from teahouse.addresses import address_of_request, network_of
from teahouse.chat.clock import moment
from teahouse.chat.clock import now as now_in_milliseconds
from teahouse.chat.making import ensure_room
from teahouse.chat.patience import patience
from teahouse.chat.people import identity_of_cookies, new_guest, seen_from
from teahouse.chat.rooms import enter, same_person
from teahouse.errors import TeahouseError
from teahouse.models import Room
from teahouse.web.chat_page import chat_page
from teahouse.web.refusals import friendly
from teahouse.web.times import banned, clock, muted, stamp

register = template.Library()
register.filter(moment)
register.filter(clock)
register.filter(stamp)
register.filter(banned)
register.filter(muted)

_SEEN = "teahouse.rooms_in_page"


@register.simple_tag(takes_context=True)
def chat_room(context: Context, room: Room | str) -> SafeString:
    """Show a room, itself or by its name, to whom the policy lets in; needs ``request`` in the context.

    One that is named is made when it is not there, whoever looks: that the host's own template says so is permission
    enough.
    A guest whom no cookie remembers is made one by the socket or by the first form that is sent.
    """
    request = context.get("request")
    if not isinstance(request, HttpRequest):
        processor = "django.template.context_processors.request"
        raise TemplateSyntaxError(
            f'{{% chat_room %}} needs the request: render with it, and have "{processor}" in context_processors'
        )
    person = identity_of_cookies(getattr(request, "user", None), request.COOKIES)
    first = not request.META.get(_SEEN)
    request.META[_SEEN] = True
    try:
        # A banned guest is not let in for having thrown the cookie away.
        asking = seen_from(person or new_guest()[0], network_of(address_of_request(request)))
        address = room.address if isinstance(room, Room) else ensure_room(room).address
        with patience(), same_person(asking):
            found = enter(address, asking)
            shown = chat_page(
                found, asking, remembered=person is not None, next_url=request.get_full_path(), first=first
            )
    except TeahouseError as error:
        return render_to_string("teahouse/_embedded_refusal.html", {"refusal": friendly(error), "first": first})
    return render_to_string("teahouse/_embedded.html", {"chat": shown}, request=request)


@register.filter
def of(values: Mapping[int, str], key: int) -> str:
    """Return the value of a key, or nothing."""
    return values.get(key, "")


@register.filter
def since(at: datetime) -> str:
    """Return how long ago that was, in its greatest unit alone; nothing when it is less than a minute."""
    return timesince(at, depth=1) if now() - at >= timedelta(minutes=1) else ""


@register.filter
def is_ahead(milliseconds: int) -> bool:
    """Claim that a time is still to come."""
    return milliseconds > now_in_milliseconds()
