"""Tests of `teahouse.live.frames`."""

import msgspec
import pytest
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from teahouse.live.frames import Frame, Growth, Packet, Ring
from teahouse.protocol.events import Changes
from tests.live.model_log import ModelLog


def ring_of(log: ModelLog, count: int, max_bytes: int = 10_000) -> Ring:
    ring = Ring(max_bytes)
    for number in range(count):
        (frame,) = log.post(f"message {number}").frames
        ring.append(frame)
    return ring


def test_a_frame_from_another_process_is_decoded_when_it_is_asked_for(log: ModelLog) -> None:
    (ours,) = log.post("早上好").frames
    theirs = Frame(ours.after, ours.upto, ours.text)
    assert theirs.event == ours.event
    assert theirs.event is theirs.event
    assert theirs.size == len(ours.text.encode()) > len(ours.text)


def test_a_frame_is_the_json_of_its_event(log: ModelLog) -> None:
    (frame,) = log.post().frames
    assert msgspec.json.decode(frame.text, type=Changes) == frame.event


def test_a_growth_holds_one_frame_for_each_committed_event(log: ModelLog) -> None:
    log.post()
    log.post()
    growth = log.growth(0)
    assert (growth.epoch, growth.upto, [(frame.after, frame.upto) for frame in growth.frames]) == ("e1", 2, [(0, 2)])
    assert Growth(7, "e1", 3).frames == ()


def test_a_ring_gives_what_follows_a_position(log: ModelLog) -> None:
    ring = ring_of(log, 5)
    assert [frame.upto for frame in ring.since(3) or ()] == [4, 5]
    assert ring.since(5) == []


def test_a_ring_that_does_not_reach_back_says_so(log: ModelLog) -> None:
    log.post()
    ring = ring_of(log, 3)
    assert ring.since(0) is None
    assert len(ring.since(1) or ()) == 3
    assert Ring(100).since(0) is None


def test_a_ring_keeps_no_more_than_its_bytes(log: ModelLog) -> None:
    ring = ring_of(log, 50, max_bytes=1000)
    kept = ring.since(49)
    assert kept is not None
    assert ring.since(40) is None


def test_a_ring_forgets_what_was_deleted(log: ModelLog) -> None:
    ring = ring_of(log, 3)
    (frame,) = log.delete(2).frames
    ring.append(frame)
    assert ring.since(2) is None
    assert [kept.upto for kept in ring.since(3) or ()] == [4]


def test_a_text_that_looks_like_a_deletion_is_none(log: ModelLog) -> None:
    ring = ring_of(log, 1)
    (frame,) = log.post('{"deleted":true}').frames
    ring.append(frame)
    assert len(ring.since(0) or ()) == 2


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70_000])
def test_a_packet_is_framed_as_the_websocket_standard_has_it(size: int) -> None:
    text = "茶" * (size // 3) + "x" * (size % 3)
    packet = Packet(text)
    assert packet.size == size
    assert packet.wire == WebSocketFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
