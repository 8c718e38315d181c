"""uvicorn's sans-I/O WebSocket protocol, offering its connection to the hub as an ASGI extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import Protocol

EXTENSION = "teahouse.wire"


class _Inbox:
    """Stands where uvicorn has a queue, and keeps nothing."""

    __slots__ = ("_on_message", "_socket")

    def __init__(self, socket: WebSocket, on_message: Callable[[dict[str, Any]], None]) -> None:
        self._socket = socket
        self._on_message = on_message

    def put_nowait(self, message: dict[str, Any]) -> None:
        """Pass a message on; nothing more is read before it is done."""
        self._socket.reads_on = False
        self._on_message(message)


class _Always:
    """Stands where uvicorn has an event for ``send`` to wait for, which nobody calls any more."""

    def set(self) -> None:
        """Nobody waits."""

    def clear(self) -> None:
        """Nobody waits."""


_ALWAYS = _Always()

_OF_THE_HANDSHAKE = (
    *("app", "app_state", "asgi_version", "client", "config", "default_headers", "initial_response"),
    *("request", "response", "root_path", "scheme", "scope", "server"),
)
"""Attributes that uvicorn reads no more once a connection is open."""


class WebSocket(WebSocketsSansIOProtocol):
    """One connection. What is written here bypasses uvicorn's ``send``, which frames each text anew for each socket.

    Frames made elsewhere are valid on every connection, as long as they are not compressed: servers mask nothing, and
    an uncompressed frame is legal also where permessage-deflate was agreed on. uvicorn does not document this class,
    so its versions are pinned and ``tests/server`` holds what is used of it.
    """

    # What stays when the handshake is forgotten: uvicorn still asks for these.
    client: Any = None
    initial_response: Any = None
    scope: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.take: Callable[[bytes], None] | None = None
        self.on_change: Callable[[], None] | None = None
        self._is_full = False
        self._is_handed_over = False
        self._is_fresh = True
        self.reads_on = False

    def data_received(self, data: bytes) -> None:
        """Take what arrived. A handshake that cannot be read, for its address is too long, is answered as well."""
        self._is_fresh = not self.handshake_initiated and data.endswith(b"\r\n\r\n")
        super().data_received(data)
        # uvicorn pauses reading after it passed a message on: one that is done by then must not be waited for, nor one
        # that ended in a close, which the other side answers.
        if self.read_paused and (self.reads_on or (self.close_sent and not self.transport.is_closing())):
            self.read_on()
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.close_sent = self.handshake_complete = True
            self.transport.write(b"HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()

    async def run_asgi(self) -> None:
        """Run the application with this connection in its scope; one that takes it over returns while it is open."""
        self.scope.setdefault("extensions", {})[EXTENSION] = self
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if not self._is_handed_over:
            self.release()

    def hand_over(self, on_message: Callable[[dict[str, Any]], None], *, pings: bool = False) -> None:
        """Give whatever arrives to this function, so that the application need not stay to receive it.

        With that goes all that only the handshake needed: task, scope, headers and queue are most of what an idle
        connection holds. After each message nothing more is read before ``read_on`` is called. ``pings`` says that the
        application looks itself whether the other side is still there.
        """
        if pings:
            self.stop_keepalive()
        self._is_handed_over = self.reads_on = True
        queue, self.queue = self.queue, _Inbox(self, on_message)  # type: ignore[assignment]
        self.writable = _ALWAYS  # type: ignore[assignment]
        self._forget_handshake()
        while not queue.empty():
            self.queue.put_nowait(queue.get_nowait())

    def _forget_handshake(self) -> None:
        for name in _OF_THE_HANDSHAKE:
            self.__dict__.pop(name, None)
        self.__dict__ = dict(self.__dict__)  # as a smaller table
        if self._is_fresh:  # its parser still holds the request, and is at the beginning of a frame
            self.conn.parser = Protocol.parse(self.conn)
            next(self.conn.parser)

    def read_on(self) -> None:
        """Read the next message, after the last one was done."""
        self.reads_on = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def release(self) -> None:
        """End the connection, unless it is closing already."""
        if self.close_timer is None:
            self.transport.close()

    async def send(self, message: Any) -> None:
        """Send by the ordinary way. It opens the connection, and may close or refuse it."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # A refusal is an answer too; uvicorn's own class takes it for none, and logs an error for each.
            self.handshake_complete = True
        self._look()

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
        self._look()
        self.read_on()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def abort(self) -> None:
        """End the connection without waiting for what the other side does not take."""
        if self._is_full and not self.disconnected:
            self.transport.abort()

    def pause_writing(self) -> None:
        """Note that the buffer is full."""
        self._is_full = True
        super().pause_writing()
        self._look()

    def resume_writing(self) -> None:
        """Note that the buffer has room again."""
        self._is_full = False
        super().resume_writing()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take nothing more."""
        super().connection_lost(exc)
        self._look()

    def _look(self) -> None:
        """Offer the transport itself while it may be written to: that is one call for each frame and socket."""
        is_open = self.handshake_complete and not self.close_sent and not self.disconnected
        take = self.transport.write if is_open and not self._is_full else None
        if take != self.take or self.disconnected:
            self.take = take
            if self.on_change is not None:
                self.on_change()
