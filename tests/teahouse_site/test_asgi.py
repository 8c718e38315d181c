"""Where the ready site's requests and sockets go."""

from typing import Any

from teahouse_site.asgi import application


async def test_a_socket_at_no_address_of_ours_is_turned_away_without_an_error() -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    for path in ("/elsewhere/", "/ws", "/ws/a/b/"):
        await application({"type": "websocket", "path": path, "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close"}] * 3
