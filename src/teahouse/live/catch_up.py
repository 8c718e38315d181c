"""Brings one watcher from its position to the room's, page by page, and joins it to the live delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from teahouse.live.frames import Frame, Growth, Start
from teahouse.live.hub import Channel, Hub, Watcher
from teahouse.models import Room

UNASKED = -1
"""What stands in ``rights`` of a follower who must ask before it is handed anything more."""


class Follower(Watcher, Protocol):
    """A watcher that also takes pages, at its own pace. ``channel`` is where it watches, or is about to."""

    channel: Channel | None
    rights: int
    """Where the room's log stood when its right was asked last: no entry up to there can have ended it since."""

    @property
    def paging(self) -> asyncio.Lock:
        """Held by who reads a page for this socket: of a thousand rooms it holds one page too."""

    def page(self, frame: Frame) -> None:
        """Take a frame of a catch-up, which is never dropped."""

    def start_anew(self, start: Start) -> None:
        """Take the newest page in place of all that it held."""

    async def ready(self) -> None:
        """Return when the socket has taken all that it was given."""

    async def ask_rights(self) -> None:
        """Return when it may hear the room, with ``rights`` from before that was asked; else raise why not."""


async def bring_level(
    hub: Hub, room: Room, follower: Follower, epoch: str | None, seq: int | None, *, whole: bool = False
) -> None:
    """Send what a position misses, then everything that comes. Where the ring reaches back, without a query.

    Joining happens in the same step of the event loop as the last look at the ring, so nothing falls in between.
    ``whole`` reads everything however far behind, for who cannot be reset. Each page waits until the one before was
    taken, so a slow socket holds one page and not the logs of its rooms.

    The right is asked where ``follower.rights`` is UNASKED, and again behind each entry that may have ended it: nothing
    that was committed later is handed over before. Who claims to stand further than the log did at that moment
    skips entries that nobody looked at, and is asked anew. Raises what asking raises, and NoSuchRoom for a room that is
    gone.
    """
    claimed = seq or 0
    while True:
        if follower.rights == UNASKED:
            await follower.ask_rights()
        await follower.ready()
        # Each time anew: while a slow socket took its page, the hub may have let go of a room that nobody watched.
        channel = follower.channel = await hub.open(room)
        if follower.rights == UNASKED:
            continue
        frames = channel.frames_since(epoch, seq) if claimed <= follower.rights else None
        if frames is None:
            position = await _read_on(hub, channel, follower, epoch, seq, whole=whole, claimed=claimed)
            if position is not None:
                claimed = claimed if position == (epoch, seq) else 0
                epoch, seq = position
                continue
            frames = ()
        allowed = until_asked(follower, frames)
        if follower.rights != UNASKED:
            join(channel, follower, allowed)
            return
        seq = _hand_over(follower, allowed, seq)


def join(channel: Channel, follower: Follower, frames: Iterable[Frame]) -> None:
    """Give a follower what its position misses, and everything that comes from now on."""
    for frame in frames:
        follower.page(frame)
    follower.channel = channel
    channel.join(follower)


def until_asked(follower: Follower, frames: Sequence[Frame]) -> Sequence[Frame]:
    """Return the frames that a follower may have; when its right may have ended with the last, it is UNASKED now."""
    for place, frame in enumerate(frames, 1):
        if follower.must_ask(frame):
            follower.rights = UNASKED
            return frames[:place]
    return frames


async def _read_on(
    hub: Hub, channel: Channel, follower: Follower, epoch: str | None, seq: int | None, *, whole: bool, claimed: int
) -> tuple[str | None, int | None] | None:
    """Hand over one page from the log; return where the follower stands then, None when it is level with the log."""
    async with follower.paging:
        await follower.ready()
        found = await hub.read(channel, epoch, seq, whole=whole)
        if follower.rights == UNASKED:
            return epoch, seq
        if isinstance(found, Start):
            if found.event.rights > follower.rights:  # the page may show what came after the right ended
                follower.rights = UNASKED
                return epoch, seq
            follower.start_anew(found)
            hub.take(Growth(channel.room.pk, found.event.epoch, found.event.upto))  # perhaps of another history
            return found.event.epoch, found.event.upto
        if claimed > follower.rights:  # the log has come there since
            follower.rights = UNASKED
            return epoch, seq
        if found:
            return epoch, _hand_over(follower, until_asked(follower, found), seq)
        stands = hub.channels.get(channel.room.pk) is channel
        if stands and (seq is None or seq >= channel.position or epoch != channel.epoch):
            # Level with the log, of which the hub has not heard yet. What comes twice does no harm, and a hub in
            # another epoch will soon make everyone watch again.
            return None
        # The hub stands further: it delivered more during the read, or the log was restored to less.
        hub.take(Growth(channel.room.pk, channel.epoch, channel.position + 1))
        return epoch, seq


def _hand_over(follower: Follower, frames: Sequence[Frame], seq: int | None) -> int | None:
    for frame in frames:
        follower.page(frame)
        seq = frame.upto
    return seq
