"""The server's side of stages 1 to 3: one consumer each, over what they share in `TextConsumer`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from app01.group_names import group_name

logger = logging.getLogger(__name__)

GREETING = "Welcome, the tea is ready. 欢迎，茶泡好了。"
LONGEST_MESSAGE = 4000  # characters
PATIENCE_SECONDS = 1.0

# Close codes of the band that belongs to applications, as Teahouse has them: daphne can't send 1003 or 1009.
MESSAGE_REFUSED = 4005
BINARY_FRAME = 4006
SLOW = 4102


class TextConsumer(AsyncWebsocketConsumer):
    """Hands each text frame to `heard`; turns away the one who sends anything else, and nobody besides.

    Asynchronous, because Channels runs the handlers of all synchronous consumers of a process on one thread.
    """

    ending: asyncio.Task[None] | None = None

    async def heard(self, text: str) -> None:
        """What the stage does with a message."""
        raise NotImplementedError

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.ending is not None:
            return  # frames that were under way when this client was turned away
        if text_data is None:
            self.turn_away(BINARY_FRAME)
        elif len(text_data) > LONGEST_MESSAGE:
            self.turn_away(MESSAGE_REFUSED)
        elif text_data.strip():
            await self.heard(text_data)

    async def tell(self, text: str) -> None:
        """Send one frame. A client that is gone or takes nothing fails nobody, and delays the caller once."""
        if self.ending is not None:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.send(text_data=text)
        except (OSError, RuntimeError):  # too slow, left meanwhile, or closed already
            self.turn_away(SLOW)

    def turn_away(self, code: int) -> None:
        """Close without waiting for it: a client that doesn't read can't even be told so before it does."""
        logger.info("%s turned away with %d", type(self).__name__, code)
        self.ending = asyncio.create_task(self._close(code))

    async def _close(self, code: int) -> None:
        try:
            await self.close(code=code)
        except (OSError, RuntimeError):
            logger.info("%s was gone already", type(self).__name__)


class EchoConsumer(TextConsumer):
    """Stage 1: greets, and answers each message to the one who sent it."""

    async def connect(self) -> None:
        await self.accept()
        logger.info("echo: came in")
        await self.tell(GREETING)

    async def heard(self, text: str) -> None:
        await self.tell(f"You said: {text}")

    async def disconnect(self, code: int) -> None:
        logger.info("echo: left with %s", code)


CONNECTIONS: list[ListConsumer] = []


class ListConsumer(TextConsumer):
    """Stage 2: everyone in this process hears everyone, through a list that shrinks when someone leaves."""

    async def connect(self) -> None:
        await self.accept()
        CONNECTIONS.append(self)
        logger.info("list: came in, %d here", len(CONNECTIONS))
        await self.tell_all(f"Someone came in, {len(CONNECTIONS)} here.")

    async def heard(self, text: str) -> None:
        await self.tell_all(text)

    async def disconnect(self, code: int) -> None:
        if self in CONNECTIONS:
            CONNECTIONS.remove(self)
        logger.info("list: left with %s, %d here", code, len(CONNECTIONS))
        await self.tell_all(f"Someone left, {len(CONNECTIONS)} here.")

    async def tell_all(self, text: str) -> None:
        """Tell everyone at the same time, so that one who is slow or dead stands in nobody's way."""
        await asyncio.gather(*(connection.tell(text) for connection in CONNECTIONS))
        CONNECTIONS[:] = [connection for connection in CONNECTIONS if connection.ending is None]


class GroupConsumer(TextConsumer):
    """Stage 3: a room by its name in the address; the channel layer (memory or Redis) knows who is in it."""

    async def connect(self) -> None:
        self.group = group_name(self.scope["url_route"]["kwargs"]["group"])
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        logger.info("groups: came in")
        await self.tell(GREETING)

    async def heard(self, text: str) -> None:
        # Our own field with our own text: the server's event has a shape of its own, and may lack "text".
        await self.channel_layer.group_send(self.group, {"type": "chat.message", "text": text})

    async def chat_message(self, event: dict[str, Any]) -> None:
        """What the layer calls in every member for `"type": "chat.message"`."""
        await self.tell(event["text"])

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)
        logger.info("groups: left with %s", code)
