"""Tests of `teahouse.live.line`: pulse, silence, closing; with a clock that the test turns."""

import asyncio
import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from teahouse.chat import proofs
from teahouse.chat.people import Identity
from teahouse.chat.proofs import Proof, TokenProof
from teahouse.live.frames import Packet
from teahouse.live.line import CLOSE_SECONDS, MAX_IN_FLIGHT, Line
from teahouse.live.outlet import AsgiOutlet
from teahouse.live.seats import Seat
from teahouse.protocol.closes import Close
from tests.live.model_log import ModelLog, settle

ANN = Identity(uid="gann", name="Ann", kind="guest")


class Speaking(Line):
    """A line whose client speaks the protocol."""

    pings = True

    async def receive(self, frame: str | bytes) -> None:
        self.heard()
        self.received.append(frame)


class Phone:
    """A line, its clock and what it sent."""

    def __init__(self) -> None:
        self.time = 100.0
        self.sent: list[dict[str, Any]] = []
        self.sessions: set[Line] = set()
        live: Any = SimpleNamespace(
            loop=SimpleNamespace(time=lambda: self.time),
            opened=self.sessions.add,
            ended=self.sessions.discard,
            draining=False,
        )
        self.line = Speaking(live, ANN, partial(AsgiOutlet, self.send))
        self.line.received = []  # type: ignore[attr-defined]
        self.frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def after(self, seconds: float) -> None:
        self.time += seconds
        self.line.tick(self.time)
        await settle()

    def said(self) -> list[Any]:
        return [json.loads(message["text"])["type"] for message in self.sent if message["type"] == "websocket.send"]

    def closed_with(self) -> list[tuple[int, str]]:
        return [(m["code"], m["reason"]) for m in self.sent if m["type"] == "websocket.close"]


@pytest.fixture
async def phone() -> Phone:
    return Phone()


@override_settings(TEAHOUSE={"PING_SECONDS": 1, "PONG_SECONDS": 1})
async def test_an_answer_counts_also_when_it_is_looked_for_late(phone: Phone) -> None:
    asked = phone.line._heard_at + 1.0
    phone.line.tick(asked)
    phone.line._heard_at = asked + 0.001
    phone.line.tick(asked + 1.5)
    await settle()
    assert phone.said() == ["ping", "ping"]


async def test_a_silent_line_is_pinged_once_and_then_given_up(phone: Phone) -> None:
    await phone.after(24)
    assert phone.said() == []
    await phone.after(2)
    await phone.after(5)
    assert phone.said() == ["ping"]
    await phone.after(6)
    assert phone.said() == ["ping", "bye"]
    assert phone.closed_with() == [(4103, "no_pong")]


async def test_anything_that_arrives_counts_as_life(phone: Phone) -> None:
    await phone.after(26)
    await phone.line.receive("anything")
    await phone.after(20)
    assert phone.closed_with() == []
    await phone.after(6)
    assert phone.said() == ["ping", "ping"]


async def test_bye_is_said_once_and_before_the_close(phone: Phone) -> None:
    phone.line.leave(Close.RESTART, "the server restarts", 2.5)
    phone.line.leave(Close.SLOW, "other", None)
    await settle()
    bye = json.loads(phone.sent[0]["text"])
    assert bye == {"type": "bye", "code": 4200, "reason": "the server restarts", "retry_after": 2.5}
    assert phone.closed_with() == [(4200, "restart")]


async def test_who_does_not_answer_the_close_is_cut_off(phone: Phone) -> None:
    running = asyncio.ensure_future(phone.line.run(phone.frames.get))
    await settle()
    assert phone.sessions == {phone.line}
    phone.line.leave(Close.RESTART, "the server restarts", None)
    await phone.after(CLOSE_SECONDS + 1)
    assert running.done()
    assert running.exception() is None
    assert phone.sessions == set()


