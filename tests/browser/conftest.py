"""A ready site and people at browsers. Whatever goes wrong in anybody's page fails the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visitor import Visitor
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """`teahouse serve`, shared by the tests of a module: each goes to rooms of its own, and none ends it.

    Long rooms are filled at once, which is what limits are against: there are none.
    """
    folder = tmp_path_factory.mktemp("site")
    starter = ServerStarter(folder)
    try:
        yield starter.teahouse(folder / "data", environment={"TEAHOUSE_LIMITS": "off"})
    finally:
        starter.end_all()


@pytest.fixture
def own_site(start_server: ServerStarter, tmp_path: Path) -> ServerProcess:
    """`teahouse serve` for one test, which may end it."""
    return start_server.teahouse(tmp_path / "data")


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest, start_server: ServerStarter) -> Iterator[Visit]:
    """Opens a window: `visit("Ann")`, with options of the browser's context; `at=` another site than the shared one.

    It asks for `start_server` so that the windows close before a server of their test ends: pages that see it end call
    their broken lines an error.
    """
    visitors: list[Visitor] = []

    def open_window(name: str | None = None, *, at: ServerProcess | None = None, **options: Any) -> Visitor:
        server = at or request.getfixturevalue("site")
        visitor = Visitor(browser, server.url, **options)
        visitors.append(visitor)
        if name is not None:
            visitor.call_oneself(name)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.close()
    assert [trouble for visitor in visitors for trouble in visitor.troubles] == []
