"""The audit trail: what was done by rights that not everybody has; written with the deed, read by moderators."""

from __future__ import annotations

from typing import Any

import msgspec

from teahouse.chat.clock import now
from teahouse.chat.people import Identity, row_of
from teahouse.chat.rows import person_row
from teahouse.models import Audit, Room

PAGE = 50


def keep_audit(
    action: str, room: Room, by: Identity, *, message_seq: int | None = None, **details: int | str | None
) -> None:
    """Keep for ever who did this; inside the transaction that does it."""
    said = {name: value for name, value in details.items() if value not in (None, "")}
    Audit.objects.create(
        room=room,
        action=action,
        actor=row_of(by),
        message_seq=message_seq,
        details=msgspec.json.encode(said).decode() if said else "",
        at=now(),
    )


def audit_page(room: Room, before: int | None = None, limit: int = PAGE) -> tuple[list[dict[str, Any]], bool]:
    """Return a page of a room's trail for the wire, the newest first, and whether there is more. Asks no rights."""
    found = Audit.objects.select_related("actor", "person").filter(room=room).order_by("-pk")
    rows = list((found if before is None else found.filter(pk__lt=before))[: limit + 1])
    return [_row(audit) for audit in rows[:limit]], len(rows) > limit


def _row(audit: Audit) -> dict[str, Any]:
    row: dict[str, Any] = {
        "audit": audit.pk,
        "action": audit.action,
        "at": audit.at,
        "actor": person_row(audit.actor),
    }
    if audit.person is not None:
        row["person"] = person_row(audit.person)
    if audit.message_seq is not None:
        row["seq"] = audit.message_seq
    if audit.details:
        row["details"] = msgspec.json.decode(audit.details)
    return row
