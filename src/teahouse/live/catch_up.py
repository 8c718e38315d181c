"""Brings one watcher from its position to the room's, page by page, and joins it to the live delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from teahouse.live.frames import Frame, Growth, Start
from teahouse.live.hub import Channel, Hub, Watcher
from teahouse.models import Room


class Follower(Watcher, Protocol):
    """A watcher that also takes pages, at its own pace. ``channel`` is where it watches, or is about to."""

    channel: Channel | None

    @property
    def paging(self) -> asyncio.Lock:
        """Held by who reads a page for this socket: of a thousand rooms it holds one page too."""

    def page(self, frame: Frame) -> None:
        """Take a frame of a catch-up, which is never dropped."""

    def start_anew(self, start: Start) -> None:
        """Take the newest page in place of all that it held."""

    async def ready(self) -> None:
        """Return when the socket has taken all that it was given."""


async def bring_level(
    hub: Hub, room: Room, follower: Follower, epoch: str | None, seq: int | None, *, whole: bool = False
) -> None:
    """Send what a position misses, then everything that comes. Where the ring reaches back, without a query.

    Joining happens in the same step of the event loop as the last look at the ring, so nothing falls in between.
    ``whole`` reads everything however far behind, for who cannot be reset. Each page waits until the one before was
    taken, so a slow socket holds one page and not the logs of its rooms. Raises NoSuchRoom when the room was deleted.
    """
    while True:
        await follower.ready()
        # Each time anew: while a slow socket took its page, the hub may have let go of a room that nobody watched.
        channel = follower.channel = await hub.open(room)
        frames = channel.frames_since(epoch, seq)
        if frames is not None:
            break
        async with follower.paging:
            await follower.ready()
            found = await hub.read(channel, epoch, seq, whole=whole)
            if isinstance(found, Start):
                follower.start_anew(found)
                epoch, seq = found.event.epoch, found.event.upto
                hub.take(Growth(room.pk, epoch, seq))  # perhaps the first sign of another history
            elif found:
                for frame in found:
                    follower.page(frame)
                seq = found[-1].upto
            elif hub.channels.get(room.pk) is channel and (
                seq is None or seq >= channel.position or epoch != channel.epoch
            ):
                # Level with the log, of which the hub has not heard yet. What comes twice does no harm, and a hub in
                # another epoch will soon make everyone watch again.
                frames = ()
                break
            else:  # the hub stands further: it delivered more during the read, or the log was restored to less
                hub.take(Growth(room.pk, channel.epoch, channel.position + 1))
    join(channel, follower, frames)


def join(channel: Channel, follower: Follower, frames: Iterable[Frame]) -> None:
    """Give a follower what its position misses, and everything that comes from now on."""
    for frame in frames:
        follower.page(frame)
    follower.channel = channel
    channel.join(follower)
