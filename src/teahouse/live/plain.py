"""A socket that asked for no subprotocol: text in is a message, each message's text is a frame out."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from teahouse.chat.actions import Result
from teahouse.chat.limits import limits
from teahouse.chat.people import Identity
from teahouse.chat.rooms import enter
from teahouse.errors import TeahouseError
from teahouse.live.catch_up import UNASKED, bring_level
from teahouse.live.frames import Batch, Frame, Start, plain_packets
from teahouse.live.line import Line, MakeOutlet
from teahouse.live.pacing import take_change, take_command
from teahouse.live.process import Live
from teahouse.live.seats import Seat
from teahouse.models import Room
from teahouse.protocol.closes import Close, close_for
from teahouse.protocol.commands import Post
from teahouse.protocol.connection import PlainConnection


class PlainSeat(Seat):
    """A plain client's seat: the server keeps its place, and refills it from the log."""

    __slots__ = ("_epoch", "_outlet", "_place")

    def __init__(self, line: Line, room: Room) -> None:
        """Begin where the log stood when the right was asked: whatever was committed since will be heard."""
        super().__init__(line, room)
        self._outlet = line.outlet
        self._epoch = room.log.epoch
        self._place = room.log.head

    @property
    def hear(self) -> Callable[[Batch], None]:
        """What takes the next batch."""
        return self._hear

    def page(self, frame: Frame) -> None:
        """Send the texts that were posted since its place."""
        for packet in plain_packets([frame], self._place):
            self._outlet.answer(packet)
        self._place = max(self._place, frame.upto)

    def _hear(self, batch: Batch) -> None:
        """Send what was posted; when the socket is full, or missed something, leave it to the log."""
        if self._outlet.is_full() or batch.after > self._place:
            self.hear_on()
        else:
            is_level = batch.after == self._place
            for packet in batch.plain if is_level else plain_packets(batch.frames, self._place):
                self._outlet.answer(packet)
            self._place = max(self._place, batch.upto)

    def start_anew(self, start: Start) -> None:
        """A plain client cannot be told to forget, so it has to come back."""
        self.lose()

    def lose(self) -> None:
        """The room went on in another history: come back and begin anew."""
        self.stop_watching()
        self.line.leave(Close.RESYNC, "the room's log was restored", None)

    def dismiss(self, code: str, text: str) -> None:
        """Close: the one room is over."""
        self._dismiss(Close.NO_SUCH_ROOM, code, text)

    def _dismiss(self, close: Close, code: str, text: str) -> None:
        self.stop_watching()
        self.line.leave(close, text, None, reason=code)

    def hear_on(self) -> None:
        """Hear the room from its place on."""
        if self.rights != UNASKED:  # what it heard so far was its to hear
            self.rights = max(self.rights, self._place)
        self.watch(self._follow)

    def suspend(self, epoch: str, seq: int) -> None:
        """Hear nothing more before the right was asked again, and then go on from its place."""
        self.rights = UNASKED
        self.hear_on()

    async def _follow(self) -> None:
        try:
            await bring_level(self.line.live.hub, self.room, self, self._epoch, self._place, whole=True)
        except TeahouseError as refusal:
            self._dismiss(close_for(refusal), refusal.code, refusal.text)


class PlainSession(Line):
    """One plain connection, in one room."""

    __slots__ = ("_connection", "_refusal", "_seat")

    def __init__(self, live: Live, person: Identity, make_outlet: MakeOutlet, address: str) -> None:
        super().__init__(live, person, make_outlet)
        self._connection = PlainConnection(limits(), address, lambda: secrets.token_urlsafe(16))
        self._seat: PlainSeat | None = None
        self._refusal: TeahouseError | None = None

    async def enter(self) -> None:
        """Enter the room, from its newest message on: whatever is said once the socket is open will be heard."""
        try:
            address = self._connection.room
            room = await self.live.ask(address, enter, address, self.person, by=self.person)
        except TeahouseError as refusal:
            self._refusal = refusal
        else:
            self._seat = self.seats[room.address] = PlainSeat(self, room)

    async def start(self) -> None:
        """Hear the room; a refusal closes, which only an open socket can be told."""
        if self._refusal is not None:
            self._refuse(self._refusal)
        if self._seat is not None:
            self._seat.hear_on()

    async def receive(self, frame: str | bytes) -> None:
        """Post what a frame says."""
        self.heard()
        try:
            take_command(self)
            post = self._connection.receive(frame)
            seat = next(iter(self.seats.values()), None)
            if post is not None and seat is not None and not self.closed:
                await self._post(post, seat)
        except TeahouseError as refusal:
            self._refuse(refusal)

    async def _post(self, post: Post, seat: Seat) -> None:
        take_change(self, post, seat)
        action = await self.action_for(post, seat.room)
        await self.turn()
        seat.submit(post, action, self._posted)

    def _posted(self, result: Result) -> None:
        if isinstance(result, TeahouseError):
            self._refuse(result)

    def _refuse(self, refusal: TeahouseError) -> None:
        self.leave(close_for(refusal), refusal.text, None, reason=refusal.code)
