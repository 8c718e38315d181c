"""Stage 3 on a real Redis: two server processes are one room, and silence harms nobody."""

import threading
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from tests.servers.processes import ServerProcess, wait_until
from tests.servers.redis import RedisServer
from tests.tutorial.visitors import GREETING, close_code, hear, visit


@pytest.fixture
def two_servers(
    redis_server: RedisServer, serve_tutorial: Callable[..., ServerProcess]
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two processes of the tutorial's project that share nothing but a Redis and a database."""
    redis = {"CHANNEL_LAYER": "redis", "REDIS_URL": redis_server.url}
    servers = (serve_tutorial("daphne", **redis), serve_tutorial("uvicorn", **redis))
    yield servers
    assert not any("Traceback" in server.log for server in servers)


def test_two_processes_are_one_room_that_survives_silence_and_shrinks(
    two_servers: tuple[ServerProcess, ServerProcess], redis_server: RedisServer
) -> None:
    first, second = two_servers
    with visit(first, "/groups/群聊/") as ann, visit(second, "/groups/群聊/") as bob:
        assert hear(ann) == hear(bob) == GREETING
        ann.send("大家好")
        assert hear(ann) == hear(bob) == "大家好"

        # Longer than the 5 s after which redis-py gives up a read unless told otherwise.
        threading.Event().wait(6)
        bob.send("还在")
        assert hear(ann) == hear(bob) == "还在"

        with visit(second, "/groups/群聊/") as mallory:
            assert hear(mallory) == GREETING
            mallory.send(b"\x00\xff")
            assert close_code(mallory) == 4006
        ann.send("unharmed")
        assert hear(ann) == hear(bob) == "unharmed"
        assert members(redis_server) >= 2
    wait_until(lambda: members(redis_server) == 0, "everyone has left the group in Redis")


def members(redis_server: RedisServer) -> int:
    """How many channels stand in the layer's groups."""
    with Redis.from_url(redis_server.url, socket_timeout=5) as redis:
        return sum(redis.zcard(key) for key in redis.keys("asgi:group:*"))
