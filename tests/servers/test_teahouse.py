"""`teahouse serve` as the tests start it, alone and with PostgreSQL and Redis."""

import urllib.request
from pathlib import Path

from tests.servers.asgi import ServerStarter
from tests.servers.postgres import PostgresDatabase
from tests.servers.redis import RedisServer


def test_the_ready_site_answers_and_keeps_its_data_where_it_is_told(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data")
    assert urllib.request.urlopen(server.url).status == 200
    assert (tmp_path / "data" / "db.sqlite3").exists()
    assert server.stop() == 0


def test_two_ready_sites_share_a_database_and_a_redis(
    start_server: ServerStarter, tmp_path: Path, postgres_database: PostgresDatabase, redis_server: RedisServer
) -> None:
    environment = {"TEAHOUSE_DATABASE": postgres_database.url, "TEAHOUSE_REDIS": redis_server.url}
    for name in ("one", "two"):
        server = start_server.teahouse(tmp_path / name, environment=environment)
        assert urllib.request.urlopen(server.url).status == 200
