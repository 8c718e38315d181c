"""What ends or renews an open socket: a logout, a password, a lost account; in whichever process it happened."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from django.core.signing import TimestampSigner
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.behaviour.chatter import SUBPROTOCOL, Chatter
from tests.behaviour.conftest import StartHost
from tests.behaviour.tables import Tables
from tests.servers.processes import ServerProcess
from tests.servers.redis import RedisServer
from tests.settings.common import SECRET_KEY

NEVER_SECONDS = 60.0
_ids = itertools.count(1)

# Where only a ring, or SQLite's word that somebody wrote, can tell in time, the sweep comes too late for the test.
WAYS = [
    pytest.param("postgres", "pubsub", NEVER_SECONDS, 1.0, id="Redis"),
    pytest.param("sqlite", "memory", NEVER_SECONDS, 1.0, id="no layer on SQLite"),
    pytest.param("postgres", "memory", 0.4, 2.0, id="no layer on PostgreSQL"),
]

Start = Callable[..., "Place"]


class Place:
    """Two servers of one site, and a browser of each person, who talks to the first one."""

    def __init__(self, tables: Tables, servers: list[ServerProcess]) -> None:
        self.tables = tables
        self.servers = servers
        self.browsers: dict[str, httpx.Client] = {}
        self.said: dict[str, dict[str, str]] = {}

    def log_in(self, name: str) -> dict[str, str]:
        """Gives the person a browser with a session; returns their token and their key."""
        if name not in self.browsers:
            self.browsers[name] = httpx.Client(base_url=self.servers[0].url, trust_env=False, timeout=20)
        self.said[name] = self.browsers[name].post("/log-in/", data={"name": name}).raise_for_status().json()
        return self.said[name]

    def cookies(self, name: str) -> dict[str, str]:
        """Headers with which a page in the person's browser opens a socket to the second server."""
        held = "; ".join(f"{cookie}={value}" for cookie, value in self.browsers[name].cookies.items())
        return {"Cookie": held, "Origin": self.servers[1].url}

    def do(self, name: str, address: str, **data: str) -> None:
        self.browsers[name].post(address, data=data).raise_for_status()

    def deed(self, what: str, name: str) -> None:
        with httpx.Client(base_url=self.servers[0].url, trust_env=False, timeout=20) as somebody:
            somebody.post("/deed/", data={"what": what, "name": name}).raise_for_status()


@pytest.fixture
def start(start_host: StartHost, request: pytest.FixtureRequest, redis_server: RedisServer) -> Iterator[Start]:
    places: list[Place] = []

    def start_two(database: str, layer: str, sweep_seconds: float, **teahouse: Any) -> Place:
        tables: Tables = request.getfixturevalue(database)
        servers = [
            start_host(tables, layer=layer, redis=redis_server, SWEEP_SECONDS=sweep_seconds, **teahouse) for _ in "12"
        ]
        places.append(Place(tables, servers))
        return places[-1]

    yield start_two
    for place in places:
        for browser in place.browsers.values():
            browser.close()


