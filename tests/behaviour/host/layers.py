"""Channel layers that a doorbell cannot rely on; named in the host's settings."""

import random
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer


class LyingLayer(RedisPubSubChannelLayer):
    """Drops one ring in ten, says one in ten twice, and one in ten after the next."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._random = random.Random(7)
        self._late: list[tuple[str, dict[str, Any]]] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        late, self._late = self._late, []
        chance = self._random.random()
        if chance < 0.1:
            self._late = [(group, message)]
        elif chance >= 0.2:
            await self._get_layer().group_send(group, message)
        if chance >= 0.9:
            await self._get_layer().group_send(group, message)
        for other_group, earlier in late:
            await self._get_layer().group_send(other_group, earlier)


class SilentLayer(RedisPubSubChannelLayer):
    """Takes every ring, and tells nobody."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        pass
