"""The fixtures that give a test real servers and a real browser; a pytest plugin that tests/conftest.py loads."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.servers.asgi import ServerStarter
from tests.servers.chromium import chromium
from tests.servers.postgres import PostgresDatabase, PostgresServer
from tests.servers.redis import RedisServer


def pytest_configure() -> None:
    # A run that is told to end goes through the fixtures' clean-up, and leaves no server behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[ServerStarter]:
    """Starts ASGI servers for one test: `start_server.uvicorn("host.asgi:application", environment={...})`."""
    starter = ServerStarter(tmp_path)
    yield starter
    starter.end_all()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test, which may kill it."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that all tests share: do not end it. It does not wait for the disk."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> PostgresDatabase:
    """An empty database for one test."""
    return postgres_server.create_database()


@pytest.fixture
def own_postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL for one test, which may kill it; it commits to disk as in earnest."""
    server = PostgresServer(durable=True)
    try:
        server.start()
        yield server
    finally:
        server.remove()


# Playwright's synchronous API keeps an event loop running in this thread, in which no async test and no ORM call
# could run: so the browser lasts for one module, and such tests stand in others.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for the tests of one module; `browser.new_context()` is a person of their own."""
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser window with cookies of its own."""
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
