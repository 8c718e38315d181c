"""Tests of `teahouse.live.frames`."""

from collections.abc import Sequence
from functools import partial

import msgspec
import pytest
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from teahouse.chat.announcing import Committed
from teahouse.live.frames import WRITE_BYTES, Batch, Frame, Growth, Packet, Ring, plain_packets
from teahouse.protocol.events import Changes
from tests.live.model_log import ModelLog


def events_of(frames: Sequence[Frame]) -> list[Changes]:
    return [frame.event for frame in frames]


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


def test_what_several_transactions_added_to_a_log_is_gathered_in_one_growth(log: ModelLog) -> None:
    tea = [Committed(7, "e1", n, n + 1, partial(events_of, log.post().frames)) for n in range(3)]
    cake = Committed(8, "e1", 4, 5, tuple)
    renewed = Committed(7, "e2", 3, 4, tuple)
    gathered = Growth.gather([tea[0], cake, tea[1], renewed, tea[2]])
    assert [(growth.log_id, growth.epoch, growth.upto) for growth in gathered] == [
        (7, "e1", 3),
        (8, "e1", 5),
        (7, "e2", 4),
    ]
    assert [frame.event for frame in gathered[0].frames] == [event for one in tea for event in one.events]
    assert Growth.gather([]) == []


def test_what_goes_out_together_is_joined_into_bounded_writes_of_whole_frames() -> None:
    packets = [Packet(str(number) * size) for number, size in enumerate([20_000, 20_000, 30_000, 90_000, 10, 10])]
    joined = Packet.join(packets)
    assert b"".join(one.wire for one in joined) == b"".join(packet.wire for packet in packets)
    assert [len(one.texts) for one in joined] == [2, 1, 1, 2]
    assert [one.size for one in joined] == [40_000, 30_000, 90_000, 20]
    assert all(len(one.wire) <= WRITE_BYTES for one in joined if len(one.texts) > 1)
    assert joined[2] is packets[3], "what needs no joining is not copied"


def test_a_batch_is_joined_once_for_all_and_its_bare_texts_too(log: ModelLog) -> None:
    frames = [frame for text in ("one", "two") for frame in log.post(text).frames]
    frames += log.edit(1, "changed").frames
    batch = Batch("tea", frames)
    assert (batch.after, batch.upto) == (0, 3)
    assert [packet.wire for packet in batch.packets] == [b"".join(frame.wire for frame in frames)]
    assert [packet.texts for packet in batch.plain] == [("one", "two")]
    assert batch.plain is batch.plain
    assert [packet.texts for packet in plain_packets(frames, 1)] == [("two",)]
    assert Batch("tea", log.edit(2, "again").frames).plain == []


def test_a_ring_gives_what_follows_a_position(log: ModelLog) -> None:
    ring = ring_of(log, 5)
    assert [frame.upto for frame in ring.since(3) or ()] == [4, 5]
    assert ring.since(5) == []


def test_a_ring_keeps_what_was_read_before_what_it_has(log: ModelLog) -> None:
    read = [frame for number in range(4) for frame in log.post(f"message {number}").frames]
    ring = ring_of(log, 2)
    ring.prepend(read[:2], position=6)
    assert ring.since(0) is None, "what does not lead to what it has is of no use"
    ring.prepend(read, position=6)
    assert [frame.upto for frame in ring.since(0) or ()] == [1, 2, 3, 4, 5, 6]


def test_an_empty_ring_keeps_what_was_read_up_to_the_position_and_within_its_bytes(log: ModelLog) -> None:
    read = [frame for number in range(4) for frame in log.post(f"message {number}").frames]
    ring = Ring(max_bytes=2 * read[0].size)
    ring.prepend(read, position=5)
    assert ring.since(3) is None
    ring.prepend(read, position=4)
    assert ring.since(1) is None
    assert [frame.upto for frame in ring.since(2) or ()] == [3, 4]


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
