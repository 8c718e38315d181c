"""Tests of `teahouse.live.outlet`."""

import asyncio
from typing import Any

from teahouse.live.frames import Batch, Frame, Packet
from teahouse.live.outlet import AsgiOutlet
from tests.live.model_log import settle


class Socket:
    """A socket that takes frames, or none while it is stopped."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.overflowed: set[str] = set()
        self.outlet = AsgiOutlet(self.send, 100, self.overflowed.update)

    async def send(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        self.sent.append(message)

    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]


def batch(*texts: str, room: str = "tea") -> Batch:
    return Batch(room, [Frame(number, number + 1, text) for number, text in enumerate(texts)])


async def test_what_is_queued_is_sent_in_order() -> None:
    socket = Socket()
    socket.outlet.event(batch("1"))
    socket.outlet.answer(Packet("2"))
    socket.outlet.event(batch("3", "4"))
    await socket.outlet.drained()
    assert socket.texts() == ["1", "2", "3", "4"]


async def test_nothing_stands_for_a_socket_that_nothing_waits_for() -> None:
    socket = Socket()
    socket.outlet.answer(Packet("1"))
    await socket.outlet.drained()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert socket.outlet.stalled_for(1e9) == 0


async def test_a_full_queue_drops_events_and_keeps_answers() -> None:
    socket = Socket()
    socket.open.clear()
    socket.outlet.answer(Packet("first"))
    await settle()
    for number in range(3):
        socket.outlet.event(batch(str(number) * 40, room="tea" if number % 2 else "cake"))
    socket.outlet.answer(Packet("kept"))
    socket.outlet.event(batch("too much"))
    assert socket.overflowed == {"tea", "cake"}
    socket.open.set()
    await socket.outlet.drained()
    assert socket.texts() == ["first", "kept"]


async def test_a_single_event_larger_than_the_queue_is_sent() -> None:
    socket = Socket()
    socket.outlet.event(batch("x" * 500))
    await socket.outlet.drained()
    assert socket.texts() == ["x" * 500]
    assert socket.overflowed == set()


async def test_the_size_that_counts_is_bytes() -> None:
    socket = Socket()
    socket.open.clear()
    socket.outlet.answer(Packet("茶" * 30))
    assert not socket.outlet.is_full()
    socket.outlet.answer(Packet("茶" * 30))
    assert socket.outlet.is_full()
    socket.outlet.end()


async def test_close_comes_after_what_is_queued_and_once() -> None:
    socket = Socket()
    socket.outlet.answer(Packet("1"))
    socket.outlet.close(4200, "restart")
    socket.outlet.close(4000, "other")
    await socket.outlet.drained()
    assert socket.sent[1:] == [{"type": "websocket.close", "code": 4200, "reason": "restart"}]


async def test_nothing_is_kept_once_the_socket_closes() -> None:
    socket = Socket()
    socket.outlet.close(4200, "restart")
    socket.outlet.answer(Packet("x" * 200))
    assert not socket.outlet.is_full()
    await socket.outlet.drained()
    assert [message["type"] for message in socket.sent] == ["websocket.close"]


async def test_an_ended_socket_lets_go_of_who_waits_for_it() -> None:
    socket = Socket()
    socket.open.clear()
    socket.outlet.answer(Packet("1"))
    waiting = asyncio.ensure_future(socket.outlet.drained())
    socket.outlet.end()
    await waiting


async def test_a_socket_that_takes_nothing_is_known_by_its_seconds() -> None:
    socket = Socket()
    socket.open.clear()
    now = asyncio.get_running_loop().time()
    socket.outlet.answer(Packet("1"))
    assert socket.outlet.stalled_for(now + 30) >= 29
    socket.outlet.end()


async def test_a_socket_that_fails_is_left_alone() -> None:
    async def fail(message: dict[str, Any]) -> None:
        raise RuntimeError("gone")

    outlet = AsgiOutlet(fail, 100, lambda rooms: None)
    outlet.answer(Packet("1"))
    outlet.answer(Packet("2"))
    await outlet.drained()
    outlet.answer(Packet("3"))
    await outlet.drained()
    assert not outlet.is_full()