async def test_who_takes_nothing_is_cut_off(phone: Phone) -> None:
    stopped = asyncio.Event()

    async def never(message: dict[str, Any]) -> None:
        await stopped.wait()

    phone.line.outlet._send = never  # type: ignore[attr-defined]
    running = asyncio.ensure_future(phone.line.run(phone.frames.get))
    phone.line.outlet.answer(Packet("1"))
    await settle()
    phone.line.tick(asyncio.get_running_loop().time() + 21)
    await settle()
    assert running.done()


async def test_frames_are_taken_until_the_socket_is_gone(phone: Phone) -> None:
    for message in (
        {"type": "websocket.receive", "text": "1"},
        {"type": "websocket.receive", "bytes": b"2", "text": None},
        {"type": "websocket.disconnect", "code": 1000},
        {"type": "websocket.receive", "text": "never"},
    ):
        phone.frames.put_nowait(message)
    await phone.line.run(phone.frames.get)
    assert phone.line.received == ["1", b"2"]  # type: ignore[attr-defined]


async def test_who_asks_on_without_taking_the_answers_is_not_heard_until_they_are_taken(phone: Phone) -> None:
    takes = asyncio.Event()

    async def slowly(message: dict[str, Any]) -> None:
        await takes.wait()

    phone.line.outlet._send = slowly
    running = asyncio.ensure_future(phone.line.run(phone.frames.get))
    phone.line.outlet.answer(Packet("x" * 10))
    await settle()
    phone.line.outlet.answer(Packet("x" * phone.line.outlet._max_bytes))
    for _ in range(3):
        phone.frames.put_nowait({"type": "websocket.receive", "text": "more"})
    await settle()
    assert phone.line.received == ["more"]  # type: ignore[attr-defined]
    for _ in range(3):  # its silence is ours, as long as it takes something
        phone.line.outlet._progress_at = phone.time + 19
        await phone.after(20)
    assert not phone.line.closed
    takes.set()
    await settle()
    assert phone.line.received == ["more"] * 3  # type: ignore[attr-defined]
    phone.frames.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await running


async def test_a_closing_line_takes_no_more_frames(phone: Phone) -> None:
    phone.line.leave(Close.RESTART, "the server restarts", None)
    phone.frames.put_nowait({"type": "websocket.receive", "text": "late"})
    phone.frames.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await phone.line.run(phone.frames.get)
    assert phone.line.received == []  # type: ignore[attr-defined]


async def test_cancelling_from_outside_is_not_swallowed(phone: Phone) -> None:
    running = asyncio.ensure_future(phone.line.run(phone.frames.get))
    await settle()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_one_socket_has_only_so_many_changes_under_way(phone: Phone) -> None:
    for _ in range(MAX_IN_FLIGHT):
        await phone.line.turn()
    late = asyncio.ensure_future(phone.line.turn())
    await settle()
    assert not late.done()
    phone.line.done()
    await late


@override_settings(TEAHOUSE={"LIMITS": False})
async def test_without_limits_it_has_as_many_as_it_likes(phone: Phone) -> None:
    for _ in range(2 * MAX_IN_FLIGHT):
        await asyncio.wait_for(phone.line.turn(), 1)


