"""How much one request may send."""

from collections.abc import Sequence
from typing import Any

import pytest

from teahouse_site.bodies import bounded

LIMIT = 10


async def ask(chunks: Sequence[bytes], length: str | None = None, read: bool = True) -> list[dict[str, Any]]:
    """What a client is sent when it sends these chunks to an application that reads them all, as Django does."""
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1}
        for place, chunk in enumerate(chunks)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = b""
        while read:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    headers = [] if length is None else [(b"content-length", length.encode())]
    await bounded(application, LIMIT)({"type": "http", "headers": headers}, receive, send)
    return sent


@pytest.mark.parametrize("chunks", [[b""], [b"0123456789"], [b"01234", b"", b"56789"]])
async def test_a_body_within_the_bound_arrives_whole(chunks: list[bytes]) -> None:
    start, body = await ask(chunks)
    assert (start["status"], body["body"]) == (200, b"".join(chunks))


async def test_an_announced_length_past_the_bound_is_refused_unread() -> None:
    start, _ = await ask([], length="11")
    assert start["status"] == 413


@pytest.mark.parametrize("length", [None, "5", "x", "-1"])
async def test_a_body_that_says_less_than_it_sends_is_refused_where_it_passes_the_bound(length: str | None) -> None:
    start, _ = await ask([b"01234", b"56789", b"0", b"1"], length)
    assert start["status"] == 413


async def test_sockets_pass_by() -> None:
    seen = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append((receive, send))

    await bounded(application, LIMIT)({"type": "websocket"}, ask, ask)  # type: ignore[arg-type]
    assert seen == [(ask, ask)]
