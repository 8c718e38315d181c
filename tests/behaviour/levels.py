"""When many clients stand where the log stands, and show what the table holds; the last word of most tests here."""

import asyncio
from collections.abc import Iterable

from tests.behaviour.chatter import Chatter
from tests.behaviour.tables import Tables


async def all_level(chatters: Iterable[Chatter], tables: Tables, seconds: float = 30) -> None:
    """Waits until all stand at the head of the log; then each picture must be what the table holds, row for row."""
    chatters = list(chatters)
    room = chatters[0].room
    head = tables.head(room)
    assert tables.numbers(room) == list(range(1, head + 1)), "the numbers have holes"
    await asyncio.gather(*(chatter.until_at(head, seconds) for chatter in chatters))
    rows = {row["seq"]: row for row in tables.messages(room)}
    for chatter in chatters:
        held = chatter.picture.messages
        assert {seq: row for seq, row in held.items() if row != rows.get(seq)} == {}, chatter
        assert {seq for seq in rows if seq >= chatter.floor} - held.keys() == set(), chatter
