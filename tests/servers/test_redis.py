"""The tests' own Redis."""

import redis

from tests.servers.redis import RedisServer


def test_a_redis_server_keeps_what_it_is_told_until_it_is_lost(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("tea", "green")
        assert client.get("tea") == b"green"
    redis_server.kill()
    redis_server.start()
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.get("tea") is None
