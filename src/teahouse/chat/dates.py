"""Finds the place of a moment in a room without an index of times, by halves of the numbers; used by ``pages``."""

from __future__ import annotations

from django.db import connection

# Each step looks at one message, by index: was the first at or after that number posted before the moment? Then the
# place lies further on. An index of times would cost each write; these looks are one statement, as many in any room.
_PLACE = """
WITH RECURSIVE search (earlier, step) AS (
    SELECT CAST(0 AS bigint), CAST(%s AS bigint)
    UNION ALL
    SELECT CASE WHEN (
        SELECT m.at FROM teahouse_message AS m WHERE m.room_id = %s AND m.seq >= earlier + step ORDER BY m.seq LIMIT 1
    ) < %s THEN earlier + step ELSE earlier END, step / 2
    FROM search WHERE step > 0
)
SELECT earlier + 1 FROM search WHERE step = 0
"""
_FIRST_STEP = 2**40
"""A power of two past the half of any room: a million posts a second for twelve days."""


def place_of(room_id: int, at: int) -> int:
    """Return the number from which on messages were posted at or after a time (milliseconds since 1970).

    That is past all messages when none was. Times rise with the numbers as long as nobody sets the clock back; where
    someone did it is a number near the right one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [_FIRST_STEP, room_id, at])
        found: tuple[int] = cursor.fetchone()
    return found[0]
