"""What each server keeps of how a socket ends, as the table in docs/embedding.md says."""

import asyncio
from dataclasses import dataclass

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.embedding.fresh_project import FreshProject
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Kept:
    """Of a server: whether reasons arrive, and with which code it closes when it stops (None: it cuts the line)."""

    program: str
    reasons: bool
    stop_code: int | None


UVICORN = Kept("uvicorn", True, 1012)
DAPHNE = Kept("daphne", False, None)


def start(kept: Kept, project: FreshProject, starter: ServerStarter) -> ServerProcess:
    start_program = {"uvicorn": starter.uvicorn, "daphne": starter.daphne}[kept.program]
    return start_program(project.application, folder=project.folder, environment=project.environment)


def plain_socket(server: ServerProcess, origin: str = "") -> connect:
    return connect(f"{server.ws_url}/chat/ws/tea/", origin=origin or server.url, proxy=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", [UVICORN, DAPHNE], ids=lambda kept: kept.program)
async def test_a_server_keeps_what_the_docs_say(
    kept: Kept, fresh_project: FreshProject, start_server: ServerStarter
) -> None:
    server = start(kept, fresh_project, start_server)
    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(InvalidStatus) as refused:
            async with plain_socket(server, "https://evil.example"):
                pass
        assert refused.value.response.status_code == 403
        assert (b"origin_refused" in (refused.value.response.body or b"")) == kept.reasons

        async with plain_socket(server) as socket:
            await socket.send(b"\x00")
            assert await closed(socket) == (4006, "binary_frame" if kept.reasons else "")

        async with plain_socket(server) as socket:
            await socket.send("Is anybody here?")
            assert await socket.recv() == "Is anybody here?"
            stopping = asyncio.ensure_future(asyncio.to_thread(server.stop))
            code, _ = await closed(socket)
            assert code == kept.stop_code
            await stopping


async def closed(socket: object) -> tuple[int | None, str]:
    """The code and reason of the server's close frame."""
    try:
        said = await socket.recv()  # type: ignore[attr-defined]
    except ConnectionClosed as end:
        return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (None, "")
    raise AssertionError(f"still open, and heard {said!r}")
