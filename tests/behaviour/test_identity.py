"""Who a socket is: by session or guest cookie when a page of this site opens it, and else by token or as a guest."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.conftest import APPLICATION, host_environment
from tests.behaviour.tables import Tables, copy_sqlite
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess


@pytest.fixture(scope="module")
def tables(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return copy_sqlite(sqlite_template, tmp_path_factory.mktemp("identity-database") / "host.sqlite3")


@pytest.fixture(scope="module")
def server(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    starter = ServerStarter(tmp_path_factory.mktemp("identity-server"))
    yield starter.uvicorn(APPLICATION, environment=host_environment(tables))
    starter.end_all()


@pytest.fixture
def browser(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=10) as client:
        yield client


def cookies(browser: httpx.Client) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def log_in(browser: httpx.Client, name: str) -> str:
    """Gives the browser a session; returns a token of the same user."""
    token: str = browser.post("/log-in/", data={"name": name}).raise_for_status().json()["token"]
    return token


async def who(server: ServerProcess, token: str | None = None, **headers: str) -> tuple[str, str]:
    """Kind and name of whoever opens a socket with these headers."""
    async with Chatter(server.ws_url, name="nick", token=token, headers=headers) as somebody:
        return somebody.me["kind"], somebody.me["name"]


async def test_a_session_counts_only_when_a_page_of_this_site_opens_the_socket(
    server: ServerProcess, browser: httpx.Client
) -> None:
    log_in(browser, "lily")
    assert await who(server, Cookie=cookies(browser), Origin=server.url) == ("user", "lily")
    assert await who(server, Cookie=cookies(browser)) == ("guest", "nick")
    with pytest.raises(InvalidStatus, match="403"):
        await connect(
            f"{server.ws_url}/ws/", additional_headers={"Cookie": cookies(browser)}, origin="null", proxy=None
        )


async def test_a_guests_cookie_counts_only_when_a_page_of_this_site_opens_the_socket(
    server: ServerProcess, browser: httpx.Client
) -> None:
    async with Chatter(server.ws_url, name="Ann") as ann:
        cookie = f"teahouse_guest={ann.token}"
        await ann.post("hello")
    async with Chatter(server.ws_url, headers={"Cookie": cookie, "Origin": server.url}) as again:
        assert again.me == ann.me
        assert again.token is None, "the cookie is enough"
    async with Chatter(server.ws_url, headers={"Cookie": cookie}) as other:
        assert other.me["id"] != ann.me["id"]
    async with Chatter(server.ws_url, headers={"Cookie": "teahouse_guest=forged", "Origin": server.url}) as new:
        assert new.me["id"] != ann.me["id"]


async def test_a_token_needs_no_page(server: ServerProcess, browser: httpx.Client) -> None:
    token = log_in(browser, "bo")
    assert await who(server, Authorization=f"Bearer {token}") == ("user", "bo")
    assert await who(server, token=token) == ("user", "bo")
    # The token is what somebody chose to show, so it goes before the cookie of whoever used this browser before.
    log_in(browser, "lily")
    assert await who(server, token=token, Cookie=cookies(browser), Origin=server.url) == ("user", "bo")


async def test_a_forged_bearer_token_is_refused_before_the_socket_opens(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus, match="401"):
        await connect(
            f"{server.ws_url}/ws/",
            additional_headers={"Authorization": "Bearer forged"},
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            proxy=None,
        )


async def test_a_name_that_was_made_to_point_here_is_not_this_site(server: ServerProcess) -> None:
    evil = f"evil.example:{server.port}"
    with pytest.raises(InvalidStatus, match="403"):
        await connect(f"ws://{evil}/ws/", host="127.0.0.1", port=server.port, origin=f"http://{evil}", proxy=None)


async def test_a_host_that_allows_every_name_still_lets_no_foreign_page_in(
    start_server: ServerStarter, tables: Tables
) -> None:
    environment = host_environment(tables, HOST_ALLOWED_HOSTS="*")
    server = start_server.uvicorn(APPLICATION, environment=environment)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=10) as browser:
        log_in(browser, "lily")
        assert await who(server, Cookie=cookies(browser), Origin=server.url) == ("user", "lily")
        for origin in (
            "http://evil.example",
            f"http://127.0.0.1:{server.port + 1}",
            f"http://evil.example:{server.port}",
        ):
            with pytest.raises(InvalidStatus, match="403"):
                await connect(
                    f"{server.ws_url}/ws/",
                    additional_headers={"Cookie": cookies(browser)},
                    origin=origin,  # type: ignore[arg-type]
                    proxy=None,
                )


async def test_two_origins_are_none_of_this_site(server: ServerProcess, browser: httpx.Client) -> None:
    log_in(browser, "lily")
    for origins in ([server.url, "http://evil.example"], ["http://evil.example", server.url]):
        # Some servers refuse the handshake themselves.
        headers = [("Cookie", cookies(browser)), *(("Origin", origin) for origin in origins)]
        with pytest.raises(InvalidStatus, match=r"40[03]"):
            await connect(f"{server.ws_url}/ws/", additional_headers=headers, proxy=None)
