"""A socket that speaks ``teahouse.v1``: does its commands, answers each once, and lets it hear its rooms."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from teahouse.addresses import network_of
from teahouse.chat import commands as meaning
from teahouse.chat.actions import Result
from teahouse.chat.limits import limits
from teahouse.chat.people import Identity, guest_identity, seen_from, sign_guest
from teahouse.chat.proofs import ending
from teahouse.chat.tokens import proved_by_token
from teahouse.errors import BadToken, InternalError, NotAllowed, RateLimited, TeahouseError, VersionUnsupported
from teahouse.live.catch_up import UNASKED, join
from teahouse.live.entrances import enter_all, enter_one
from teahouse.live.line import Line, MakeOutlet
from teahouse.live.pacing import take_change, take_command
from teahouse.live.process import Live
from teahouse.live.seats import Seat
from teahouse.models import Room
from teahouse.protocol import commands as said
from teahouse.protocol.closes import Close, close_for
from teahouse.protocol.connection import Connection
from teahouse.protocol.events import PongEvent, RoomState, error_answer, ok, refused_room
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

MAX_MISUNDERSTOOD = 100
"""So many frames that cannot be understood end a connection: it speaks something else."""

FATAL = (BadToken, VersionUnsupported)


class Session(Line):
    """One connection of protocol v1. ``guest_secret`` belongs to a guest who came without a cookie."""

    __slots__ = ("_connection", "_guest_secret", "_misunderstood")

    pings = True

    def __init__(
        self,
        live: Live,
        person: Identity,
        make_outlet: MakeOutlet,
        only_room: str | None = None,
        guest_secret: str | None = None,
    ) -> None:
        super().__init__(live, person, make_outlet)
        self._guest_secret = guest_secret
        self._connection = Connection(limits(), only_room)
        self._misunderstood = 0

    async def receive(self, frame: str | bytes) -> None:
        """Do what a frame asks, and answer it."""
        self.heard()
        try:
            command = self._connection.receive(frame)
        except TeahouseError as refusal:
            self._refuse(refusal.command_id, refusal)
            self._misunderstood += 1
            if self._misunderstood >= MAX_MISUNDERSTOOD:
                self.leave(Close.PROTOCOL_ERROR, "too many frames could not be understood", None)
            return
        if isinstance(command, said.Ping | said.Pong):
            self._pulse(command)
        else:
            await self._answer(command)

    def tick(self, now: float) -> None:
        """Look at what is due; a client that says no hello is sent away."""
        if not self._connection.said_hello and now - self._opened_at > settings.HELLO_SECONDS:
            self.leave(Close.NO_HELLO, f"no hello came in {settings.HELLO_SECONDS:g} seconds", None)
        else:
            super().tick(now)

    def _pulse(self, command: said.Ping | said.Pong) -> None:
        try:
            take_command(self)
        except RateLimited as refusal:
            self._refuse(None, refusal)
        else:
            if isinstance(command, said.Ping):
                self.say(PongEvent())

    async def _answer(self, command: said.Answered) -> None:
        try:
            await self._keep_pace(command)
            await self._do(command)
        except TeahouseError as refusal:
            self._refuse_command(command, refusal)
        except Exception:
            logger.exception("a %s could not be answered", type(command).__name__.lower())
            self._refuse_command(command, InternalError("something in the server broke; its log says what"))

    async def _keep_pace(self, command: said.Answered) -> None:
        try:
            take_command(self)
        except RateLimited:
            if isinstance(command, said.Post):
                await self._seat(command.room)  # whose lane keeps what was said later from passing this post
            raise

    def _refuse_command(self, command: said.Answered, refusal: TeahouseError) -> None:
        """Refuse a command that was understood. Without its hello a socket is of no use, so it goes, to come back."""
        if isinstance(command, said.Post) and command.room in self.seats:
            lane = self.seats[command.room].lane
            self.live.writer.refused(command.key, lane, lane.number(command.key), refusal)
        self._refuse(command.id, refusal)
        if isinstance(command, said.Hello):
            self.leave(close_for(refusal), refusal.text, refusal.retry_after)

    async def _do(self, command: said.Answered) -> None:
        match command:
            case said.Hello():
                await self._hello(command)
            case said.Refresh():
                await self._refresh(command)
            case said.Watch():
                seat, state = await self._enter(command.room)
                self.say(ok(command.id, **state.fields()))
                self._watch(seat, command)
            case said.Unwatch():
                if command.room in self.seats:
                    self.seats[command.room].stop_watching()
                self.say(ok(command.id, room=command.room))
            case said.Create() | said.Direct() | said.Accept():
                answer = await self._perform(f"/{self.person.uid}", command)
                self.say(ok(command.id, **answer))
            case _ if isinstance(command, said.History | said.Managing):
                answer = await self._perform(command.room, command)
                self.say(ok(command.id, **answer))
            case _:
                await self._write(command)

    async def _perform(self, room: str, command: said.Command) -> dict[str, Any]:
        answer, _ = await self.live.ask(room, meaning.perform, command, self.person, by=self.person)
        return answer

    async def _hello(self, hello: said.Hello) -> None:
        token = await self._become(hello)
        heard = self.rights_heard
        found = await enter_all(self.live, self.person, self._connection.address, hello.rooms)
        rooms = [
            refused_room(position.room, entered) if isinstance(entered, TeahouseError) else entered[1]
            for position, entered in zip(hello.rooms, found, strict=True)
        ]
        welcome = meaning.welcome(self.person)
        self.say(ok(hello.id, **welcome, **({"token": token} if token else {}), **ending(self.proof), rooms=rooms))
        for position, entered in zip(hello.rooms, found, strict=True):
            if not isinstance(entered, TeahouseError):
                self._watch(self._sit(entered[0], heard), position)

    async def _become(self, hello: said.Hello) -> str | None:
        """Take the identity that a token proves, or a nickname; return the token of a guest without a cookie."""
        if hello.token is not None:
            person, self.proof = await self.live.readers.run(proved_by_token, hello.token)
            self.live.doors.know(self, person.uid)
            self.person = seen_from(person, network_of(self.address))
            self.live.standing.came(self)
        elif self._guest_secret is not None:
            person = guest_identity(self._guest_secret, hello.name or self.person.name)
            self.person = seen_from(person, self.person.network)
            return sign_guest(self._guest_secret, self.person.name)
        return None

    async def _refresh(self, refresh: said.Refresh) -> None:
        """Stand on a newer token of the same person from now on; another one changes nothing."""
        person, proof = await self.live.readers.run(proved_by_token, refresh.token)
        if person.uid != self.person.uid:
            raise BadToken("the token is another person's; open another socket for them", field="token")
        self.proof = proof
        self.live.standing.came(self)
        self.say(ok(refresh.id, **ending(proof)))

    async def _enter(self, name: str) -> tuple[Seat, RoomState]:
        """Ask the person's rights in a room, and give them their seat."""
        heard = self.rights_heard
        room, state = await enter_one(self.live, self.person, name)
        return self._sit(room, heard), state

    def _sit(self, room: Room, heard: int) -> Seat:
        """Return the seat in a room that was entered; ``heard`` is what the line had heard of rights before that."""
        seat = self.seats.get(room.address)
        if seat is None:
            if len(self.seats) >= said.MAX_ROOMS:
                raise NotAllowed(f"one socket carries at most {said.MAX_ROOMS} rooms; open another one", field="room")
            seat = self.seats[room.address] = Seat(self, self._shared(room))
        # Of the room as it was read just before the right was asked; what was asked before a change proves nothing.
        seat.rights = room.log.head if heard == self.rights_heard else UNASKED
        return seat

    def _shared(self, room: Room) -> Room:
        """Return the one object of a room that all seats can share, as long as the room stands as that says."""
        channel = self.live.hub.channels.get(room.pk)
        if channel is None:
            return room
        known = channel.room
        is_same = (known.address, known.title, known.kind) == (room.address, room.title, room.kind)
        return known if is_same else room

    async def _seat(self, name: str) -> Seat:
        return self.seats.get(name) or (await self._enter(name))[0]

    def _watch(self, seat: Seat, position: said.RoomPosition | said.Watch) -> None:
        """Hear a room from a position on: at once where the ring reaches back, and nothing has to be waited for."""
        channel = self.live.hub.channels.get(seat.room.pk)
        frames = channel.frames_since(position.epoch, position.seq) if channel is not None else None
        if (
            channel is None
            or frames is None
            or seat.rights < (position.seq or 0)  # UNASKED is below all
            or self.outlet.waits()
            or any(map(seat.must_ask, frames))
        ):
            seat.watch(partial(seat.follow, position.epoch, position.seq))
            return
        seat.stop_watching()
        join(channel, seat, frames)

    async def _write(self, command: meaning.WritingCommand) -> None:
        """Hand a change to the writer; the answer follows its commit, while the next frames are already read."""
        seat = await self._seat(command.room)
        take_change(self, command, seat)
        action = await self.action_for(command, seat.room)
        await self.turn()
        seat.submit(command, action, partial(self._written, command.id, seat.room))

    def _written(self, command_id: int, room: Room, result: Result) -> None:
        try:
            self.say(ok(command_id, **meaning.answer_for(room, result)))
        except TeahouseError as refusal:
            self._refuse(command_id, refusal)

    def _refuse(self, command_id: int | None, refusal: TeahouseError) -> None:
        self.say(error_answer(command_id, refusal))
        if isinstance(refusal, FATAL) and not self._connection.said_hello:
            self.leave(close_for(refusal), refusal.text, None)