class Line:
    """A bare socket of protocol v1."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}
        self.byes: list[dict[str, Any]] = []

    async def ask(self, **command: Any) -> dict[str, Any]:
        await self.socket.send(msgspec.json.encode({"id": next(_ids), **command}).decode())
        while True:
            said: dict[str, Any] = msgspec.json.decode(await self.socket.recv())
            if said["type"] in ("ok", "error"):
                return said

    async def ended(self) -> tuple[int, str]:
        """Code and reason of its close, after reading all that comes before."""
        try:
            async with asyncio.timeout(30):
                while True:
                    frame = await self.socket.recv()
                    if b'"type":"bye"' in (frame.encode() if isinstance(frame, str) else frame):
                        self.byes.append(msgspec.json.decode(frame))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")

    async def stands(self) -> bool:
        return (await self.ask(type="post", room="tea", key=f"k{next(_ids)}", text="still here"))["type"] == "ok"


@contextlib.asynccontextmanager
async def opened(
    server: ServerProcess, *, token: str | None = None, path: str = "/ws/", plain: bool = False, **headers: str
) -> AsyncIterator[Line]:
    async with connect(
        f"{server.ws_url}{path}",
        subprotocols=None if plain else [SUBPROTOCOL],  # type: ignore[list-item]
        additional_headers=headers,
        compression=None,
        proxy=None,
    ) as socket:
        line = Line(socket)
        if not plain:
            said = {"token": token} if token else {}
            line.welcome = await line.ask(type="hello", version=1, rooms=[{"room": "tea"}], **said)
        yield line


async def seconds_to_end(line: Line, deed: Callable[[], None]) -> tuple[float, tuple[int, str]]:
    """Does it, and returns how long after it was done the socket was closed, and how."""
    waiting = asyncio.ensure_future(line.ended())
    await asyncio.to_thread(deed)
    done = time.monotonic()
    close = await waiting
    return time.monotonic() - done, close


@pytest.mark.parametrize(("database", "layer", "sweep_seconds", "at_most_seconds"), WAYS)
async def test_a_login_that_ends_in_one_process_ends_the_sockets_in_the_other(
    start: Start, database: str, layer: str, sweep_seconds: float, at_most_seconds: float
) -> None:
    place = start(database, layer, sweep_seconds)
    deeds: dict[str, Callable[[], None]] = {
        "lily": lambda: place.do("lily", "/log-out/"),
        "bo": lambda: place.do("bo", "/new-password/", password="another"),
        "eve": lambda: place.deed("save as inactive", "eve"),
        "dan": lambda: place.deed("delete user", "dan"),
        "mia": lambda: place.deed("delete sessions", "mia"),
    }
    for name in [*deeds, "ann"]:
        await asyncio.to_thread(place.log_in, name)
    async with opened(place.servers[1], **place.cookies("ann")) as ann:
        for name, deed in deeds.items():
            async with opened(place.servers[1], **place.cookies(name)) as line:
                assert line.welcome["me"]["name"] == name
                seconds, close = await seconds_to_end(line, deed)
                assert close == (4203, "login_changed")
                assert 0 < line.byes[-1]["retry_after"] <= 1, name
                assert seconds < at_most_seconds, name
        assert await ann.stands()


@pytest.mark.parametrize(("database", "layer", "sweep_seconds", "at_most_seconds"), WAYS)
async def test_tokens_end_with_their_key_their_password_and_their_user(
    start: Start, database: str, layer: str, sweep_seconds: float, at_most_seconds: float
) -> None:
    place = start(database, layer, sweep_seconds)
    said = {name: await asyncio.to_thread(place.log_in, name) for name in ("bo", "eve")}
    cases: list[tuple[dict[str, Any], Callable[[], None]]] = [
        ({"token": said["bo"]["key"]}, lambda: place.deed("delete key", "bo")),
        ({"Authorization": f"Bearer {said['bo']['token']}"}, lambda: place.do("bo", "/new-password/", password="x")),
        ({"Authorization": f"Token {said['eve']['key']}"}, lambda: place.deed("save as inactive", "eve")),
    ]
    for shown, deed in cases:
        async with opened(place.servers[1], **shown) as line:
            assert line.welcome["me"]["kind"] == "user"
            seconds, close = await seconds_to_end(line, deed)
            assert close == (4002, "bad_token")
            assert "retry_after" not in line.byes[-1]
            assert seconds < at_most_seconds


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_what_no_signal_tells_is_found_by_the_sweep(start: Start, database: str) -> None:
    place = start(database, "memory", 0.4)
    for name in ("lily", "bo", "eve"):
        await asyncio.to_thread(place.log_in, name)
    session = place.browsers["lily"].cookies["sessionid"]
    deeds: dict[str, Callable[[], None]] = {
        "lily": lambda: place.tables.do("DELETE FROM django_session WHERE session_key = ?", session),
        "bo": lambda: place.deed("update as inactive", "bo"),
        "eve": lambda: place.tables.do("UPDATE auth_user SET password = 'x' WHERE username = 'eve'"),
    }
    for name, deed in deeds.items():
        async with (
            opened(place.servers[1], **place.cookies(name)) as line,
            opened(place.servers[1], token=place.said[name]["token"]) as by_token,
        ):
            seconds, close = await seconds_to_end(line, deed)
            assert close == (4203, "login_changed")
            assert seconds < 2, name
            if name != "lily":
                assert await by_token.ended() == (4002, "bad_token")
            else:
                assert await by_token.stands(), "a logout ends the session, and no token"


async def test_a_token_ends_at_its_time_unless_a_newer_one_of_the_same_person_is_shown(start: Start) -> None:
    place = start("sqlite", "memory", NEVER_SECONDS, TOKEN_SECONDS=4)
    server = place.servers[1]
    eve, bo = [(await asyncio.to_thread(place.log_in, name))["token"] for name in ("eve", "bo")]
    bearer = {"Authorization": f"Bearer {bo}"}
    async with (
        opened(server, token=bo) as kept,
        opened(server, **bearer) as left,
        opened(server, **bearer, path="/ws/tea/", plain=True) as plain,
    ):
        ends = kept.welcome["expires_at"]
        assert ends == left.welcome["expires_at"]
        assert 0 < ends / 1000 - time.time() <= 4
        for other, said in {eve: "another person", bo + "x": "forged", "forged": "forged"}.items():
            refused = await kept.ask(type="refresh", token=other)
            assert (refused["code"], refused["retry"]) == ("bad_token", False)
            assert said in refused["text"]
        await asyncio.sleep(1.5)
        newer = (await asyncio.to_thread(place.log_in, "bo"))["token"]
        answer = await kept.ask(type="refresh", token=newer)
        assert answer["type"] == "ok"
        assert answer["expires_at"] > ends
        assert await left.ended() == (4201, "token_expired")
        assert 0 <= time.time() - ends / 1000 < 2.5
        assert left.byes[-1]["retry_after"] > 0
        assert await plain.ended() == (4201, "token_expired")
        assert await kept.stands()
        assert await kept.ended() == (4201, "token_expired")
    async with opened(server, token=bo) as late:
        assert late.welcome["code"] == "token_expired"
    with pytest.raises(InvalidStatus, match="401"):
        async with opened(server, **bearer):
            pass
    over_http = await asyncio.to_thread(say_hello, server, bearer)
    assert (over_http.status_code, over_http.json()["answer"]["code"]) == (401, "token_expired")


def say_hello(server: ServerProcess, headers: dict[str, str]) -> httpx.Response:
    hello = {"type": "hello", "id": 1, "version": 1, "rooms": []}
    return httpx.post(f"{server.url}/api/v1/", json=hello, headers=headers, trust_env=False, timeout=20)


def forged(held: Any, *, key: str = SECRET_KEY, salt: str = "teahouse.token") -> str:
    return TimestampSigner(key=key, salt=salt).sign_object(held)


async def test_what_somebody_else_signed_or_gave_out_proves_nobody(start: Start) -> None:
    place = start("sqlite", "memory", NEVER_SECONDS)
    server = place.servers[1]
    said = await asyncio.to_thread(place.log_in, "bo")
    held = TimestampSigner(key=SECRET_KEY, salt="teahouse.token").unsign_object(said["token"])
    assert held["u"], "signed as the forgeries are"
    session = place.browsers["bo"].cookies["sessionid"]
    tokens = {
        "another site": forged(held, key="the key of another site, which signs as this one does"),
        "another use": forged(held, salt="teahouse.guest-link"),
        "a guest's salt": forged(held, salt="teahouse.guest"),
        "without the password": forged({"u": held["u"]}),
        "another password": forged({"u": held["u"], "h": "0" * len(held["h"])}),
        "nobody": forged({"u": "999999", "h": held["h"]}),
        "a session's key": session,
        "half a key": said["key"][:20],
        "cut": said["token"][:-1],
    }
    for what, token in tokens.items():
        async with opened(server, token=token) as line:
            assert line.welcome["code"] == "bad_token", what
            assert await line.ended() == (4002, "bad_token")
        for scheme in ("Bearer", "Token"):
            with pytest.raises(InvalidStatus, match="401"):
                async with opened(server, Authorization=f"{scheme} {token}"):
                    pass
            refused = await asyncio.to_thread(say_hello, server, {"Authorization": f"{scheme} {token}"})
            assert refused.status_code == 401, what
        cookies = f"sessionid={token}; teahouse_guest={token}"
        if token != session:
            async with opened(server, Cookie=cookies, Origin=server.url) as line:
                assert line.welcome["me"]["kind"] == "guest", what


async def test_a_cookie_from_before_the_logout_is_nobodys(start: Start) -> None:
    place = start("sqlite", "memory", NEVER_SECONDS)
    await asyncio.to_thread(place.log_in, "bo")
    before = place.cookies("bo")
    await asyncio.to_thread(place.do, "bo", "/log-out/")
    async with opened(place.servers[1], **before) as line:
        assert line.welcome["me"]["kind"] == "guest"


async def test_who_changes_their_password_comes_back_logged_in(start: Start) -> None:
    place = start("sqlite", "memory", NEVER_SECONDS)
    await asyncio.to_thread(place.log_in, "bo")
    async with Chatter(place.servers[1].ws_url, headers=place.cookies("bo")) as bo:
        me = bo.me
        await asyncio.to_thread(place.do, "bo", "/new-password/", password="another")
        bo.headers = place.cookies("bo")
        await bo.until(lambda: (4203, "login_changed") in bo.closes and bo.state, "came back")
        assert bo.me == me
        assert me["kind"] == "user"


async def test_a_token_of_the_rest_framework_is_good_everywhere(start: Start) -> None:
    place = start("sqlite", "memory", NEVER_SECONDS)
    key = (await asyncio.to_thread(place.log_in, "bo"))["key"]
    header = {"Authorization": f"Token {key}"}
    async with opened(place.servers[1], **header) as by_header, opened(place.servers[1], token=key) as by_hello:
        assert by_header.welcome["me"] == by_hello.welcome["me"]
        assert "expires_at" not in by_header.welcome
        over_http = await asyncio.to_thread(say_hello, place.servers[1], header)
        assert over_http.json()["answer"]["me"] == by_hello.welcome["me"]
        assert by_hello.welcome["me"]["name"] == "bo"


async def test_nothing_secret_stands_in_a_log(start: Start) -> None:
    place = start("sqlite", "memory", 0.4)
    said = await asyncio.to_thread(place.log_in, "bo")
    secrets = [said["token"], said["key"], place.browsers["bo"].cookies["sessionid"]]
    server = place.servers[1]
    async with Chatter(server.ws_url, name="Ann") as ann:
        secrets.append(str(ann.token))
    for token in secrets:
        async with opened(server, token=token) as line:
            with contextlib.suppress(ConnectionClosed):  # what is no token at all ends the socket at hello
                await line.ask(type="refresh", token=token + "x")
                await line.ask(type="refresh", token={"token": token})
                await line.ask(type="nonsense", token=token)
        for scheme in ("Bearer", "Token", "Basic"):
            header = {"Authorization": f"{scheme} {token}x"}
            await asyncio.to_thread(say_hello, server, header)
            with contextlib.suppress(InvalidStatus):
                async with opened(server, **header):
                    pass
    async with opened(server, **place.cookies("bo")) as line:
        await seconds_to_end(line, lambda: place.do("bo", "/log-out/"))
    assert "bad_token" in server.log, "it says what it refused"
    for log in (place.servers[0].log, server.log):
        assert not [secret for secret in secrets if secret in log or secret.partition(":")[0] in log]
