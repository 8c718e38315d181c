"""Reads a room's log: what changed since, the newest page, and pages of history, all by number and never by offset."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from teahouse.chat.rows import member_row, message_row
from teahouse.chat.spans import Row, spans
from teahouse.errors import BadField, NoSuchRoom
from teahouse.models import Entry, Log, Membership, Message, Room
from teahouse.protocol.events import Changes, MemberRow, MessageRow, Reset
from teahouse.settings import settings

logger = logging.getLogger("teahouse.chat")

MAX_PAGE = 100


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Messages in ascending order, and whether there are more before and after them."""

    epoch: str
    messages: list[MessageRow]
    more_before: bool
    more_after: bool


def heads(room_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Return (epoch, head) of each of these rooms' logs, in one query."""
    return {pk: (epoch, head) for pk, epoch, head in _log_rows(room_ids)}


def head_of(room: Room) -> tuple[str, int]:
    """Return (epoch, head) of a room's log. Raises NoSuchRoom when it was deleted meanwhile."""
    found = heads([room.pk])
    if room.pk not in found:
        raise NoSuchRoom(f"the room {room.address!r} is gone", field="room")
    return found[room.pk]


def changes_after(room: Room, epoch: str, after: int, head: int) -> list[Changes]:
    """Return events for the next page of entries after a number, at most up to ``head``: rows as they stand now.

    The page covers ``CATCH_UP_ENTRIES`` entries; ask again from the last event's ``upto`` while that is below the head.
    """
    upto = min(head, after + settings.CATCH_UP_ENTRIES)
    entries = list(
        Entry.objects.filter(log_id=room.pk, seq__gt=after, seq__lte=upto)
        .order_by("seq")
        .values_list("seq", "message_seq", "member_id")
    )
    messages = _messages_at(room, {message_seq for _, message_seq, _ in entries if message_seq})
    members = _members(room, {person for _, _, person in entries if person})
    touched: list[tuple[int, Row | None]] = [
        (seq, messages.get(message_seq) if message_seq is not None else members.get(person_id))
        for seq, message_seq, person_id in entries
    ]
    return spans(room.address, epoch, after, touched)


def catch_up(
    room: Room, epoch: str | None, seq: int | None, may_reset_when_behind: bool = True
) -> list[Changes] | Reset:
    """Return what brings a position towards the head: a page of changes (none when level) or a reset."""
    now_epoch, head = head_of(room)
    reason = reset_reason(epoch, seq, now_epoch, head)
    if reason == "behind" and not may_reset_when_behind:
        reason = None
    if reason == "ahead":
        logger.warning(
            "a client stands at %s of room %d, past its head %d: was the database restored?", seq, room.pk, head
        )
    if reason is not None or seq is None:
        return newest_page(room, reason or "new", now_epoch, head)
    return changes_after(room, now_epoch, seq, head)


def reset_reason(epoch: str | None, seq: int | None, now_epoch: str, head: int) -> str | None:
    """Return why a position cannot be continued from, or None when it can."""
    if epoch is None or seq is None:
        return "new"
    if epoch != now_epoch:
        return "epoch"
    if seq > head:
        return "ahead"
    return "behind" if head - seq > settings.RESET_ENTRIES else None


def newest_page(room: Room, reason: str, epoch: str, head: int) -> Reset:
    """Return the newest page. ``head`` was read before its rows, so they are at least as new as the position says."""
    rows, more = _page(_messages(room).order_by("-seq"), settings.PAGE_MESSAGES)
    return Reset(room=room.address, epoch=epoch, upto=head, reason=reason, messages=rows[::-1], more=more)


def history(
    room: Room,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int | None = None,
) -> HistoryPage:
    """Return a page of messages before, after or around a number; the newest page when none is given.

    ``around`` has the message with that number, or the nearest older one, in its middle.
    """
    if sum(bound is not None for bound in (before, after, around)) > 1:
        raise BadField("history takes one of before, after and around", field="before")
    size = min(limit or settings.PAGE_MESSAGES, MAX_PAGE)
    epoch, _ = head_of(room)
    if around is not None:
        return _page_around(room, epoch, around, size)
    messages = _messages(room)
    if after is not None:
        rows, more = _page(messages.filter(seq__gt=after).order_by("seq"), size)
        return HistoryPage(epoch, rows, messages.filter(seq__lte=after).exists(), more)
    older = messages if before is None else messages.filter(seq__lt=before)
    rows, more = _page(older.order_by("-seq"), size)
    more_after = before is not None and messages.filter(seq__gte=before).exists()
    return HistoryPage(epoch, rows[::-1], more, more_after)


def _page_around(room: Room, epoch: str, around: int, size: int) -> HistoryPage:
    messages = _messages(room)
    older, more_before = _page(messages.filter(seq__lte=around).order_by("-seq"), size - size // 2)
    newer, more_after = _page(messages.filter(seq__gt=around).order_by("seq"), size // 2)
    return HistoryPage(epoch, older[::-1] + newer, more_before, more_after)


def _page(messages: QuerySet[Message], size: int) -> tuple[list[MessageRow], bool]:
    found = list(messages[: size + 1])
    return [message_row(message) for message in found[:size]], len(found) > size


def _messages(room: Room) -> QuerySet[Message]:
    return Message.objects.filter(room_id=room.pk).select_related("author")


def _messages_at(room: Room, places: set[int]) -> dict[int, MessageRow]:
    return {message.seq: message_row(message) for message in _messages(room).filter(seq__in=places)} if places else {}


def _members(room: Room, people: set[int]) -> dict[int | None, MemberRow]:
    if not people:
        return {}
    found = Membership.objects.filter(room_id=room.pk, person_id__in=people).select_related("person")
    return {membership.person_id: member_row(membership) for membership in found}


def _log_rows(room_ids: Iterable[int]) -> Iterable[tuple[int, str, int]]:
    return Log.objects.filter(pk__in=list(room_ids)).values_list("pk", "epoch", "head")
