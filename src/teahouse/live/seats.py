"""One socket's place in one room, as the hub knows it; every line has them, whatever it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from teahouse.live.frames import Batch, Frame, Start
from teahouse.live.hub import Channel
from teahouse.live.lanes import Lane
from teahouse.models import Room
from teahouse.protocol.events import Ended, Gap

if TYPE_CHECKING:
    from teahouse.live.line import Line

Work = Callable[[], Coroutine[Any, Any, None]]


class Seat:
    """One socket's place in one room: it hears the room from a position on, and its posts keep their order."""

    __slots__ = ("channel", "lane", "line", "room", "watching")

    def __init__(self, line: Line, room: Room) -> None:
        self.line = line
        self.room = room
        self.lane = Lane()
        self.channel: Channel | None = None
        self.watching: asyncio.Task[None] | None = None

    @property
    def paging(self) -> asyncio.Lock:
        """One page at a time is read for the whole socket."""
        return self.line.paging

    @property
    def hear(self) -> Callable[[Batch], None]:
        """What takes the next batch: the outlet itself, so that nothing stands between the hub and the socket."""
        return self.line.outlet.event

    def page(self, frame: Frame) -> None:
        """Take a frame of a catch-up, which is never dropped."""
        self.line.outlet.answer(frame)

    def start_anew(self, start: Start) -> None:
        """Take the newest page in place of all that it held."""
        self.line.outlet.answer(start)

    async def ready(self) -> None:
        """Return when the socket has taken the last page."""
        await self.line.outlet.drained()

    def lose(self) -> None:
        """Say that frames are missing; the client watches again."""
        self.stop_watching()
        self.line.say(Gap(self.room.address))

    def dismiss(self, code: str, text: str) -> None:
        """Say that the room is over."""
        self.stop_watching()
        self.line.seats.pop(self.room.address, None)
        self.line.say(Ended(self.room.address, code, text))

    def watch(self, work: Work) -> None:
        """Hear the room by this work, in place of whatever was under way."""
        self.stop_watching()
        self.watching = self.line.spawn(work)

    def stop_watching(self) -> None:
        """Hear the room no longer."""
        if self.watching is not None and self.watching is not asyncio.current_task():
            self.watching.cancel()
        self.watching = None
        if self.channel is not None:
            self.channel.leave(self)
