"""Reads a room's log: where it stands, what changed since, and whether that can be continued from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from teahouse.chat.pages import COLUMNS, PERSON, message_of, newest_page
from teahouse.chat.spans import Row, spans
from teahouse.errors import NoSuchRoom
from teahouse.models import Log, Room
from teahouse.protocol.events import Changes, MemberRow, MessageRow, PersonRow, Reset
from teahouse.settings import settings

logger = logging.getLogger("teahouse.chat")

# One statement is one moment: the rows are no older than the entries say, and no entry is without its row.
_CHANGES = (
    f"SELECT e.seq, s.changed, s.role, {COLUMNS}, {PERSON} FROM teahouse_entry AS e"  # noqa: S608 (names of ours)
    " LEFT JOIN teahouse_message AS m ON m.room_id = e.log_id AND m.seq = e.message_seq"
    " LEFT JOIN teahouse_membership AS s ON s.room_id = e.log_id AND s.person_id = e.member_id"
    " LEFT JOIN teahouse_person AS p ON p.id = COALESCE(m.author_id, s.person_id)"
    " WHERE e.log_id = %s AND e.seq > %s AND e.seq <= %s ORDER BY e.seq"
)


def heads(room_ids: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Return (epoch, head) of each of these rooms' logs, in one query."""
    found = Log.objects.filter(pk__in=list(room_ids)).values_list("pk", "epoch", "head")
    return {pk: (epoch, head) for pk, epoch, head in found}


def head_of(room: Room) -> tuple[str, int]:
    """Return (epoch, head) of a room's log. Raises NoSuchRoom when it was deleted meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT epoch, head FROM teahouse_log WHERE id = %s", [room.pk])
        found: tuple[str, int] | None = cursor.fetchone()
    if found is None:
        raise NoSuchRoom(f"the room {room.address!r} is gone", field="room")
    return found


def changes_after(room: Room, epoch: str, after: int, head: int) -> list[Changes]:
    """Return events for the next page of entries after a number, at most up to ``head``: rows as they stand now.

    The page covers ``CATCH_UP_ENTRIES`` entries; ask again from the last event's ``upto`` while that is below the head.
    """
    upto = min(head, after + settings.CATCH_UP_ENTRIES)
    if upto <= after:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [room.pk, after, upto])
        entries = cursor.fetchall()
    return spans(room.address, epoch, after, _touched(entries))


def catch_up(
    room: Room, epoch: str | None, seq: int | None, may_reset_when_behind: bool = True
) -> list[Changes] | Reset:
    """Return what brings a position towards the head: a page of changes (none when level) or a reset."""
    if epoch is None or seq is None:
        return newest_page(room, "new")
    now_epoch, head = head_of(room)
    reason = reset_reason(epoch, seq, now_epoch, head)
    if reason == "behind" and not may_reset_when_behind:
        reason = None
    if reason == "ahead":
        logger.warning(
            "a client stands at %s of room %d, past its head %d: was the database restored?", seq, room.pk, head
        )
    if reason is not None:
        return newest_page(room, reason)
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


def _touched(entries: Sequence[Sequence[Any]]) -> Iterator[tuple[int, Row | None]]:
    """Yield each entry's number with the row that it touched; one row for all that touched the same."""
    messages: dict[int, MessageRow] = {}
    members: dict[str, MemberRow] = {}
    for seq, changed, role, *values in entries:
        uid, name, kind = values[-3:]
        if changed is not None:
            if uid not in members:
                members[uid] = MemberRow(PersonRow(uid, name, kind), changed, role or None)
            yield seq, members[uid]
        elif values[0] is not None:
            if values[0] not in messages:
                messages[values[0]] = message_of(values)
            yield seq, messages[values[0]]
        else:
            yield seq, None
