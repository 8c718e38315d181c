"""A database that is killed while it is written to: refused is what it does not take, and nothing else."""

from tests.behaviour.chat.programs import Begin
from tests.behaviour.conftest import host_environment, manage
from tests.behaviour.tables import postgres_tables
from tests.servers.postgres import PostgresServer
from tests.servers.processes import wait_until

POSTS = 600


def test_what_was_acknowledged_outlives_a_killed_postgresql_and_the_rest_is_sent_again(
    begin: Begin, own_postgres_server: PostgresServer
) -> None:
    database = own_postgres_server.create_database()
    environment = host_environment(database.url)
    manage(environment, "migrate", "--verbosity=0")
    tables = postgres_tables(database.conninfo, database.url)
    writer = begin("write_on", environment, str(POSTS))
    for least in (50, 200):
        wait_until(lambda least=least: tables.head() >= least, f"{least} posts are stored")
        own_postgres_server.kill()
        wait_until(lambda: not own_postgres_server.accepts(), "it is gone")
        own_postgres_server.start()

    told = writer.facts()

    assert told["places"] == [*range(1, POSTS + 1)]
    assert set(told["refused"]) == {"unavailable"}
    assert tables.texts() == [f"message {number}" for number in range(POSTS)]
    assert tables.numbers() == told["places"]
