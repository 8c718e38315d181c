"""The club's own socket, which has nothing to do with the chat: how many places of a walk are left."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer


class Places(AsyncJsonWebsocketConsumer):
    """Says how many places are left, at once and whenever that changes."""

    async def connect(self) -> None:
        self.group = f"places-{self.scope['url_route']['kwargs']['walk']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.places_changed({})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def places_changed(self, event: dict[str, Any]) -> None:
        await self.send_json({"left": await places_left(self.scope["url_route"]["kwargs"]["walk"])})


@database_sync_to_async
def places_left(pk: int) -> int:
    from club.models import Walk  # asgi.py imports this module before Django is set up

    walk = Walk.objects.filter(pk=pk).first()
    return walk.places_left if walk else 0


def tell_places_changed(walk_pk: int) -> None:
    """Let open pages know; called once the sign-up is committed."""
    async_to_sync(get_channel_layer().group_send)(f"places-{walk_pk}", {"type": "places.changed"})
