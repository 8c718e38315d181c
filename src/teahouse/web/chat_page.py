"""What the chat of one room shows, for the room's own page and for ``{% chat_room %}`` in a host's."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import get_current_timezone

from teahouse.chat.clock import now
from teahouse.chat.pages import HistoryPage, history
from teahouse.chat.people import Identity
from teahouse.chat.reports import count_waiting
from teahouse.chat.rooms import ask_to_enter
from teahouse.chat.states import uncounted_state
from teahouse.errors import BadField, KeyConflict, TeahouseError
from teahouse.models import FOREVER, Room
from teahouse.protocol.events import RoomState
from teahouse.settings import settings
from teahouse.web.deeds import number
from teahouse.web.refusals import FRIENDLY, friendly
from teahouse.web.strings import strings
from teahouse.web.times import clock

_BOUNDS = ("before", "after", "around")


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer. The key makes a form that is sent twice one message."""

    text: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    refusal: str = ""

    def refused(self, error: TeahouseError) -> Draft:
        """Return the draft to try again with, under a new key only when the old one is spent on another text."""
        key = secrets.token_urlsafe(16) if isinstance(error, KeyConflict) else self.key
        return Draft(self.text, key, friendly(error))


@dataclass(frozen=True, slots=True)
class ChatPage:
    """One room as one person finds it. ``person`` is None for a guest whom no cookie remembers yet."""

    room: Room
    person: Identity | None
    state: RoomState
    messages: HistoryPage
    waiting: int
    draft: Draft
    next_url: str
    first: bool

    @property
    def url(self) -> str:
        return room_url(self.room)

    @property
    def about_url(self) -> str:
        return about_url(self.room)

    @property
    def silenced(self) -> str:
        """Why nobody, or this person, writes here for now; nothing where they may, or never may."""
        if self.state.archived or self.state.locked:
            return str(FRIENDLY["room_archived" if self.state.archived else "room_locked"])
        until = self.state.muted_until
        if until <= now():
            return ""
        if until >= FOREVER:
            return str(FRIENDLY["muted"])
        return strings()["muted until"] % {"time": clock(until)}

    @property
    def socket_url(self) -> str:
        return reverse("teahouse:lobby") + "ws/"

    @property
    def page_messages(self) -> int:
        return settings.PAGE_MESSAGES

    @property
    def strings(self) -> dict[str, str]:
        return strings()

    @property
    def older_url(self) -> str:
        """Where the messages before these are, or nothing when there are none."""
        page = self.messages
        return f"{self.url}?before={page.messages[0].seq}" if page.more_before and page.messages else ""

    @property
    def newer_url(self) -> str:
        """Where the messages after these are, or nothing when there are none."""
        page = self.messages
        return f"{self.url}?after={page.messages[-1].seq}" if page.more_after and page.messages else ""


def chat_page(
    room: Room,
    person: Identity,
    *,
    bounds: Mapping[str, int] | None = None,
    draft: Draft | None = None,
    remembered: bool = True,
    next_url: str = "",
    first: bool = True,
) -> ChatPage:
    """Return a page of the room: the newest, or the one that the bounds ask for. Raises what entering raises."""
    state = uncounted_state(room, person)
    messages = history(room, **(bounds or {}))
    if messages.rights != room.rights:  # perhaps the right ended between the two
        ask_to_enter(room, person)
    return ChatPage(
        room=room,
        person=person if remembered else None,
        state=state,
        messages=messages,
        waiting=count_waiting(room) if state.can_moderate else 0,
        draft=draft or Draft(),
        next_url=next_url,
        first=first,
    )


def bounds_of(query: Mapping[str, str]) -> dict[str, int]:
    """Return which page of history an address asks for. Raises BadField."""
    return {name: number(query[name], name) for name in _BOUNDS if name in query}


def day_url(room: Room, day: str) -> str:
    """Return the address of the first message of a day (YYYY-MM-DD, in the zone that the page shows) or later.

    That is the room's own when nothing was posted since, or no day is named. Raises BadField.
    """
    found = history(room, at=_beginning_of(day), limit=1).messages if day else []
    url = room_url(room)
    return f"{url}?around={found[0].seq}#m{found[0].seq}" if found else url


def room_url(room: Room) -> str:
    """Return the one address of the room's page, percent-encoded."""
    return reverse("teahouse:room", args=[room.address])


def about_url(room: Room) -> str:
    """Return the address of the page about the room."""
    return reverse("teahouse:about", args=[room.address])


def _beginning_of(day: str) -> int:
    try:
        date = parse_date(day)
    except ValueError:  # well written, and in no calendar
        date = None
    if date is None:
        raise BadField("at is not a day, as in 2026-05-01", field="at")
    return max(0, int(datetime.combine(date, time.min, get_current_timezone()).timestamp() * 1000))
