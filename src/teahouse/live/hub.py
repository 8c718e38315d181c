"""The hub of one process: which watchers a room has, where it stands, and the delivery of what was committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from teahouse.chat import log
from teahouse.live.frames import Batch, Frame, Growth, Ring, Start
from teahouse.live.threads import Readers
from teahouse.models import Room
from teahouse.protocol.events import Reset
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

LINGER_SECONDS = 60
"""A room without watchers is kept for so long, so that who comes back is served from its ring."""

ARRIVAL_SECONDS = 0.05

SHARED_SECONDS = 1.0
"""A newest page that was read serves all who ask alike for so long, unless the room grows."""

Page = list[Frame] | Start


Asked = tuple[str | None, int | None, bool]
"""What a catch-up is read by: epoch and number, and whether it must not be answered by a reset."""


class Watcher(Protocol):
    """Who hears a room: one socket's place in it. Never awaited, never raises."""

    @property
    def hear(self) -> Callable[[Batch], None]:
        """What takes the next batch; asked once, when the watcher joins."""

    def must_ask(self, frame: Frame) -> bool:
        """Claim that its right may have ended with this frame: behind it, it must hear nothing before it asked."""

    def suspend(self, epoch: str, seq: int) -> None:
        """Be told to ask whether it may still hear the room, and then to go on from there."""

    def lose(self) -> None:
        """Be told that frames will be missing: watch again."""

    def dismiss(self, code: str, text: str) -> None:
        """Be told that the room is over for this watcher."""


class Channel:
    """A room that somebody in this process watches, and the number up to which it was delivered here."""

    def __init__(self, room: Room, epoch: str, position: int) -> None:
        self.room = room
        self.epoch = epoch
        self.position = position
        self.watchers: dict[Watcher, Callable[[Batch], None]] = {}
        self.ring = Ring(settings.RING_BYTES)
        self.wanted = position
        self.early: list[Frame] = []
        self.filling: asyncio.Task[None] | None = None
        self.idle_since = 0.0
        self.swept = position
        self.reads: dict[Asked, asyncio.Task[Page]] = {}

    def frames_since(self, epoch: str | None, seq: int | None) -> Sequence[Frame] | None:
        """Return the frames that bring a position level without a query, or None when the log must be read."""
        if seq is None or epoch != self.epoch or seq > self.position:
            return None
        return () if seq == self.position else self.ring.since(seq)

    def join(self, watcher: Watcher) -> None:
        """Give a watcher all that is delivered from now on."""
        self.watchers[watcher] = watcher.hear

    def leave(self, watcher: Watcher) -> None:
        """Give a watcher nothing more."""
        self.watchers.pop(watcher, None)

    def deliver(self, frames: Iterable[Frame]) -> None:
        """Give every watcher what continues what was delivered, as one batch, and keep it for who comes back.

        Frames that do not continue it are left out: what comes twice is known, and what is missing the log will give.
        """
        contiguous = []
        for frame in sorted(frames, key=_beginning):
            if frame.after <= self.position < frame.upto:
                self.position = frame.upto
                self.ring.append(frame)
                contiguous.append(frame)
                if frame.rights:
                    self._hand_out(contiguous)
                    self._suspend(frame)
                    contiguous = []
        if contiguous:
            self._hand_out(contiguous)

    def deliver_early(self) -> None:
        """Deliver what arrived during a read, as far as it continues that."""
        early, self.early = self.early, []
        self.deliver(early)

    def restart(self, epoch: str, position: int) -> None:
        """Go on in another history: every watcher has to watch again."""
        self.epoch, self.position, self.wanted, self.swept = epoch, position, position, position
        self.ring.clear()
        self.reads.clear()
        self.lose_all()

    def lose_all(self) -> None:
        """Tell every watcher that frames will be missing."""
        watchers, self.watchers = self.watchers, {}
        for watcher in watchers:
            watcher.lose()

    def dismiss_all(self, code: str, text: str) -> None:
        """Tell every watcher that the room is over."""
        watchers, self.watchers = self.watchers, {}
        for watcher in watchers:
            watcher.dismiss(code, text)

    def _hand_out(self, contiguous: Sequence[Frame]) -> None:
        self.reads.clear()
        batch = Batch(self.room.address, contiguous)
        for hear in list(self.watchers.values()):  # who is too slow leaves meanwhile
            try:
                hear(batch)
            except Exception:  # none should, and all others must hear it all the same
                logger.exception("a watcher of room %d missed what was committed", self.room.pk)

    def _suspend(self, frame: Frame) -> None:
        """Give nothing past this frame to those whose right may have ended with it."""
        for watcher in [watcher for watcher in self.watchers if watcher.must_ask(frame)]:
            self.leave(watcher)
            watcher.suspend(self.epoch, frame.upto)


