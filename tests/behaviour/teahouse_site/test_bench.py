"""`teahouse bench` against a real server, and its load against servers that lose, repeat, stall and leave."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, broadcast, serve

from teahouse_site.bench.build import load_program
from teahouse_site.bench.load import Dialect, Load, LoadFailed, Outcome, Server, teahouse
from tests.servers.asgi import ServerStarter

TEAHOUSE = str(Path(sys.executable).with_name("teahouse"))
MEMBERS = 5

Handler = Callable[[ServerConnection], Awaitable[None]]
Start = Callable[[Handler], Server]
Against = Callable[..., Outcome]


@pytest.fixture(scope="module")
def load() -> Load:
    return Load(load_program())


@pytest.fixture
def started() -> Iterator[Start]:
    """Starts a server of the test's own making, in a thread beside the load."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servers: list[Any] = []

    async def start(handler: Handler) -> Server:
        servers.append(await serve(handler, "127.0.0.1", 0, compression=None))
        return Server("127.0.0.1", servers[-1].sockets[0].getsockname()[1])

    async def stop() -> None:
        for server in servers:
            server.close()
            await server.wait_closed()

    yield lambda handler: asyncio.run_coroutine_threadsafe(start(handler), loop).result(10)
    asyncio.run_coroutine_threadsafe(stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def against(load: Load, started: Start) -> Against:
    """Runs the load against a server of the test's own making."""

    def run(handler: Handler, dialect: Dialect, windows: list[int], **options: Any) -> Outcome:
        return load.run(started(handler), dialect, MEMBERS, windows, **options)

    return run


class Room:
    """Tells everybody what anybody says; what `told` makes of a member's number and a text goes out."""

    def __init__(self, told: Callable[[int, str], list[str]] = lambda member, text: [text]) -> None:
        self.members: list[ServerConnection] = []
        self.told = told
        self.paths: list[str] = []

    async def __call__(self, socket: ServerConnection) -> None:
        assert socket.request
        self.paths.append(socket.request.path + str(socket.request.headers.get("Cookie", "")))
        self.members.append(socket)
        async for text in socket:
            for number, member in enumerate(self.members):
                for one in self.told(number, str(text)):
                    broadcast([member], one)


def test_what_all_received_is_neither_lost_nor_twice(against: Against) -> None:
    outcome = against(Room(), Dialect("/"), [1, 3], seconds=0.2)
    assert outcome.is_whole
    for window in outcome.windows:
        assert window["deliveries"] == window["messages"] * MEMBERS > MEMBERS
        assert (window["lost"], window["twice"], window["cut_off"], window["closed"]) == (0, 0, 0, 0)
        assert 0 < window["p50_ms"] <= window["p99_ms"]
        assert window["deliveries_per_second"] == pytest.approx(window["deliveries"] / window["seconds"], rel=0.02)


def test_a_delivery_that_is_lost_is_told(against: Against) -> None:
    room = Room(lambda member, text: [] if member == 2 and "~m00000003~" in text else [text])
    (window,) = against(room, Dialect("/"), [2], seconds=0.2).windows
    assert (window["lost"], window["twice"], window["cut_off"]) == (1, 0, 0)
    assert window["complete"] == window["messages"] - 1


def test_a_delivery_that_comes_twice_is_told(against: Against) -> None:
    room = Room(lambda member, text: [text, text] if member == 4 and "~m00000003~" in text else [text])
    (window,) = against(room, Dialect("/"), [2], seconds=0.2).windows
    assert (window["lost"], window["twice"]) == (0, 1)
    assert window["deliveries"] == window["messages"] * MEMBERS


def test_what_hangs_is_cut_off_and_not_called_lost(against: Against) -> None:
    async def slow(socket: ServerConnection) -> None:
        async for text in socket:
            for _ in range(50):
                await asyncio.sleep(0.1)
                await socket.send(text if _ == 0 else ".")

    outcome = against(slow, Dialect("/"), [1, 64], seconds=0.2, limit_seconds=1)
    (window,) = outcome.windows
    assert window["cut_off"] > 0
    assert window["lost"] == 0
    assert window["p50_ms"] is None
    assert not outcome.is_whole


def test_a_line_that_the_server_ends_is_told_with_its_reason(against: Against) -> None:
    class Leaving(Room):
        async def __call__(self, socket: ServerConnection) -> None:
            if len(self.members) == MEMBERS - 1:
                self.members.append(socket)
                await asyncio.sleep(0.4)
                await socket.close(4103, "nothing was heard")
            else:
                await super().__call__(socket)

    (window,) = against(Leaving(), Dialect("/"), [1], seconds=0.5).windows
    assert window["closed"] == 1
    assert window["first_close"] == "4103 nothing was heard"
    assert window["lost"] > 0


def test_each_member_takes_the_steps_and_shows_its_own_header(against: Against, tmp_path: Path) -> None:
    class Steps(Room):
        async def __call__(self, socket: ServerConnection) -> None:
            await socket.send("who")
            assert await socket.recv() == "me"
            await socket.send("x" * 70_000 + "in")
            await super().__call__(socket)

    headers = tmp_path / "headers"
    headers.write_text("".join(f"Cookie: c={number}\n" for number in range(MEMBERS)))
    room = Steps()
    dialect = Dialect("/x?y", steps=(("who", "me"), ("in", "")), template="<%n %s>")
    outcome = against(room, dialect, [1], seconds=0.1, options=["--headers-file", str(headers)])
    assert outcome.is_whole
    assert outcome.windows[0]["messages"] > 0
    assert sorted(room.paths) == [f"/x?yc={number}" for number in range(MEMBERS)]


def test_pings_are_answered_so_that_a_server_keeps_its_lines(against: Against) -> None:
    answered = []

    class Pinging(Room):
        async def __call__(self, socket: ServerConnection) -> None:
            answered.append(await asyncio.wait_for(await socket.ping(b"are you there"), 5))
            await super().__call__(socket)

    assert against(Pinging(), Dialect("/"), [1], seconds=0.3).is_whole
    assert len(answered) == MEMBERS


def test_a_refused_member_is_one_clear_line(against: Against) -> None:
    async def refuses(socket: ServerConnection) -> None:
        await socket.recv()
        error = '{"code":"no_such_room","text":"none","retry":false}'
        await socket.send('{"type":"ok","token":"secret","rooms":[{"error":' + error + "}]}")
        await socket.recv()

    with pytest.raises(LoadFailed, match=r"^refused: no_such_room: none$"):
        against(refuses, teahouse("tea"), [1])


def test_a_listener_reconciles_what_another_process_sends(load: Load, started: Start) -> None:
    server = started(Room(lambda member, text: [] if member == 0 and "~m00000001~" in text else [text]))
    command = load.command(server, Dialect("/"), 2, "--hold", "1")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout
        assert json.loads(listener.stdout.readline())["opened"] == 2
        (window,) = load.run(server, Dialect("/"), 3, [2], seconds=0.2).windows
        heard = json.loads(listener.communicate(f"{window['messages']}\n", timeout=20)[0])
    assert (window["lost"], window["twice"]) == (0, 0)
    assert heard["deliveries"] == 2 * window["messages"] - 1
    assert (heard["lost"], heard["twice"], heard["closed"]) == (1, 0, 0)


def test_bench_says_what_a_running_chat_carries(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    command = [TEAHOUSE, "bench", server.url, "--members", "20", "--in-flight", "8", "--seconds", "0.5"]
    environment = {**os.environ, "TEAHOUSE_DATA": str(tmp_path / "none")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "came in      20 in" in done.stdout
    assert "lost         0\n" in done.stdout
    assert "twice        0\n" in done.stdout
    assert "share this machine" in done.stdout
    assert not (tmp_path / "none").exists()
    assert "Traceback" not in server.log


def test_a_room_that_cannot_be_is_one_clear_line(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    command = [TEAHOUSE, "bench", server.url, "--room", "a/b", "--members", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("teahouse bench: refused: bad_room_name: room name ")
    assert done.stderr.count("\n") == 1


def test_a_bench_that_meets_the_limits_says_so_and_how_to_lift_them(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data")
    words = ["bench", server.url, "--members", "2", "--in-flight", "600", "--seconds", "1"]
    done = subprocess.run([TEAHOUSE, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "messages; the first as rate_limited" in done.stdout
    assert "TEAHOUSE_LIMITS=off" in done.stdout
