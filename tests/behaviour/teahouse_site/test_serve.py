"""`teahouse` as a program: from nothing to a chat, and closing without losing or breaking anything."""

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.servers.asgi import ServerStarter
from tests.servers.postgres import PostgresDatabase
from tests.servers.processes import ServerProcess

TEAHOUSE = str(Path(sys.executable).with_name("teahouse"))


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, url: str) -> None:
        self.url = url
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def see(self, path: str) -> str:
        with self._opener.open(self.url + path, timeout=30) as response:
            return str(response.read().decode())

    def say(self, path: str, text: str) -> str:
        """Send the form of the room's page; returns the page where that leads."""
        page = self.see(path)
        fields = {
            name: re.findall(f'name="{name}" value="([^"]*)"', page)[-1] for name in ("csrfmiddlewaretoken", "key")
        }
        body = urllib.parse.urlencode({**fields, "text": text}).encode()
        with self._opener.open(self.url + path, body, timeout=30) as response:
            return str(response.read().decode())

    def name(self, path: str = "/room/tea/") -> str:
        return re.findall('data-me-name="([^"]*)"', self.see(path))[0]


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command line to its end."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TEAHOUSE_DATA": str(tmp_path / "data"), **variables}
        return subprocess.run(
            [TEAHOUSE, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_from_nothing_two_people_talk_and_a_restart_forgets_nothing(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data")
    ann, bob = Visitor(server.url), Visitor(server.url)
    assert "/room/lobby/" in ann.see("/")
    ann.say("/room/tea/", "hello <b>Bob</b>")
    assert "hello &lt;b&gt;Bob&lt;/b&gt;" in bob.see("/room/tea/")
    name = ann.name()
    assert server.stop() == 0
    server.start()
    assert ann.name() == name
    assert "hello &lt;b&gt;Bob&lt;/b&gt;" in ann.say("/room/tea/", "again")
    assert ann.see("/room/tea/").count("teahouse-mine") == 2
    assert server.stop() == 0
    assert "Traceback" not in server.log
    assert "hello" not in server.log


def test_ctrl_c_closes_quietly(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    server.stop_signal = signal.SIGINT
    assert server.stop() == 0
    assert "Traceback" not in server.log


def test_the_start_line_says_where_it_is_and_where_the_data_is(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    assert f"Teahouse is open at http://127.0.0.1:{server.port}/" in server.log
    assert str(tmp_path / "data") in server.log


def test_the_start_line_says_when_there_are_no_limits(start_server: ServerStarter, tmp_path: Path) -> None:
    assert "Limits" not in start_server.teahouse(tmp_path / "data").log
    without = start_server.teahouse(tmp_path / "data", environment={"TEAHOUSE_LIMITS": "off"})
    assert "Limits are off (TEAHOUSE_LIMITS)" in without.log


def test_a_taken_port_is_one_clear_line(run: Run, start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "first")
    done = run("serve", "--port", str(server.port))
    assert done.returncode == 1
    assert done.stderr == (
        f"teahouse: something else listens at 127.0.0.1 port {server.port}; stop it, or choose another --port\n"
    )


@pytest.mark.parametrize("arguments", [("--host", "no.such.host.invalid"), ("--port", "70000")])
def test_a_place_where_nobody_can_listen_is_one_clear_line(run: Run, arguments: tuple[str, str]) -> None:
    done = run("serve", *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("teahouse: cannot listen at ")
    assert done.stderr.count("\n") == 1


def test_two_that_start_at_once_on_nothing_share_one_folder(start_server: ServerStarter, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as starters:
        servers = list(starters.map(lambda _: start_server.teahouse(tmp_path / "data"), range(2)))
    _assert_one_site(servers)


def test_two_that_start_at_once_on_an_empty_postgresql_share_it(
    start_server: ServerStarter, tmp_path: Path, postgres_database: PostgresDatabase
) -> None:
    environment = {"TEAHOUSE_DATABASE": postgres_database.url}

    def start(name: str) -> ServerProcess:
        return start_server.teahouse(tmp_path / name, environment=environment)

    with ThreadPoolExecutor(2) as starters:
        servers = list(starters.map(start, ("one", "two")))
    _assert_one_site(servers, same_key=False)


def _assert_one_site(servers: list[ServerProcess], same_key: bool = True) -> None:
    first, second = servers
    ann = Visitor(first.url)
    ann.say("/room/tea/", "hello")
    name = ann.name()
    ann.url = second.url
    assert "hello" in ann.see("/room/tea/")
    assert (ann.name() == name) is same_key
    for server in servers:
        assert "Traceback" not in server.log


def test_the_first_command_may_make_the_superuser(run: Run, start_server: ServerStarter, tmp_path: Path) -> None:
    made = run("createsuperuser", "--noinput", "--username", "root", "--email", "", DJANGO_SUPERUSER_PASSWORD="root")
    assert made.returncode == 0, made.stderr
    server = start_server.teahouse(tmp_path / "data")
    assert 'action="/admin/login/' in Visitor(server.url).see("/admin/")
    assert server.stop() == 0


def test_any_management_command_runs_and_the_folder_can_be_named(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    done = run("check", "--deploy", "--fail-level", "ERROR", "--data", str(other))
    assert done.returncode == 0, done.stderr
    assert (other / "secret-key").exists()
    assert not (tmp_path / "data").exists()
    assert run("makemigrations", "--check", "--dry-run").returncode == 0


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_without_a_command_it_tells_what_there_is(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "createsuperuser" in done.stdout
    assert not (tmp_path / "data").exists()


def test_it_runs_as_a_module_too(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.start(
        lambda port: [sys.executable, "-m", "teahouse_site", "serve", "--port", str(port), "--data", "here"],
        folder=tmp_path,
        ready_text="Teahouse is open at",
    )
    assert Visitor(server.url).see("/")
    assert (tmp_path / "here" / "db.sqlite3").exists()


def test_any_asgi_server_can_serve_the_site(run: Run, start_server: ServerStarter, tmp_path: Path) -> None:
    assert run("migrate").returncode == 0
    environment = {"TEAHOUSE_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "teahouse_site.settings"}
    server = start_server.uvicorn("teahouse_site.asgi:application", environment=environment)
    assert "There are no rooms yet." in Visitor(server.url).see("/")
    server.stop()
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("variables", "header", "secure"),
    [({}, "https", False), ({"TEAHOUSE_PROXIES": "127.0.0.1"}, "https", True)],
)
def test_what_a_proxy_says_counts_only_when_it_is_named(
    start_server: ServerStarter, tmp_path: Path, variables: Mapping[str, str], header: str, secure: bool
) -> None:
    server = start_server.teahouse(tmp_path / "data", environment=variables)
    request = urllib.request.Request(server.url, headers={"X-Forwarded-Proto": header})
    with urllib.request.urlopen(request, timeout=30) as response:
        cookies = response.headers.get_all("Set-Cookie")
    (guest,) = [cookie for cookie in cookies if cookie.startswith("teahouse_guest=")]
    assert ("Secure" in guest) is secure


def test_a_host_that_is_not_ours_is_refused(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    request = urllib.request.Request(server.url, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request, timeout=30)


def test_port_0_takes_a_free_one_and_says_which(tmp_path: Path) -> None:
    command = [TEAHOUSE, "serve", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.fullmatch(r"Teahouse is open at (http://127\.0\.0\.1:[1-9]\d+)/\n", server.stdout.readline())
            assert found is not None
            assert "/room/lobby/" in Visitor(found[1]).see("/")
        finally:
            server.terminate()
            assert server.wait(30) == 0


def test_what_breaks_stands_in_the_log_and_what_is_merely_refused_does_not(
    start_server: ServerStarter, tmp_path: Path
) -> None:
    server = start_server.teahouse(tmp_path / "data")
    for path in ("/nowhere/", "/room/a/b/"):
        with pytest.raises(urllib.error.HTTPError):
            Visitor(server.url).see(path)
    assert "nowhere" not in server.log
    (tmp_path / "data" / "db.sqlite3").write_bytes(b"this is no database" * 1000)
    with pytest.raises(urllib.error.HTTPError, match="500"):
        Visitor(server.url).see("/")
    assert "Traceback" in server.log
    assert "file is not a database" in server.log


def test_a_body_without_end_is_cut_off_and_the_next_is_answered(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(b"POST /api/v1/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with contextlib.suppress(ConnectionError):
            for _ in range(64):
                line.sendall(chunk)
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
    assert "/room/lobby/" in Visitor(server.url).see("/")
    assert "Traceback" not in server.log


def test_on_stop_every_socket_is_told_to_come_back(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    with connect(f"{server.ws_url}/ws/", subprotocols=["teahouse.v1"], open_timeout=30) as line:  # type: ignore[list-item]
        line.send(json.dumps({"type": "hello", "id": 1, "version": 1, "rooms": [{"room": "lobby"}]}))
        answer = json.loads(line.recv(30))
        assert (answer["type"], answer["rooms"][0]["room"]) == ("ok", "lobby")
        assert json.loads(line.recv(30))["type"] == "reset"
        with ThreadPoolExecutor(1) as stopping:
            stopped = stopping.submit(server.stop)
            bye = json.loads(line.recv(30))
            assert (bye["type"], bye["code"]) == ("bye", 4200)
            assert bye["retry_after"] > 0
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(30)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4200
            assert stopped.result() == 0
    assert "Traceback" not in server.log


def test_what_a_form_says_reaches_a_socket_at_once(start_server: ServerStarter, tmp_path: Path) -> None:
    server = start_server.teahouse(tmp_path / "data")
    with connect(f"{server.ws_url}/ws/lobby/", open_timeout=30) as plain:
        Visitor(server.url).say("/room/lobby/", "hello")
        assert plain.recv(30) == "hello"
