"""The consumers without a server: one dead socket among live ones."""

from collections.abc import Callable
from types import ModuleType

import pytest
from channels.testing import WebsocketCommunicator

App01 = Callable[[str], ModuleType]


@pytest.mark.parametrize("failure", [ConnectionError("gone"), RuntimeError("after 'websocket.close'")])
async def test_a_dead_socket_in_the_list_stops_nobody_and_is_dropped(app01: App01, failure: Exception) -> None:
    consumers = app01("consumers")

    class Dead(consumers.ListConsumer):  # type: ignore[misc, name-defined]
        async def send(self, *_args: object, **_kwargs: object) -> None:
            raise failure

        close = send

    connections = consumers.CONNECTIONS
    ann, bob = (WebsocketCommunicator(consumers.ListConsumer.as_asgi(), "/list/") for _ in range(2))
    connections.append(Dead())
    await ann.connect()
    assert await ann.receive_from() == "Someone came in, 2 here."
    await bob.connect()
    assert await ann.receive_from() == await bob.receive_from() == "Someone came in, 2 here."

    await ann.send_to(text_data="hello")
    assert await ann.receive_from() == await bob.receive_from() == "hello"

    await ann.disconnect()
    await bob.disconnect()
    assert connections == []
