"""The server processes themselves: started, heard, killed and started again."""

import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess, free_port, wait_until

APPLICATION = """
import os
async def application(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("only http here")
    body = f"{os.getpid()} {os.environ.get('GREETING')}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
"""

PROJECT = """
import os, sys
from django.conf import settings
settings.configure(SECRET_KEY="tests", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, DEBUG=True)
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse(f"{os.getpid()} {os.environ.get('GREETING')}"))]
if __name__ == "__main__":
    execute_from_command_line(sys.argv)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.py").write_text(APPLICATION)
    (tmp_path / "manage.py").write_text(PROJECT)
    return tmp_path


def answer(server: ServerProcess) -> tuple[int, str]:
    with urllib.request.urlopen(server.url) as response:
        pid, greeting = response.read().decode().split()
        return int(pid), greeting


@pytest.mark.parametrize("program", ["uvicorn", "daphne"])
def test_an_asgi_server_answers_with_the_environment_that_it_was_given(
    program: str, start_server: ServerStarter, folder: Path
) -> None:
    start = getattr(start_server, program)
    server = start("small:application", folder=folder, environment={"GREETING": "hello"})
    assert answer(server) == (server.pid, "hello")


def test_runserver_answers_in_one_process(start_server: ServerStarter, folder: Path) -> None:
    server = start_server.runserver(folder=folder, environment={"GREETING": "hello"})
    assert answer(server) == (server.pid, "hello")


def test_a_killed_server_comes_back_on_its_port_as_another_process(start_server: ServerStarter, folder: Path) -> None:
    server = start_server.uvicorn("small:application", folder=folder)
    before, _ = answer(server)
    server.kill()
    assert not server.running
    assert not server.accepts()
    server.start()
    after, _ = answer(server)
    assert after != before


def test_stop_lets_the_server_end_by_itself_and_keeps_its_log(start_server: ServerStarter, folder: Path) -> None:
    server = start_server.uvicorn("small:application", folder=folder)
    server.stop()
    assert "Finished server process" in server.log
    server.restart()
    assert server.log.count("Started server process") == 2


def test_a_server_that_cannot_start_fails_with_its_log(start_server: ServerStarter, folder: Path) -> None:
    with pytest.raises(RuntimeError, match="no_such_module"):
        start_server.uvicorn("no_such_module:application", folder=folder)


def test_a_server_that_listens_early_is_ready_when_it_says_so(start_server: ServerStarter, tmp_path: Path) -> None:
    script = (
        "import socket, sys, time\n"
        "listening = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "time.sleep(0.3)\n"
        "print('open', flush=True)\n"
        "time.sleep(600)"
    )
    server = start_server.start(
        lambda port: [sys.executable, "-c", script, str(port)], folder=tmp_path, ready_text="open"
    )
    assert server.log == "open\n"
    server.restart()
    assert server.log == "open\nopen\n"


def test_the_end_of_a_test_ends_children_too(tmp_path: Path) -> None:
    script = (
        "import http.server, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "print(child.pid, flush=True)\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()"
    )
    starter = ServerStarter(tmp_path)
    server = starter.start(lambda port: [sys.executable, "-c", script, str(port)], folder=tmp_path)
    child = Path(f"/proc/{int(server.log.split()[0])}")
    assert is_alive(child)
    starter.end_all()
    assert not server.running
    wait_until(lambda: not is_alive(child), "the child ends")


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        assert listener.getsockname()[1] > 1023


def is_alive(process: Path) -> bool:
    try:
        return (process / "stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
