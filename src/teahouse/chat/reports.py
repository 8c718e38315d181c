"""Reports: messages that somebody wants looked at, in a queue until a moderator resolves them; used by the edges."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from teahouse.chat.audit import keep_audit
from teahouse.chat.clock import now
from teahouse.chat.people import Identity, row_of
from teahouse.chat.rows import message_row, person_row
from teahouse.errors import NoSuchMessage, NoSuchReport
from teahouse.models import Message, Report, Room

MOST_SHOWN = 100


def report(room: Room, seq: int, by: Identity, reason: str = "") -> Report:
    """Put a message into the queue of its room's moderators. Asks no rights; raises NoSuchMessage.

    Reporting twice is one report, which waits again when it was resolved.
    """
    if not Message.objects.filter(room=room, seq=seq, deleted=False).exists():
        raise NoSuchMessage(f"this room has no message {seq}", field="seq")
    again = {"reason": reason, "at": now(), "resolver": None, "resolved_at": None, "outcome": ""}
    found, _ = Report.objects.update_or_create(room=room, message_seq=seq, reporter=row_of(by), defaults=again)
    return found


def waiting_reports(room: Room) -> list[dict[str, Any]]:
    """Return what waits for a moderator, the oldest first, each with its message as it stands. Asks no rights."""
    found = Report.objects.select_related("reporter").filter(room=room, resolved_at=None).order_by("pk")
    reports = list(found[:MOST_SHOWN])
    seqs = {report.message_seq for report in reports}
    messages = {
        message.seq: message for message in Message.objects.select_related("author").filter(room=room, seq__in=seqs)
    }
    return [
        {
            "report": report.pk,
            "at": report.at,
            "reason": report.reason,
            "reporter": person_row(report.reporter),
            "message": message_row(messages[report.message_seq]),
        }
        for report in reports
    ]


def count_waiting(room: Room) -> int:
    """Return how many reports wait for a moderator, ``MOST_SHOWN`` for so many and more. Asks no rights."""
    return Report.objects.filter(room=room, resolved_at=None)[:MOST_SHOWN].count()


def resolve(room: Room, report_id: int, by: Identity, outcome: str = "") -> None:
    """Take a report from the queue, and say what came of it. Asks no rights; raises NoSuchReport."""
    with transaction.atomic():
        waiting = Report.objects.filter(pk=report_id, room=room, resolved_at=None)
        seq = waiting.values_list("message_seq", flat=True).first()
        if seq is None or not waiting.update(resolver=row_of(by), resolved_at=now(), outcome=outcome):
            raise NoSuchReport(f"no report {report_id} waits in this room", field="report")
        keep_audit("resolve", room, by, message_seq=seq, report=report_id, outcome=outcome)
