"""Rings other processes through the channel layer when a log grew; it may drop, repeat and reorder."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from teahouse.live.frames import Frame, Growth
from teahouse.settings import settings

logger = logging.getLogger("teahouse.live")

Take = Callable[[Growth], None]
TakePeople = Callable[[Collection[str]], None]

PEOPLE = "teahouse.people"
"""The group of every process with sockets, and the type of a ring in it."""

PEOPLE_IN_A_RING = 1000

_PATIENCE_SECONDS = 2.0
"""A layer that takes longer counts as lost: nobody waits for it, and the sweep hears in its place."""
_RETRY_SECONDS = 1.0
_REJOIN_SECONDS = 3600.0
"""Redis forgets a group's members after a day (``group_expiry``)."""


def ring_layer() -> Any | None:
    """Return the layer that reaches other processes, or None: one in memory reaches only this process."""
    layer = get_channel_layer(settings.CHANNEL_LAYER)
    return None if layer is None or isinstance(layer, InMemoryChannelLayer) else layer


def group_of(log_id: int) -> str:
    """Return the group of a log: its key, because group names must be short ASCII."""
    return f"teahouse.log.{log_id}"


class Doorbell:
    """One channel of the layer for this process, in one group per log that it watches, and in that of people."""

    def __init__(self, layer: Any, take: Take, take_people: TakePeople) -> None:
        self._layer = layer
        self._take = take
        self._take_people = take_people
        self._channel = ""
        self._groups: set[str] = {PEOPLE}
        self._outside: set[str] = set(self._groups)
        self._pending: dict[int, list[Growth]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen. A layer that is down is tried again and again; until then the sweep hears everything."""
        self._spawn(self._listen())
        self._spawn(self._stay_joined())

    async def watch(self, log_id: int) -> None:
        """Hear the rings of a log from now on, or from when the layer answers."""
        group = group_of(log_id)
        self._groups.add(group)
        self._outside.add(group)
        await self._join([group])

    async def unwatch(self, log_ids: Iterable[int]) -> None:
        """Hear these logs no longer."""
        leaving = [group_of(log_id) for log_id in log_ids]
        self._groups.difference_update(leaving)
        self._outside.difference_update(leaving)
        for group in leaving:
            try:
                await _patiently(self._layer.group_discard(group, self._channel))
            except Exception as error:  # every layer has errors of its own
                logger.warning("the channel layer does not answer: %r", error)
            if group in self._groups:  # watched again meanwhile, perhaps before it was left
                self._outside.add(group)

    def ring(self, growth: Growth) -> None:
        """Tell other processes. One ring per log is under way at a time; what commits meanwhile goes into the next."""
        waiting = self._pending.get(growth.log_id)
        if waiting is None:
            self._pending[growth.log_id] = [growth]
            self._spawn(self._ring_until_empty(growth.log_id))
        else:
            waiting.append(growth)
            # More than a ring carries need not wait: a layer that hangs must not fill the memory.
            if sum(frame.size for held in waiting for frame in held.frames) > settings.RING_INLINE_BYTES:
                waiting[:] = [Growth(growth.log_id, growth.epoch, growth.upto)]

    def ring_people(self, uids: Collection[str]) -> None:
        """Tell other processes that these people are to be looked at again."""
        self._spawn(self._ring_people(uids))

    async def stop(self) -> None:
        """Stop listening. A layer that hangs is not waited for."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring_until_empty(self, log_id: int) -> None:
        while growths := self._pending[log_id]:
            self._pending[log_id] = []
            try:
                await _patiently(self._layer.group_send(group_of(log_id), _message(growths, self._channel)))
            except Exception as error:  # every layer has errors of its own
                logger.warning("the channel layer took no ring, the sweep will: %r", error)
        del self._pending[log_id]

    async def _ring_people(self, uids: Collection[str]) -> None:
        try:
            for message in _messages_of_people(uids, self._channel):
                await _patiently(self._layer.group_send(PEOPLE, message))
        except Exception as error:  # every layer has errors of its own
            logger.warning("the channel layer took no ring, the sweep will: %r", error)

    async def _listen(self) -> None:
        while True:
            try:
                if not self._channel:
                    self._channel = await _patiently(self._layer.new_channel("teahouse"))
                    await self._join(self._outside)
                self._heard(await self._layer.receive(self._channel))
            except Exception as error:  # every layer has errors of its own
                logger.warning("the channel layer was lost, joining again: %r", error)
                await asyncio.sleep(_RETRY_SECONDS)
                self._outside |= self._groups
                await self._join(self._outside)

    def _heard(self, message: Any) -> None:
        """Take a ring. Whatever is odd in it is ignored: the sweep asks the log itself."""
        try:
            if message["from"] == self._channel:
                return
            if message["type"] == PEOPLE:
                self._take_people([str(uid) for uid in message["uids"]])
            else:
                frames = [Frame(int(after), int(upto), str(text)) for after, upto, text in message["frames"]]
                self._take(Growth(int(message["log"]), str(message["epoch"]), int(message["upto"]), frames))
        except (KeyError, TypeError, ValueError) as error:
            logger.warning("an odd ring: %r", error)

    async def _join(self, groups: Iterable[str]) -> None:
        if not self._channel:
            return
        for group in list(groups):
            try:
                await _patiently(self._layer.group_add(group, self._channel))
            except Exception as error:  # every layer has errors of its own
                logger.warning("the channel layer does not answer: %r", error)
                return
            self._outside.discard(group)

    async def _stay_joined(self) -> None:
        """Join what could not be joined before, and now and then everything."""
        loop = asyncio.get_running_loop()
        due = loop.time() + _REJOIN_SECONDS
        while True:
            await asyncio.sleep(_RETRY_SECONDS)
            if loop.time() >= due:
                due += _REJOIN_SECONDS
                self._outside |= self._groups
            await self._join(self._outside)


def ring_from_outside(growths: Sequence[Growth]) -> None:
    """Ring from a process without a hub, such as a management command; waits until the layer took it."""
    _send_from_outside([(group_of(growth.log_id), _message([growth], "")) for growth in growths])


def people_from_outside(uids: Collection[str]) -> None:
    """Tell from a process without a hub that these people are to be looked at again; waits as well."""
    _send_from_outside([(PEOPLE, message) for message in _messages_of_people(uids, "")])


def _send_from_outside(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    layer = ring_layer()
    if layer is None:
        return

    async def send_all() -> None:
        for group, message in messages:
            await _patiently(layer.group_send(group, message))

    try:
        async_to_sync(send_all)()
    except Exception as error:  # every layer has errors of its own
        logger.warning("the channel layer took no ring, the sweep will: %r", error)


async def _patiently(asked: Awaitable[Any]) -> Any:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        return await asked


def _message(growths: Sequence[Growth], sender: str) -> dict[str, Any]:
    """Return a ring: where the log stands, with the new frames inside when they are small."""
    frames = [frame for growth in growths for frame in growth.frames]
    is_small = sum(frame.size for frame in frames) <= settings.RING_INLINE_BYTES
    return {
        "type": "teahouse.ring",
        "from": sender,
        "log": growths[-1].log_id,
        "epoch": growths[-1].epoch,
        "upto": growths[-1].upto,
        "frames": [[frame.after, frame.upto, frame.text] for frame in frames] if is_small else [],
    }


def _messages_of_people(uids: Collection[str], sender: str) -> Iterator[dict[str, Any]]:
    told = list(uids)
    for start in range(0, len(told), PEOPLE_IN_A_RING):
        yield {"type": PEOPLE, "from": sender, "uids": told[start : start + PEOPLE_IN_A_RING]}
