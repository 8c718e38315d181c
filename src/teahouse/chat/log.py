"""Reads a room's log: where it stands, what changed since, and whether that can be continued from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from teahouse.chat.endings import whose
from teahouse.chat.pages import COLUMNS, PERSON, message_of, newest_page
from teahouse.chat.spans import Touching, spans
from teahouse.errors import NoSuchRoom
from teahouse.models import Entry, Log, Room
from teahouse.protocol.events import Changes, MemberRow, MessageRow, PersonRow, Reset, RoomRow
from teahouse.rates import Pace, Rate
from teahouse.settings import settings

logger = logging.getLogger("teahouse.chat")

_told = Rate(Pace(1 / 60, 1))
"""Of which rooms it was said lately that a client stands past their heads, as any client may claim at any time."""

# One statement is one moment: the rows are no older than the entries say, and no entry is without its row.
_CHANGES = (
    "SELECT e.seq, e.kind, s.changed, s.role, s.banned_until, s.muted_until,"  # noqa: S608 (names of ours)
    " r.title, r.kind, r.locked, r.archived, r.slow_seconds, r.changed,"
    f" {COLUMNS}, {PERSON} FROM teahouse_entry AS e"
    " LEFT JOIN teahouse_message AS m ON m.room_id = e.log_id AND m.seq = e.message_seq"
    " LEFT JOIN teahouse_membership AS s ON s.room_id = e.log_id AND s.person_id = e.member_id"
    f" LEFT JOIN teahouse_room AS r ON r.log_id = e.log_id AND e.kind = {Entry.Kind.CONFIGURE.value}"
    " LEFT JOIN teahouse_person AS p ON p.id = COALESCE(m.author_id, e.member_id)"
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
    if reason == "ahead" and not _told.take((room.pk, now_epoch)):
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


def _touched(entries: Sequence[Sequence[Any]]) -> Iterator[Touching]:
    """Yield each entry's number with the row that it touched; one row for all that touched the same."""
    messages: dict[int, MessageRow] = {}
    members: dict[str, MemberRow] = {}
    info: RoomRow | None = None
    for seq, kind, changed, role, banned_until, muted_until, *rest in entries:
        about_room, values = rest[:6], rest[6:]
        uid, name, person_kind = values[-3:]
        ends = whose(kind, uid, person_kind)
        if changed is not None:
            if uid not in members:
                members[uid] = MemberRow(
                    PersonRow(uid, name, person_kind), changed, role or None, banned_until, muted_until
                )
            yield seq, members[uid], ends
        elif values[0] is not None:
            if values[0] not in messages:
                messages[values[0]] = message_of(values)
            yield seq, messages[values[0]], ends
        elif about_room[0] is not None:
            info = info or _room_row(*about_room)
            yield seq, info, ends
        else:
            yield seq, None, ends


def _room_row(title: str, kind: str, locked: int, archived: int, slow_seconds: int, changed: int) -> RoomRow:
    return RoomRow(title, kind, bool(locked), bool(archived), slow_seconds, changed)