class Hub:
    """All rooms that this process watches. Lives in one event loop; every method is called there."""

    def __init__(self, readers: Readers, before_opening: Callable[[int], Awaitable[None]]) -> None:
        """``before_opening`` is awaited with a room's key before it is first asked where the room stands."""
        self._readers = readers
        self._before_opening = before_opening
        self.channels: dict[int, Channel] = {}
        self._opening: dict[int, asyncio.Task[Channel]] = {}
        self._meanwhile: dict[int, list[Growth]] = {}

    async def open(self, room: Room) -> Channel:
        """Return the room's channel, made at first need. Raises NoSuchRoom when the room was deleted."""
        channel = self.channels.get(room.pk)
        if channel is None:
            task = self._opening.get(room.pk)
            if task is None:
                task = self._opening[room.pk] = asyncio.ensure_future(self._open(room))
                task.add_done_callback(lambda _: self._opening.pop(room.pk, None))
            channel = await asyncio.shield(task)
        return channel

    async def read(self, channel: Channel, epoch: str | None, seq: int | None, *, whole: bool) -> Page:
        """Read the next page of a catch-up; equal ones at one time share a query. ``whole`` never resets."""
        asked = (epoch, seq, whole)
        task = channel.reads.get(asked)
        if task is None:
            task = channel.reads[asked] = asyncio.ensure_future(self._page(channel, epoch, seq, whole))
            task.add_done_callback(partial(_keep_a_moment, channel, asked))
        return await asyncio.shield(task)

    def take(self, growth: Growth) -> None:
        """Deliver what a log grew by, or go and read when it does not continue what was delivered."""
        channel = self.channels.get(growth.log_id)
        if channel is None:
            if growth.log_id in self._meanwhile:
                self._meanwhile[growth.log_id].append(growth)
            return
        if growth.epoch != channel.epoch:  # only the log itself can say which of the two is the newer one
            channel.wanted = channel.position + 1
        else:
            channel.wanted = max(channel.wanted, growth.upto)
            channel.early.extend(growth.frames)
            if channel.filling is None:
                channel.deliver_early()
        if channel.wanted > channel.position and channel.filling is None:
            channel.filling = asyncio.ensure_future(self._fill(channel))

    def heads(self, found: dict[int, tuple[str, int]], asked: Sequence[int]) -> None:
        """Take where all logs stand, as the sweep found them; a log that is missing was deleted.

        What this process committed itself is often seen by the sweep first, so it gets a moment to arrive. A log that
        stands before where it was delivered to at the last sweep was restored behind our back: then it is read, and
        says so itself.
        """
        for room_id in asked:
            channel = self.channels.get(room_id)
            if channel is None:
                continue
            if room_id not in found:
                del self.channels[room_id]
                channel.dismiss_all("no_such_room", "the room was deleted")
                continue
            epoch, head = found[room_id]
            if epoch == channel.epoch and head < channel.swept:
                head = channel.position + 1
            if (epoch, head) != (channel.epoch, channel.position):
                loop = asyncio.get_running_loop()
                loop.call_later(ARRIVAL_SECONDS, self.take, Growth(room_id, epoch, head))
            channel.swept = channel.position

    def close_idle(self, now: float) -> list[int]:
        """Forget rooms that nobody watched for a while; returns their keys."""
        idle = []
        for room_id, channel in list(self.channels.items()):
            if channel.watchers:
                channel.idle_since = now
            elif now - channel.idle_since > LINGER_SECONDS and channel.filling is None:
                idle.append(room_id)
                del self.channels[room_id]
        return idle

    def listens_to(self, room_id: int) -> bool:
        """Claim that what this room grows by is of use here."""
        return room_id in self.channels or room_id in self._meanwhile

    async def _open(self, room: Room) -> Channel:
        await self._before_opening(room.pk)
        self._meanwhile[room.pk] = []
        try:
            epoch, head = await self._readers.run(log.head_of, room)
        finally:
            meanwhile = self._meanwhile.pop(room.pk)
        channel = Channel(room, epoch, head)
        channel.idle_since = asyncio.get_running_loop().time()
        self.channels[room.pk] = channel
        for growth in meanwhile:
            self.take(growth)
        return channel

    async def _page(self, channel: Channel, epoch: str | None, seq: int | None, whole: bool) -> Page:
        ring, clearings = channel.ring, channel.ring.clearings
        found = await self._readers.run(log.catch_up, channel.room, epoch, seq, not whole)
        if isinstance(found, Reset):
            return Start(found)
        frames = [Frame.of(event) for event in found]
        if epoch == channel.epoch and clearings == ring.clearings:  # else a text may stand in them that is deleted now
            ring.prepend(frames, channel.position)
        return frames

    async def _fill(self, channel: Channel) -> None:
        """Read from the log what was missed, page by page, until level with what was heard of."""
        try:
            while channel.position < channel.wanted:
                found = await self._page(channel, channel.epoch, channel.position, True)
                if isinstance(found, Start):
                    channel.restart(found.event.epoch, found.event.upto)
                    return
                if not found:
                    channel.wanted = channel.position
                channel.deliver(found)
                channel.deliver_early()
        except Exception:
            logger.exception("room %d could not read its log; the sweep tries again", channel.room.pk)
            channel.wanted = channel.position
        finally:
            channel.filling = None


def _beginning(frame: Frame) -> int:
    return frame.after


def _keep_a_moment(channel: Channel, asked: Asked, read: asyncio.Task[Page]) -> None:
    """Keep a newest page, which many ask for; what else was read is only right at the moment."""
    # Asked for the error even when nobody waits any more, who could be told of it.
    is_kept = not read.cancelled() and read.exception() is None and isinstance(read.result(), Start)
    if is_kept:
        read.get_loop().call_later(SHARED_SECONDS, _forget, channel, asked, read)
    else:
        _forget(channel, asked, read)


def _forget(channel: Channel, asked: Asked, read: asyncio.Task[Page]) -> None:
    if channel.reads.get(asked) is read:
        del channel.reads[asked]
