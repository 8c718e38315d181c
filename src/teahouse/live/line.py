"""What every open socket has, whatever it speaks: an outlet, seats in rooms, a pulse; the sessions are made of it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from teahouse.chat import commands as meaning
from teahouse.chat.actions import Action
from teahouse.chat.people import Identity
from teahouse.chat.policy import leaves_writing_to_the_tables
from teahouse.chat.proofs import Proof, is_over
from teahouse.errors import TeahouseError
from teahouse.live.frames import Packet
from teahouse.live.outlet import Outlet
from teahouse.live.process import Live
from teahouse.live.seats import Seat, Work, look_at_rights
from teahouse.live.steps import begin
from teahouse.live.wire import Wire
from teahouse.models import Room
from teahouse.protocol.closes import Close, close_for
from teahouse.protocol.codec import encode
from teahouse.protocol.events import Bye, PingEvent
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

MAX_IN_FLIGHT = 256
"""Changes of one socket that may wait for the writer; then its frames are left in the network."""

CLOSE_SECONDS = 5.0
"""How long the other side may take to answer a close."""

MakeOutlet = Callable[[int, Callable[[set[str]], None]], Outlet]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Line:
    """One open socket. There are many thousands of them, nearly all idle, so each holds as little as it can."""

    __slots__ = (
        "_asked_at",
        "_cut_at",
        "_heard_at",
        "_in_flight",
        "_inbox",
        "_is_cut",
        "_opened_at",
        "_paging",
        "_pinged_at",
        "_room_for_more",
        "_running",
        "_tasks",
        "_wire",
        "address",
        "closed",
        "counted_as",
        "due",
        "live",
        "outlet",
        "person",
        "proof",
        "refused_due",
        "rights_heard",
        "seats",
    )
    pings = False

    def __init__(self, live: Live, person: Identity, make_outlet: MakeOutlet) -> None:
        self.live = live
        self.person = person
        self.proof: Proof | None = None
        self.seats: dict[str, Seat] = {}
        self.outlet = make_outlet(settings.QUEUE_BYTES, self._overflowed)
        self.closed = False
        self.address = ""
        self.counted_as: str | None = None
        self.due = self.refused_due = self.rights_heard = 0
        self._tasks: set[asyncio.Task[None]] | None = None
        self._in_flight = 0
        self._room_for_more: asyncio.Event | None = None
        self._opened_at = self._heard_at = self._asked_at = live.loop.time()
        self._pinged_at = 0.0
        self._cut_at = float("inf")
        self._is_cut = False
        self._running: asyncio.Task[None] | None = None
        self._wire: Wire | None = None
        self._inbox: deque[dict[str, Any]] | None = None
        self._paging: asyncio.Lock | None = None

    @property
    def paging(self) -> asyncio.Lock:
        """Held by who reads a page for this socket; most sockets never need one."""
        if self._paging is None:
            self._paging = asyncio.Lock()
        return self._paging

    def say(self, event: Any) -> None:
        """Queue an event or an answer that is never dropped."""
        self.outlet.answer(Packet(encode(event)))

    def heard(self) -> None:
        """Note that something arrived: the line is alive."""
        self._heard_at = self.live.loop.time()

    def spawn(self, work: Work) -> asyncio.Task[None]:
        """Run work that ends with the socket; what it raises is logged, and closes this socket only."""
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks = self._tasks or set()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def turn(self) -> None:
        """Wait until this socket may have one more change under way, and count it."""
        while self._in_flight >= MAX_IN_FLIGHT and settings.LIMITS:
            if self._room_for_more is None:
                self._room_for_more = asyncio.Event()
            await self._room_for_more.wait()
        self._in_flight += 1

    def done(self) -> None:
        """Count a change as answered."""
        self._in_flight -= 1
        if self._room_for_more is not None:
            self._room_for_more.set()
            self._room_for_more = None

    def tick(self, now: float) -> None:
        """Look at what is due: a line that takes nothing, and the pulse."""
        if self.outlet.stalled_for(now) > settings.STALLED_SECONDS or now > self._cut_at:
            self.cut()
        elif self.proof is not None and is_over(self.proof):
            self.leave(Close.TOKEN_EXPIRED, "your token expired; come back with a new one", _soon())
        elif self.pings and not self.closed and not self._alive(now):
            self.leave(Close.NO_PONG, "nothing was heard from you", None)
        elif now - self._asked_at >= settings.RIGHTS_SECONDS:
            self._asked_at = now
            look_at_rights(self.seats.values())

    def leave(self, close: Close, text: str, retry_after: float | None, reason: str | None = None) -> None:
        """Say bye and close after what is queued; whoever does not take even that is cut off."""
        if not self.closed:
            self.closed = True
            self._cut_at = self.live.loop.time() + CLOSE_SECONDS
            if self.pings:
                self.say(Bye(close.code, text, retry_after))
            self.outlet.close(close.code, reason or close.reason)

    def fall(self, proof: Proof) -> None:
        """End because this proof stands no longer, unless another one took its place; cookies may prove somebody."""
        if proof is not self.proof:
            return
        if proof.close.comes_back:
            self.leave(proof.close, "who you are changed; come back", _soon())
        else:
            self.leave(proof.close, "your token is no longer good", None)

    async def run(self, receive: Receive) -> None:
        """Take frames until the socket is gone."""
        self._running = asyncio.current_task()
        self._begin()
        try:
            while await self._heed(await receive()):
                pass
        except asyncio.CancelledError:
            if not self._is_cut:
                raise
        finally:
            self.end()

    def run_on(self, wire: Wire) -> None:
        """Take frames until the socket is gone, in a task that stands only while there are some."""
        self._wire = wire
        self._begin()
        wire.hand_over(self._arrived, pings=self.pings)

    async def enter(self) -> None:
        """Do what must be done before the other side learns that the socket is open; nothing can be sent yet."""

    async def start(self) -> None:
        """Do what comes before the first frame."""

    async def receive(self, frame: str | bytes) -> None:
        """Do what a frame asks."""
        raise NotImplementedError

    async def action_for(self, command: meaning.WritingCommand, room: Room) -> Action:
        """Return the action of a command; a host's own policy is asked in a thread, the default one here."""
        if leaves_writing_to_the_tables():
            return meaning.action_for(command, self.person, room)
        return await self.live.ask(room.address, meaning.action_for, command, self.person, room, by=self.person)

    def ask_rights_again(self) -> None:
        """Hear no room any more before the person's right there was asked again: it may have changed."""
        self.rights_heard += 1
        for seat in list(self.seats.values()):
            seat.ask_again()

    def cut(self) -> None:
        """End a socket that takes nothing, without waiting for it."""
        self.closed = self._is_cut = True
        if self._running is not None:
            self._running.cancel()
        elif self._wire is not None:
            self.end()

    def end(self) -> None:
        """Let go of everything: the socket is gone."""
        self.closed = True
        for seat in self.seats.values():
            seat.stop_watching()
        for task in self._tasks or ():
            task.cancel()
        self.outlet.end()
        self.live.ended(self)
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.release()

    def _begin(self) -> None:
        self.live.opened(self)
        if self.live.draining:  # since it asked to come in
            self.leave(Close.RESTART, "the server restarts", 1.0)

    async def _heed(self, message: dict[str, Any]) -> bool:
        """Do what a message of the server says; False when the socket is gone."""
        if message["type"] != "websocket.receive":
            return False
        # What comes while the server goes is not taken, and so sent again to the next one.
        if not self.closed and not self.live.draining:
            text = message.get("text")
            await self.receive(text if text is not None else message["bytes"])
        if self.outlet.is_full():  # who asks on without taking the answers is not heard
            await self.outlet.drained()
        return True

    def _arrived(self, message: dict[str, Any]) -> None:
        if self._wire is not None:
            if self._inbox is not None:  # one read of the network may bring very many while the first one waits
                self._inbox.append(message)
                return
            self._inbox = deque((message,))
            if message["type"] == "websocket.receive":
                self._running = begin(self._work())
            else:  # the server is in the midst of closing, and must not find the connection gone under its hands
                self._running = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        """Do what arrived, in order. What else may arrive meanwhile is that the socket is gone."""
        goes_on = True
        try:
            while goes_on and self._inbox:
                goes_on = False  # should it end in the middle
                goes_on = await self._heed(self._inbox.popleft())
            self._inbox = None
        except asyncio.CancelledError:
            if not self._is_cut:
                raise
        except Exception:
            logger.exception("a socket is closed because a frame of it could not be taken")
        finally:
            self._running = None
            if not goes_on:
                self.end()
            elif self._wire is not None:
                self._wire.read_on()

    def _alive(self, now: float) -> bool:
        if self.outlet.is_full():  # then nobody listens to it; whether it takes something, the outlet knows
            self.heard()
        if self._heard_at >= self._pinged_at:
            self._pinged_at = 0.0
        if not self._pinged_at and now - self._heard_at >= settings.PING_SECONDS:
            self._pinged_at = now
            self.say(PingEvent())
        return not self._pinged_at or now - self._pinged_at < settings.PONG_SECONDS

    def _overflowed(self, rooms: set[str]) -> None:
        for address in rooms:
            if address in self.seats:
                self.seats[address].lose()

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except TeahouseError as refusal:
            self.leave(close_for(refusal), refusal.text, refusal.retry_after)
        except Exception:
            logger.exception("a socket is closed because its work failed")
            self.leave(Close.INTERNAL_ERROR, "something in the server broke", None)


def _soon() -> float:
    """Return when to come back, in seconds: not all of somebody's sockets at the same moment."""
    return round(random.uniform(0.1, 1.0), 2)
