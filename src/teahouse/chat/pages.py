"""Reads pages of a room's messages, by number and never by offset; each is one statement, so one moment of the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from teahouse.chat.dates import place_of
from teahouse.errors import BadField, NoSuchRoom
from teahouse.models import Room
from teahouse.protocol.events import MessageRow, PersonRow, Reset
from teahouse.settings import settings

MAX_PAGE = 100

_PAST_ALL = 2**63 - 1

COLUMNS = "m.seq, m.changed, m.at, m.key, m.text, m.edited_at, m.deleted"
"""What ``message_of`` needs of a message; the ``PERSON`` columns of its author follow."""
PERSON = "p.uid, p.name, p.kind"

# SQLite walks a cross join from the left: the messages by their index, and for each its author.
_ARM = (
    f"SELECT {COLUMNS}, {PERSON} FROM teahouse_message AS m CROSS JOIN teahouse_person AS p"  # noqa: S608 (names of ours)
    " WHERE m.room_id = %s AND m.seq {} %s AND p.id = m.author_id ORDER BY m.seq {} LIMIT %s"
)
_PAGE = (
    "SELECT page.*, l.epoch, l.head, r.rights"  # noqa: S608
    " FROM teahouse_log AS l JOIN teahouse_room AS r ON r.log_id = l.id LEFT JOIN ("
    f"SELECT * FROM ({_ARM.format('<', 'DESC')}) AS older UNION ALL"
    f" SELECT * FROM ({_ARM.format('>=', 'ASC')}) AS newer"
    ") AS page ON TRUE WHERE l.id = %s"
)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Messages in ascending order, whether there are more before and after them, and where the log stood then.

    ``rights`` is the room's number of that moment: who was let in at a lower one must be asked again before they see
    the page.
    """

    epoch: str
    head: int
    rights: int
    messages: list[MessageRow]
    more_before: bool
    more_after: bool


def history(
    room: Room,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    at: int | None = None,
    limit: int | None = None,
) -> HistoryPage:
    """Return a page of messages before, after or around a number; the newest page when none is given.

    ``around`` has the message with that number, or the nearest older one, in its middle; ``at`` (milliseconds since
    1970) the first that was posted then or later, or one near it where the clock was set back. Raises NoSuchRoom when
    the room was deleted meanwhile.
    """
    if sum(bound is not None for bound in (before, after, around, at)) > 1:
        raise BadField("history takes one of before, after, around and at", field="before")
    size = min(limit or settings.PAGE_MESSAGES, MAX_PAGE)
    half = size // 2
    if before is not None:
        return _page(room, before, size, 0)
    if after is not None:
        return _page(room, after + 1, 0, size)
    if around is not None:
        return _page(room, around + 1, size - half, half)
    if at is not None:
        return _page(room, place_of(room.pk, at), half, size - half)
    return _page(room, _PAST_ALL, size, 0)


def newest_page(room: Room, reason: str) -> Reset:
    """Return the newest page as what begins a picture anew."""
    page = _page(room, _PAST_ALL, settings.PAGE_MESSAGES, 0)
    return Reset(
        room=room.address,
        epoch=page.epoch,
        upto=page.head,
        reason=reason,
        messages=page.messages,
        more=page.more_before,
        rights=page.rights,
    )


def message_of(values: Sequence[Any]) -> MessageRow:
    """Return a message as it stands, from the values of ``COLUMNS`` and of its author's; a deleted one has no text."""
    seq, changed, at, key, text, edited_at, deleted, uid, name, kind = values
    author = PersonRow(uid, name, kind)
    if deleted:
        return MessageRow(seq, changed, at, author, key, deleted=True)
    return MessageRow(seq, changed, at, author, key, text, edited_at)


def _page(room: Room, split: int, older: int, newer: int) -> HistoryPage:
    """Return so many messages below and from a number on; one more is asked for on both sides, to know of it."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, [room.pk, split, older + 1, room.pk, split, newer + 1, room.pk])
        found = cursor.fetchall()
    if not found:
        raise NoSuchRoom(f"the room {room.address!r} is gone", field="room")
    *_, epoch, head, rights = found[0]
    rows = sorted(row for row in found if row[0] is not None)
    below = sum(row[0] < split for row in rows)
    start, end = max(0, below - older), min(len(rows), below + newer)
    messages = [message_of(row[:-3]) for row in rows[start:end]]
    return HistoryPage(epoch, head, rights, messages, start > 0, end < len(rows))
