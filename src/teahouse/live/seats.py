"""One socket's place in one room, as the hub knows it; every line has them, whatever it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from teahouse.chat.actions import Action, AskAgain, Result
from teahouse.chat.commands import WritingCommand
from teahouse.chat.endings import concerns
from teahouse.chat.policy import has_own_policy
from teahouse.chat.rooms import ask_to_enter
from teahouse.errors import TeahouseError, Unavailable
from teahouse.live.catch_up import UNASKED, bring_level
from teahouse.live.frames import Batch, Frame, Start
from teahouse.live.hub import Channel
from teahouse.live.lanes import Lane
from teahouse.models import Room
from teahouse.protocol.commands import Post
from teahouse.protocol.events import Ended, Gap

if TYPE_CHECKING:
    from teahouse.live.line import Line

Work = Callable[[], Coroutine[Any, Any, None]]
Settle = Callable[[Result], None]
"""What is told the outcome or the refusal of a change."""

MOST_TRIES = 5
"""So often the policy is asked for one change while rights keep changing; then the client sends it again."""


class Change(Struct, eq=False):
    """A change on its way to the writer; ``number`` is its place in the seat's lane."""

    number: int
    command: WritingCommand
    action: Action
    settle: Settle
    tries: int = 1


class Seat:
    """One socket's place in one room: it hears the room from a position on, and its posts keep their order."""

    __slots__ = ("anew", "channel", "lane", "line", "rights", "room", "watching")

    def __init__(self, line: Line, room: Room) -> None:
        self.line = line
        self.room = room
        self.rights = room.log.head
        """Where the room's log stood when the person's right was asked last."""
        self.anew: list[Change] | None = None
        """Changes for which the policy is being asked once more; what is sent meanwhile waits behind them."""
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

    def must_ask(self, frame: Frame) -> bool:
        """Claim that the person's right may have ended with this frame, after it was asked last."""
        if not frame.rights or frame.upto <= self.rights:
            return False
        return concerns(frame.rights, self.line.person)

    async def ask_rights(self) -> None:
        """Ask whether the person may hear the room now. Raises what entering raises, and Unavailable."""
        heard = self.line.rights_heard
        person = self.line.person
        room, _ = await self.line.live.ask(self.room.address, ask_to_enter, self.room, person, by=person)
        if heard == self.line.rights_heard:  # else the policy may have answered by what held before: it is asked anew
            self.rights = room.log.head

    def suspend(self, epoch: str, seq: int) -> None:
        """Hear nothing more before the right was asked again, and then go on behind this number."""
        self.rights = UNASKED
        self.watch(partial(self.follow, epoch, seq))

    def ask_again(self) -> None:
        """Suspend the seat where it stands: what the policy says of the person may have changed."""
        self.rights = UNASKED  # who is just being brought level asks before anything is handed over
        channel = self.channel
        if channel is not None and self in channel.watchers:
            channel.leave(self)
            self.suspend(channel.epoch, channel.position)

    async def look_again(self) -> None:
        """Ask for the right now and then, while the seat goes on to hear; no answer changes nothing."""
        asked_at = self.line.rights_heard, self.rights
        try:
            await self.ask_rights()
        except TeahouseError as refusal:
            # Who was asked about anew meanwhile has a newer answer than this one.
            if not refusal.retry and asked_at == (self.line.rights_heard, self.rights):
                self.dismiss(refusal.code, refusal.text)

    async def follow(self, epoch: str | None, seq: int | None) -> None:
        """Hear the room from a position on; say so when the person may not."""
        try:
            await bring_level(self.line.live.hub, self.room, self, epoch, seq)
        except TeahouseError as refusal:
            self.dismiss(refusal.code, refusal.text)

    def submit(self, command: WritingCommand, action: Action, settle: Settle) -> None:
        """Hand a change to the writer; ``settle`` is told its outcome or refusal.

        When rights changed after the policy was asked, it is asked again, and the change handed over once more, with
        those behind it in their order.
        """
        number = self.lane.number(command.key if isinstance(command, Post) else None)
        change = Change(number, command, action, settle)
        if self.anew is not None:
            self.anew.append(change)
        else:
            self._hand_over(change)

    def lose(self) -> None:
        """Say that frames are missing; the client watches again."""
        self.stop_watching()
        self.line.say(Gap(self.room.address))

    def dismiss(self, code: str, text: str) -> None:
        """Say that the room is over; nothing of a seat whose place another one took since."""
        self.stop_watching()
        if self.line.seats.get(self.room.address) is self:
            del self.line.seats[self.room.address]
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
        channel, self.channel = self.channel, None
        if channel is not None:
            channel.leave(self)

    def _hand_over(self, change: Change) -> None:
        settled = self.line.live.writer.submit(change.action, self.lane, change.number)
        if settled.done():  # refused at the door: told at once, so that what comes next waits behind it
            self._settled(change, settled)
        else:
            settled.add_done_callback(partial(self._settled, change))

    def _settled(self, change: Change, settled: asyncio.Future[Result]) -> None:
        if settled.cancelled():
            self.line.done()
            return
        result = settled.result()
        if not isinstance(result, AskAgain):
            self.line.done()
            change.settle(result)
            return
        if self.line.closed or change.tries >= MOST_TRIES:
            self._refuse(change, Unavailable(result.text, retry_after=result.retry_after))
            return
        if self.anew is None:
            self.anew = []
            self.line.spawn(self._ask_anew)
        self.anew.append(change)

    async def _ask_anew(self) -> None:
        """Ask the policy once more for each change whose answer was out of date, and hand all over in their order.

        The writer refuses everything alike until the first of them comes again, so none can pass it.
        """
        while self.anew:
            waiting, self.anew = sorted(self.anew, key=_number), []
            refused: dict[int, TeahouseError] = {}
            for change in waiting:
                change.tries += 1
                try:
                    change.action = await self.line.action_for(change.command, self.room)
                except TeahouseError as refusal:
                    refused[change.number] = refusal
            for change in waiting:
                if change.number in refused:
                    self._refuse(change, refused[change.number])
                else:
                    self._hand_over(change)
        self.anew = None

    def _refuse(self, change: Change, refusal: TeahouseError) -> None:
        if isinstance(change.command, Post):
            self.line.live.writer.refused(change.command.key, self.lane, change.number, refusal)
        self.line.done()
        change.settle(refusal)


def look_at_rights(seats: Iterable[Seat]) -> None:
    """Ask for what a host's policy derives from its own data, of which nobody may have told."""
    for seat in seats if has_own_policy() else ():
        if seat.channel is not None:
            seat.line.spawn(seat.look_again)


def _number(change: Change) -> int:
    return change.number
