"""Ready-made frames, and the bounded ring of recent ones that a room keeps; used by all of ``live``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from teahouse.chat.announcing import Committed
from teahouse.protocol.codec import encode
from teahouse.protocol.connection import PlainConnection
from teahouse.protocol.events import Changes, Reset

_decoder: msgspec.json.Decoder[Changes] = msgspec.json.Decoder(Changes)


WRITE_BYTES = 64 * 1024
"""What goes out together is joined into writes of at most so much."""


class Packet:
    """Texts that go out together, framed once: the same bytes are right for every socket, for servers mask nothing."""

    __slots__ = ("size", "texts", "wire")

    def __init__(self, text: str) -> None:
        data = text.encode()
        self.texts: tuple[str, ...] = (text,)
        self.size = len(data)
        self.wire = _header(self.size) + data

    @classmethod
    def join(cls, packets: Iterable[Packet]) -> list[Packet]:
        """Return these packets as few, each of them one write; one that is larger than a write stays alone."""
        joined: list[Packet] = []
        together: list[Packet] = []
        size = 0
        for packet in packets:
            if together and size + len(packet.wire) > WRITE_BYTES:
                joined.append(cls._joined(together))
                together, size = [], 0
            together.append(packet)
            size += len(packet.wire)
        if together:
            joined.append(cls._joined(together))
        return joined

    @staticmethod
    def _joined(packets: Sequence[Packet]) -> Packet:
        if len(packets) == 1:
            return packets[0]
        one = Packet.__new__(Packet)
        one.texts = tuple(text for packet in packets for text in packet.texts)
        one.size = sum(packet.size for packet in packets)
        one.wire = b"".join([packet.wire for packet in packets])
        return one


class Frame(Packet):
    """One event, encoded once, the same for everyone: it spans (``after``, ``upto``]."""

    __slots__ = ("_event", "after", "upto")

    def __init__(self, after: int, upto: int, text: str, event: Changes | None = None) -> None:
        super().__init__(text)
        self.after = after
        self.upto = upto
        self._event = event

    @classmethod
    def of(cls, event: Changes) -> Frame:
        """Return the frame of an event."""
        return cls(event.after, event.upto, encode(event), event)

    @property
    def text(self) -> str:
        """The event as JSON."""
        return self.texts[0]

    @property
    def rights(self) -> Sequence[str]:
        """Whose rights may have ended with this event, by id; hardly any has any."""
        # In JSON no text can hold these characters: its quotes would be escaped. So few are decoded.
        if self._event is None and '"rights":[' not in self.text:
            return ()
        return self.event.rights

    @property
    def event(self) -> Changes:
        """The event itself; a frame that another process sent is decoded when a plain client first asks."""
        if self._event is None:
            self._event = _decoder.decode(self.text)
        return self._event


class Start(Packet):
    """The newest page of a room, in place of all that a client held, encoded once for everyone who asked alike."""

    __slots__ = ("event",)

    def __init__(self, event: Reset) -> None:
        super().__init__(encode(event))
        self.event = event


class Batch:
    """The contiguous frames of one fan-out of a room: (``after``, ``upto``], joined into writes that sockets share."""

    __slots__ = ("_plain", "after", "frames", "packets", "room", "upto")

    def __init__(self, room: str, frames: Sequence[Frame]) -> None:
        self.room = room
        self.frames = frames
        self.after = frames[0].after
        self.upto = frames[-1].upto
        self.packets = Packet.join(frames)
        self._plain: list[Packet] | None = None

    @property
    def plain(self) -> list[Packet]:
        """The bare texts, joined alike, for plain clients that stand at ``after``; made when one first asks."""
        if self._plain is None:
            self._plain = plain_packets(self.frames, self.after)
        return self._plain


def plain_packets(frames: Iterable[Frame], after: int) -> list[Packet]:
    """Return the texts of what was posted past a number, as plain clients get them."""
    return Packet.join(
        Packet(text) for frame in frames for text in PlainConnection.texts(frame.event, max(after, frame.after))
    )


@dataclass(frozen=True, slots=True)
class Growth:
    """What a log grew by, as the hub and the doorbell pass it on: it stands at ``upto``, perhaps by these frames."""

    log_id: int
    epoch: str
    upto: int
    frames: Sequence[Frame] = ()

    @classmethod
    def gather(cls, committed: Iterable[Committed]) -> list[Growth]:
        """Return what transactions added, one growth for each log, each event encoded once for everyone."""
        logs: dict[tuple[int, str], tuple[int, list[Frame]]] = {}
        for one in committed:
            upto, frames = logs.get((one.room_id, one.epoch), (0, []))
            frames += [Frame.of(event) for event in one.events]
            logs[one.room_id, one.epoch] = max(upto, one.upto), frames
        return [cls(log_id, epoch, upto, frames) for (log_id, epoch), (upto, frames) in logs.items()]


class Ring:
    """The newest contiguous frames of a room, at most ``max_bytes`` of them, from which most reconnects are served."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self.clearings = 0
        """How often all was forgotten: who read something before that must not bring it back."""

    def append(self, frame: Frame) -> None:
        """Keep a frame. One that deletes forgets all before it: what is deleted must not be sent again."""
        # In JSON no text can hold these characters: its quotes would be escaped. So nothing needs to be decoded.
        if '"deleted":true' in frame.text:
            self.clear()
        self._frames.append(frame)
        self._bytes += frame.size
        while self._bytes > self._max_bytes:
            self._bytes -= self._frames.popleft().size

    def prepend(self, frames: Sequence[Frame], position: int) -> None:
        """Keep what was read from the log, as far as it leads to what is kept, or to the room's position."""
        for frame in reversed(frames):
            begins = self._frames[0].after if self._frames else position
            if frame.upto != begins or self._bytes + frame.size > self._max_bytes:
                return
            self._frames.appendleft(frame)
            self._bytes += frame.size

    def since(self, seq: int) -> Sequence[Frame] | None:
        """Return the frames that lead from ``seq`` to the newest, or None when the ring does not reach back."""
        if not self._frames or self._frames[0].after > seq:
            return None
        return [frame for frame in self._frames if frame.upto > seq]

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()
        self._bytes = 0
        self.clearings += 1


def _header(size: int) -> bytes:
    """Return the head of an unfragmented, unmasked and uncompressed text frame (RFC 6455, section 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    return b"\x81\x7e" + size.to_bytes(2) if size < 65536 else b"\x81\x7f" + size.to_bytes(8)
