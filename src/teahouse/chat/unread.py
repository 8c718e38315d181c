"""Counts what was posted since somebody read; used by what shows many rooms at once."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

UNREAD_MOST = 100
"""People read "99+": beyond that nothing is counted."""

Place = tuple[int, int]
"""A room's key, and the number after which everything is unread."""

_PLACES_AT_ONCE = 400
"""Times two parameters stays below 999, the limit of an older SQLite."""

# Who is far behind costs a step along the index of numbers, and who is not a look at a few rows. An index of what
# stands would save those looks, and cost a tenth of every post.
# The second limit changes no count: it tells PostgreSQL that there are few rows.
_UNREAD = """
WITH places (room_id, seq) AS (VALUES {})
SELECT room_id, seq, CASE
    WHEN EXISTS (
        SELECT 1 FROM teahouse_message AS m WHERE m.room_id = places.room_id AND m.seq > places.seq
        ORDER BY m.seq LIMIT 1 OFFSET %s
    ) THEN %s
    ELSE (
        SELECT COUNT(*) FROM (
            SELECT m.deleted FROM teahouse_message AS m WHERE m.room_id = places.room_id AND m.seq > places.seq
            ORDER BY m.seq LIMIT %s
        ) AS later WHERE NOT later.deleted
    )
END
FROM places
"""


def unread(places: Collection[Place]) -> dict[Place, int]:
    """Return how many messages stand after a number, for each (room's key, number): a query a few hundred places.

    At most ``UNREAD_MOST``, which is also what a room has where more were posted since, deleted ones among them.
    """
    counts: dict[Place, int] = {}
    ordered = list(places)
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), _PLACES_AT_ONCE):
            some = ordered[start : start + _PLACES_AT_ONCE]
            asked = _UNREAD.format(", ".join(["(%s, %s)"] * len(some)))
            cursor.execute(asked, [*(number for place in some for number in place), *[UNREAD_MOST] * 3])
            counts.update({(room_id, seq): count for room_id, seq, count in cursor.fetchall()})
    return counts
