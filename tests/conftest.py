"""What all tests share: their database (a file, or a PostgreSQL of their own), and the fixtures of real servers."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from asgiref.sync import SyncToAsync
from django.db import connections

from teahouse.checks.start import looked

# The tests of a socket or a page are no server's start.
looked.set()

pytest_plugins = ["tests.servers.fixtures"]

# A busy machine is not a wrong answer: no test fails for being slow, but for its own timeout.
hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("tests")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Runs once, before pytest-django makes the test database."""
    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.postgresql":
        server = request.getfixturevalue("postgres_server")
        maintenance = server.maintenance
        database.update(HOST=maintenance.host, PORT=maintenance.port, USER=maintenance.user)
    else:
        # A file and not memory, so that the writer's thread sees what the test's thread sees.
        database["TEST"]["NAME"] = str(Path(tmp_path_factory.mktemp("database")) / "test.sqlite3")


@pytest.fixture(autouse=True)
def no_connection_of_the_shared_thread() -> Iterator[None]:
    """What a test did by `sync_to_async` leaves a connection in its thread, and PostgreSQL drops no database in use."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result(timeout=60)
