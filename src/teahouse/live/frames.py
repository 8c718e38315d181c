"""Ready-made frames, and the bounded ring of recent ones that a room keeps; used by all of ``live``."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from teahouse.chat.announcing import Committed
from teahouse.protocol.codec import encode
from teahouse.protocol.events import Changes

_decoder: msgspec.json.Decoder[Changes] = msgspec.json.Decoder(Changes)


class Packet:
    """A text as it goes out, framed once: the same bytes are right for every socket, for servers mask nothing."""

    __slots__ = ("size", "text", "wire")

    def __init__(self, text: str) -> None:
        data = text.encode()
        self.text = text
        self.size = len(data)
        self.wire = _header(self.size) + data


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
    def event(self) -> Changes:
        """The event itself; a frame that another process sent is decoded when a plain client first asks."""
        if self._event is None:
            self._event = _decoder.decode(self.text)
        return self._event


@dataclass(frozen=True, slots=True)
class Growth:
    """What a log grew by, as the hub and the doorbell pass it on: it stands at ``upto``, perhaps by these frames."""

    log_id: int
    epoch: str
    upto: int
    frames: Sequence[Frame] = ()

    @classmethod
    def of(cls, committed: Committed) -> Growth:
        """Return what one transaction added, each event encoded once for everyone."""
        frames = [Frame.of(event) for event in committed.events]
        return cls(committed.room_id, committed.epoch, committed.upto, frames)


class Ring:
    """The newest contiguous frames of a room, at most ``max_bytes`` of them, from which most reconnects are served."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._bytes = 0

    def append(self, frame: Frame) -> None:
        """Keep a frame. One that deletes forgets all before it: what is deleted must not be sent again."""
        # In JSON no text can hold these characters: its quotes would be escaped. So nothing needs to be decoded.
        if '"deleted":true' in frame.text:
            self.clear()
        self._frames.append(frame)
        self._bytes += frame.size
        while self._bytes > self._max_bytes:
            self._bytes -= self._frames.popleft().size

    def since(self, seq: int) -> Sequence[Frame] | None:
        """Return the frames that lead from ``seq`` to the newest, or None when the ring does not reach back."""
        if not self._frames or self._frames[0].after > seq:
            return None
        return [frame for frame in self._frames if frame.upto > seq]

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()
        self._bytes = 0


def _header(size: int) -> bytes:
    """Return the head of an unfragmented, unmasked and uncompressed text frame (RFC 6455, section 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    return b"\x81\x7e" + size.to_bytes(2) if size < 65536 else b"\x81\x7f" + size.to_bytes(8)
