"""Runs the site under uvicorn, and closes it without a herd; used by ``teahouse serve``."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys

import django
import uvicorn

from teahouse.settings import settings as chat_settings
from teahouse_site.environment import words
from teahouse_site.open_files import allow_many_open_files

BACKLOG = 4096
# The frame that is refused must still arrive, so that its sender is told why.
FRAME_MARGIN_BYTES = 4096


def serve(host: str, port: int) -> None:
    """Serve until told to stop. Exits with one line when nothing can listen there."""
    listening = _listen(host, port)
    django.setup()
    allow_many_open_files()
    # Models can be imported only after that.
    from django.conf import settings
    from django.db import connections

    from teahouse_site.first_data import prepare

    prepare()
    connections.close_all()  # the event loop's thread, this one, asks no database
    _exit_quietly_on_signals()
    folder = settings.DATA  # type: ignore[misc]
    place = _url(host, listening.getsockname()[1])
    notes = [f"Teahouse is open at {place}", f"Its data is in {folder}. Ctrl+C closes it."]
    if host in ("0.0.0.0", "::") and not words("TEAHOUSE_HOSTS"):  # noqa: S104 (compared with)
        notes.append("Say in TEAHOUSE_HOSTS by which names people reach it: until then only this machine gets in.")
    if not chat_settings.LIMITS:
        notes.append("Limits are off (TEAHOUSE_LIMITS): anybody may send as much as the machine takes.")
    ChatServer(_config(), notes).run(sockets=[listening])


class ChatServer(uvicorn.Server):
    """Says when it is open, and lets the chat say bye before connections close."""

    def __init__(self, config: uvicorn.Config, notes: list[str]) -> None:
        super().__init__(config)
        self._notes = notes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell it."""
        await super().startup(sockets)
        print("\n".join(self._notes), flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody new, let the chat finish and say bye, then close. A second Ctrl+C does not wait."""
        for server in self.servers:
            server.close()
        draining = asyncio.ensure_future(_drain())
        while not draining.done() and not self.force_exit:
            await asyncio.wait([draining], timeout=0.1)
        draining.cancel()
        await super().shutdown(sockets)


async def _drain() -> None:
    from teahouse.live import drain  # models can be imported only when Django is set up

    await drain()


def _config() -> uvicorn.Config:
    # Both uvicorn, which also takes the scheme from them, and the limits believe the same proxies.
    proxies = ",".join(chat_settings.PROXIES)
    return uvicorn.Config(
        "teahouse_site.asgi:application",
        backlog=BACKLOG,
        lifespan="on",
        ws="teahouse.server:WebSocket",
        ws_max_size=chat_settings.MAX_FRAME_BYTES + FRAME_MARGIN_BYTES,
        # Deflate costs each connection tens of KiB, and a frame of zeros costs the server a hundred MiB.
        ws_per_message_deflate=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_graceful_shutdown=int(chat_settings.DRAIN_SECONDS),
        access_log=False,
        log_config=None,
        server_header=False,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            sys.exit(f"teahouse: something else listens at {host} port {port}; stop it, or choose another --port")
        sys.exit(f"teahouse: cannot listen at {host} port {port}: {error}")


def _url(host: str, port: int) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared with)
        host = socket.gethostname()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _exit_quietly_on_signals() -> None:
    """Make an asked-for stop a success: uvicorn raises the signal again once it has closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
