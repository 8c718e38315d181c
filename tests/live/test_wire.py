"""Tests of `teahouse.live.wire`, with a wire that the test fills and empties."""

import asyncio
from collections.abc import Callable

from teahouse.live.frames import WRITE_BYTES, Batch, Frame, Packet
from teahouse.live.outlet import AsgiOutlet
from teahouse.live.wire import EXTENSION, WireOutlet, outlet_for
from tests.live.model_log import settle


class Wire:
    """A connection of a server, which takes what it is told to take."""

    def __init__(self) -> None:
        self.take: Callable[[bytes], None] | None = self.write
        self.on_change: Callable[[], None] | None = None
        self.disconnected = False
        self.written: list[bytes] = []
        self.waiting = 0
        self.closed_with: list[tuple[int, str]] = []
        self.aborted = False
        self.pauses_after: int | None = None
        self.overflowed: set[str] = set()
        self.outlet = WireOutlet(self, 100, self.overflowed.update)

    def write(self, frames: bytes) -> None:
        self.written.append(frames)
        if self.pauses_after is not None:
            self.pauses_after -= 1
            if self.pauses_after <= 0:
                self.pause()

    def waiting_bytes(self) -> int:
        return self.waiting

    def close(self, code: int, reason: str) -> None:
        self.closed_with.append((code, reason))
        self.offer(None)

    def abort(self) -> None:
        self.aborted = True

    def pause(self) -> None:
        self.offer(None)

    def resume(self) -> None:
        self.offer(self.write)

    def lose(self) -> None:
        self.disconnected = True
        self.offer(None)

    def offer(self, take: Callable[[bytes], None] | None) -> None:
        self.take = take
        if self.on_change is not None:
            self.on_change()


def batch(*texts: str, room: str = "tea") -> Batch:
    return Batch(room, [Frame(number, number + 1, text) for number, text in enumerate(texts)])


def wires(*texts: str) -> list[bytes]:
    return [Packet(text).wire for text in texts]


def test_what_a_socket_takes_is_written_at_once() -> None:
    wire = Wire()
    wire.outlet.event(batch("1"))
    wire.outlet.answer(Packet("2"))
    assert wire.written == wires("1", "2")
    assert not wire.outlet.is_full()


def test_what_waited_is_joined_into_one_write_in_order() -> None:
    wire = Wire()
    wire.pause()
    for text in ("1", "2", "3"):
        wire.outlet.answer(Packet(text))
    assert wire.written == []
    wire.resume()
    assert wire.written == [b"".join(wires("1", "2", "3"))]


def test_a_joined_write_is_bounded() -> None:
    wire = Wire()
    wire.pause()
    for _ in range(5):
        wire.outlet.answer(Packet("x" * 30_000))
    wire.resume()
    assert len(wire.written) == 3
    assert all(len(write) <= WRITE_BYTES + 100 for write in wire.written)
    assert b"".join(wire.written) == b"".join(wires("x" * 30_000) * 5)


def test_a_socket_that_fills_up_again_is_left_alone() -> None:
    wire = Wire()
    wire.pause()
    for _ in range(4):
        wire.outlet.answer(Packet("x" * 60_000))
    wire.pauses_after = 2
    wire.resume()
    assert len(wire.written) == 2
    wire.outlet.answer(Packet("later"))
    assert len(wire.written) == 2
    wire.pauses_after = None
    wire.resume()
    assert b"".join(wire.written) == b"".join([*wires("x" * 60_000) * 4, *wires("later")])


def test_a_full_queue_drops_events_and_keeps_answers() -> None:
    wire = Wire()
    wire.pause()
    wire.outlet.event(batch("x" * 60))
    wire.outlet.answer(Packet("kept"))
    wire.outlet.event(batch("y" * 60, room="cake"))
    assert wire.overflowed == set()
    wire.outlet.event(batch("z"))
    assert wire.overflowed == {"tea", "cake"}
    wire.resume()
    assert wire.written == wires("kept")


