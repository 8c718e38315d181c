"""uvicorn's sans-I/O WebSocket protocol, offering its connection to the hub as an ASGI extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "teahouse.wire"


class WebSocket(WebSocketsSansIOProtocol):
    """One connection. What is written here bypasses uvicorn's ``send``, which frames each text anew for each socket.

    Frames made elsewhere are valid on every connection, as long as they are not compressed: servers mask nothing, and
    an uncompressed frame is legal also where permessage-deflate was agreed on. uvicorn does not document this class,
    so its versions are pinned and ``tests/server`` holds what is used of it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_paused = False
        self.on_resume: Callable[[], None] | None = None

    def data_received(self, data: bytes) -> None:
        """Take what arrived. A handshake that cannot be read, for its address is too long, is answered as well."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.close_sent = self.handshake_complete = True
            self.transport.write(b"HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()

    async def run_asgi(self) -> None:
        """Run the application with this connection in its scope."""
        self.scope.setdefault("extensions", {})[EXTENSION] = self  # type: ignore[assignment]
        await super().run_asgi()

    def write(self, frames: bytes) -> None:
        """Write whole frames; nothing happens before the handshake and once the connection closes."""
        if self.handshake_complete and not self.close_sent and not self.disconnected:
            self.transport.write(frames)

    def waiting_bytes(self) -> int:
        """Return how much the transport's buffer holds."""
        return self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        """Send a close frame, and end the connection when the other side does not answer it in time."""
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def abort(self) -> None:
        """End the connection without waiting for what the other side does not take."""
        if self.is_paused and not self.disconnected:
            self.transport.abort()

    def pause_writing(self) -> None:
        """Note that the buffer is full."""
        self.is_paused = True
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the buffer has room again, and tell who waits for it."""
        self.is_paused = False
        super().resume_writing()
        if self.on_resume is not None:
            self.on_resume()
