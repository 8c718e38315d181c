"""Cuts what entries touched into events of bounded size, each naming its span; used by writing and by reading a log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from teahouse.protocol.events import Changes, MemberRow, MessageRow, RoomRow

EVENT_BYTES = 32 * 1024
"""How large the rows of an event grow, but for one row alone: two events still fit into one write of 64 KiB."""

_FRAME_OF_A_ROW = len('{"seq":,"changed":,"at":,"author":,"key":"","edited_at":,"deleted":true},') + 4 * 20
"""What a row has besides its texts: names, marks, and four numbers that are as long as numbers can be."""

_encode = msgspec.json.Encoder().encode

Row: TypeAlias = MessageRow | MemberRow | RoomRow

Touching: TypeAlias = tuple[int, Row | None, str]
"""An entry's number, the row that it touched as it stands now, and whose rights it may have ended ("": nobody's)."""


@dataclass(slots=True)
class _Span:
    """The rows of one event under way, by identity: entries that touched the same row show it once."""

    after: int
    upto: int
    rows: dict[int, Row] = field(default_factory=dict)
    size: int = 0
    ends: str = ""

    def add(self, seq: int, row: Row | None, size: int) -> None:
        self.upto = seq
        self.size += size
        if row is not None:
            self.rows[id(row)] = row


def spans(room: str, epoch: str, after: int, touched: Iterable[Touching]) -> list[Changes]:
    """Return contiguous events for entries in order of number, each with the row that it touched, as it stands now.

    A row stands in the event of every entry that touched it, so each event is whole for a client that has what lies
    before its span. An entry that may end somebody's rights is the last one of its event.
    """
    events: list[Changes] = []
    people: dict[int, int] = {}
    span = _Span(after, after)
    for seq, row, ends in touched:
        if span.ends:
            events.append(_event(room, epoch, span))
            span = _Span(span.upto, span.upto)
        # Of this span: a row that stood in the one before takes its place here again.
        size = 0 if row is None or id(row) in span.rows else _size(row, people)
        if span.size and span.size + size > EVENT_BYTES:
            events.append(_event(room, epoch, span))
            span = _Span(span.upto, span.upto)
        span.add(seq, row, size)
        span.ends = ends
    if span.upto > span.after:
        events.append(_event(room, epoch, span))
    return events


def _event(room: str, epoch: str, span: _Span) -> Changes:
    rows = span.rows.values()
    return Changes(
        room=room,
        epoch=epoch,
        after=span.after,
        upto=span.upto,
        messages=[row for row in rows if isinstance(row, MessageRow)],
        members=[row for row in rows if isinstance(row, MemberRow)],
        info=next((row for row in rows if isinstance(row, RoomRow)), None),
        rights=[span.ends] if span.ends else [],
    )


def text_bytes(text: str) -> int:
    """Return the bytes of a text on the wire: escapes make some texts six times as long as they look."""
    return len(_encode(text))


def _size(row: Row, people: dict[int, int]) -> int:
    """Return at least the bytes of a row on the wire, a comma included, and hardly more."""
    if isinstance(row, RoomRow):
        return len(_encode(row)) + 1
    person = row.author if isinstance(row, MessageRow) else row.person
    size = people.get(id(person)) or people.setdefault(id(person), len(_encode(person)))
    if isinstance(row, MessageRow):
        return _FRAME_OF_A_ROW + size + len(row.key) + (text_bytes(row.text) if row.text else 0)
    return _FRAME_OF_A_ROW + size
