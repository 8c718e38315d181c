"""The tests' own PostgreSQL."""

import psycopg
import pytest

from tests.servers.postgres import PostgresDatabase, PostgresServer


def test_a_database_is_empty_and_speaks_unicode(postgres_database: PostgresDatabase) -> None:
    with psycopg.connect(postgres_database.conninfo) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
        assert connection.execute("SELECT '群聊 🍵'").fetchone() == ("群聊 🍵",)
    with psycopg.connect(postgres_database.url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (postgres_database.name,)


def test_what_a_killed_server_committed_is_there_after_its_start(own_postgres_server: PostgresServer) -> None:
    database = own_postgres_server.create_database()
    with psycopg.connect(database.conninfo) as connection:
        connection.execute("CREATE TABLE cups AS SELECT 1 AS full_cups")
        connection.commit()
        own_postgres_server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    own_postgres_server.start()
    with psycopg.connect(database.conninfo) as connection:
        assert connection.execute("SELECT full_cups FROM cups").fetchone() == (1,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_it_ends_at_once_when_asked_though_a_client_is_connected(own_postgres_server: PostgresServer) -> None:
    with psycopg.connect(own_postgres_server.maintenance.conninfo):
        assert own_postgres_server.stop() == 0