def test_a_batch_larger_than_the_queue_is_no_loss_for_who_had_room() -> None:
    wire = Wire()
    wire.pauses_after = 1
    wire.outlet.event(batch("x" * 40_000, "y" * 40_000, "z" * 40_000))
    wire.outlet.event(batch("next"))
    assert wire.overflowed == {"tea"}
    wire.pauses_after = None
    quick = Wire()
    quick.pauses_after = 1
    quick.outlet.event(batch("x" * 40_000, "y" * 40_000, "z" * 40_000))
    quick.pauses_after = None
    quick.resume()
    quick.outlet.event(batch("next"))
    assert quick.overflowed == set()
    assert b"".join(quick.written) == b"".join(wires("x" * 40_000, "y" * 40_000, "z" * 40_000, "next"))


def test_a_batch_is_one_write_and_a_large_one_few() -> None:
    wire = Wire()
    wire.outlet.event(batch("1", "2", "3"))
    wire.outlet.event(batch(*["x" * 10_000] * 10))
    assert [len(write) for write in wire.written] == [len(b"".join(wires("1", "2", "3"))), 6 * 10_004, 4 * 10_004]


def test_nothing_is_written_or_kept_once_the_socket_closes() -> None:
    wire = Wire()
    wire.outlet.close(4200, "restart")
    wire.outlet.answer(Packet("x" * 200))
    wire.outlet.event(batch("1"))
    assert wire.written == []
    assert not wire.outlet.is_full()


async def test_a_lost_connection_lets_go_of_who_waits_for_its_buffer() -> None:
    wire = Wire()
    wire.pause()
    wire.outlet.answer(Packet("x" * 200))
    waiting = asyncio.ensure_future(wire.outlet.drained())
    await settle()
    wire.lose()
    await waiting
    assert not wire.outlet.is_full()


async def test_a_closed_socket_keeps_nobody_waiting() -> None:
    wire = Wire()
    wire.pause()
    wire.outlet.answer(Packet("1"))
    wire.outlet.close(4200, "restart")
    waiting = asyncio.ensure_future(wire.outlet.drained())
    await settle()
    assert not waiting.done()
    wire.resume()
    await waiting
    await wire.outlet.drained()


async def test_drained_waits_until_all_is_written() -> None:
    wire = Wire()
    await wire.outlet.drained()
    wire.pause()
    wire.outlet.answer(Packet("1"))
    waiting = asyncio.ensure_future(wire.outlet.drained())
    await settle()
    assert not waiting.done()
    wire.resume()
    await waiting
    assert wire.written == wires("1")


def test_close_comes_after_what_waits_and_once() -> None:
    wire = Wire()
    wire.pause()
    wire.outlet.answer(Packet("1"))
    wire.outlet.close(4200, "restart")
    wire.outlet.close(4000, "other")
    assert wire.closed_with == []
    wire.resume()
    assert wire.written == wires("1")
    assert wire.closed_with == [(4200, "restart")]
    quick = Wire()
    quick.outlet.close(4200, "restart")
    assert quick.closed_with == [(4200, "restart")]


def test_only_a_socket_that_takes_nothing_at_all_is_stalled() -> None:
    wire = Wire()
    assert wire.outlet.stalled_for(100.0) == 0
    wire.pause()
    wire.waiting = 5000
    assert wire.outlet.stalled_for(200.0) == 0
    assert wire.outlet.stalled_for(215.0) == 15
    wire.waiting = 4000
    assert wire.outlet.stalled_for(216.0) == 0
    assert wire.outlet.stalled_for(240.0) == 24


async def test_an_ended_socket_lets_go_of_who_waits_for_it() -> None:
    wire = Wire()
    wire.pause()
    wire.outlet.answer(Packet("1"))
    waiting = asyncio.ensure_future(wire.outlet.drained())
    await settle()
    wire.outlet.end()
    await waiting
    assert wire.aborted
    wire.resume()
    assert wire.written == []


def test_the_wire_is_used_where_a_server_offers_one() -> None:
    async def send(message: object) -> None: ...

    assert isinstance(outlet_for({"extensions": {EXTENSION: Wire()}}, send, 10, set), WireOutlet)
    assert isinstance(outlet_for({"extensions": {}}, send, 10, set), AsgiOutlet)
    assert isinstance(outlet_for({}, send, 10, set), AsgiOutlet)
