"""How fast one socket may ask; the sessions take each command and each change of messages from here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from teahouse.chat.allowances import allowances, limited
from teahouse.protocol import commands as said
from teahouse.protocol.closes import Close

if TYPE_CHECKING:
    from teahouse.live.line import Line
    from teahouse.live.seats import Seat

_SENDS = (said.Post, said.Edit, said.Delete)


def take_command(line: Line) -> None:
    """Take one of the commands that a socket may send. Raises RateLimited, and closes a socket that goes on and on.

    Who is refused may be refused as often and as fast as it may ask; that is past what one hears who heeds an answer.
    """
    allowed = allowances()
    if allowed is None:
        return
    pace, now = allowed.command, time.monotonic_ns()
    due = pace.take(line.due, now)
    if due > 0:
        line.due = due
        return
    refusal = limited("commands come faster than", pace, -due, "COMMANDS_PER_SECOND", "COMMAND_BURST")
    refused_due = pace.take(line.refused_due, now)
    if refused_due > 0:
        line.refused_due = refused_due
    else:
        line.leave(Close.RATE_LIMITED, refusal.text, refusal.retry_after)
    raise refusal


def take_change(line: Line, command: said.Command, seat: Seat) -> None:
    """Take one of the changes that a person may make to a room's messages. Raises RateLimited.

    A post that its lane refuses anyway takes none: it is left for the one that has to come first.
    """
    allowed = allowances()
    if allowed is None or not isinstance(command, _SENDS):
        return
    if not isinstance(command, said.Post) or seat.lane.refusal(command.key) is None:
        allowed.post(line.person, seat.room.address)