async def test_work_that_fails_closes_its_own_socket(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    phone.line.spawn(fail)
    await settle()
    assert phone.closed_with() == [(4105, "internal_error")]
    assert "ZeroDivisionError" in caplog.text


async def test_an_overflow_tells_the_gap_of_each_room(phone: Phone, log: ModelLog) -> None:
    phone.line.seats["tea"] = Seat(phone.line, log.room)
    phone.line._overflowed({"tea", "gone"})
    await settle()
    assert json.loads(phone.sent[0]["text"]) == {"type": "gap", "room": "tea"}


class Cable:
    """A server's connection that hands over what arrives, as `teahouse.server` does."""

    def __init__(self) -> None:
        self.is_reading = True
        self.is_released = False
        self.arrive: Any = None

    def hand_over(self, on_message: Any, *, pings: bool) -> None:
        assert pings
        self.arrive = on_message

    def read_on(self) -> None:
        self.is_reading = True

    def release(self) -> None:
        self.is_released = True

    async def bring(self, text: str) -> None:
        self.is_reading = False
        self.arrive({"type": "websocket.receive", "text": text})
        await settle()


async def test_a_line_that_the_server_hands_over_stands_without_a_task(phone: Phone) -> None:
    cable: Any = Cable()
    before = asyncio.all_tasks()
    phone.line.run_on(cable)
    await cable.bring("first")
    await cable.bring("second")
    assert phone.line.received == ["first", "second"]  # type: ignore[attr-defined]
    assert cable.is_reading
    assert asyncio.all_tasks() == before
    assert phone.sessions == {phone.line}


async def test_what_arrives_while_a_frame_waits_is_kept_in_order_and_never_copied(phone: Phone) -> None:
    cable: Any = Cable()
    phone.line.run_on(cable)
    let_go = asyncio.Event()

    async def waits(frame: str | bytes) -> None:
        await let_go.wait()
        taken.append(frame)

    taken: list[str | bytes] = []
    phone.line.receive = waits  # type: ignore[method-assign]
    cable.arrive({"type": "websocket.receive", "text": "0"})
    kept = phone.line._inbox
    for number in range(1, 100):
        cable.arrive({"type": "websocket.receive", "text": str(number)})
    assert phone.line._inbox is kept
    let_go.set()
    await settle()
    assert taken == [str(number) for number in range(100)]


async def test_a_line_that_was_handed_over_ends_with_its_socket(phone: Phone) -> None:
    cable: Any = Cable()
    phone.line.run_on(cable)
    cable.arrive({"type": "websocket.receive", "text": "last words"})
    cable.arrive({"type": "websocket.disconnect", "code": 1001})
    cable.arrive({"type": "websocket.disconnect", "code": 1005})
    await settle()
    assert phone.line.received == ["last words"]  # type: ignore[attr-defined]
    assert phone.sessions == set()
    assert cable.is_released


async def test_a_line_that_was_handed_over_can_be_cut_while_nothing_arrives(phone: Phone) -> None:
    cable: Any = Cable()
    phone.line.run_on(cable)
    phone.line.cut()
    assert phone.sessions == set()
    assert cable.is_released


async def test_a_line_that_was_handed_over_can_be_cut_while_it_works(phone: Phone) -> None:
    async def never(frame: str | bytes) -> None:
        await asyncio.Event().wait()

    cable: Any = Cable()
    phone.line.receive = never  # type: ignore[method-assign]
    phone.line.run_on(cable)
    await cable.bring("hello")
    phone.line.cut()
    await settle()
    assert cable.is_released


async def test_a_frame_that_breaks_the_server_closes_its_own_socket(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(frame: str | bytes) -> None:
        raise ZeroDivisionError

    cable: Any = Cable()
    phone.line.receive = broken  # type: ignore[method-assign]
    phone.line.run_on(cable)
    await cable.bring("private words")
    assert cable.is_released
    assert "ZeroDivisionError" in caplog.text
    assert "private words" not in caplog.text


async def test_a_token_whose_time_is_over_ends_the_line(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "now", lambda: 1000)
    phone.line.proof = TokenProof(1, 0, 1001)
    await phone.after(1)
    assert not phone.line.closed
    phone.line.proof.expires_at = 1000  # type: ignore[misc]
    await phone.after(1)
    assert phone.closed_with() == [(4201, "token_expired")]


async def test_a_line_falls_with_its_proof_and_not_with_one_that_another_replaced(phone: Phone) -> None:
    former, proof = Proof(1, 0), Proof(1, 0)
    phone.line.proof = proof
    phone.line.fall(former)
    assert not phone.line.closed
    phone.line.fall(proof)
    await settle()
    assert phone.closed_with() == [(4203, "login_changed")]
