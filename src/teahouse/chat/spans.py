"""Cuts what entries touched into events of bounded size, each naming its span; used by writing and by reading a log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from teahouse.protocol.events import Changes, MemberRow, MessageRow

EVENT_BYTES = 32 * 1024
"""How large the rows of an event grow, but for one row alone: two events still fit into one write of 64 KiB."""

_encode = msgspec.json.Encoder().encode

Row = MessageRow | MemberRow


@dataclass(slots=True)
class _Span:
    """The rows of one event under way, by identity: entries that touched the same row show it once."""

    after: int
    upto: int
    rows: dict[int, Row] = field(default_factory=dict)
    size: int = 0

    def add(self, seq: int, row: Row | None, size: int) -> None:
        self.upto = seq
        self.size += size
        if row is not None:
            self.rows[id(row)] = row


def spans(room: str, epoch: str, after: int, touched: Iterable[tuple[int, Row | None]]) -> list[Changes]:
    """Return contiguous events for entries in order of number, each with the row that it touched, as it stands now.

    A row stands in the event of every entry that touched it, so each event is whole for a client that has what lies
    before its span.
    """
    events: list[Changes] = []
    span = _Span(after, after)
    for seq, row in touched:
        size = 0 if row is None or id(row) in span.rows else _size(row)
        if span.size and span.size + size > EVENT_BYTES:
            events.append(_event(room, epoch, span))
            span = _Span(span.upto, span.upto)
        span.add(seq, row, size)
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
    )


def _size(row: Row) -> int:
    """Return the bytes of a row on the wire, a comma included: escapes make some texts six times as long."""
    return len(_encode(row)) + 1
