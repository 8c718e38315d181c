"""Servers that compress every connection, and processes that do not hear each other."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.doctor.workshop import Project
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess, wait_until

ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "web.settings"}
PROCFILE = "web: uvicorn web.asgi:application --host 0.0.0.0"


@contextmanager
def sit_down(server: ServerProcess) -> Iterator[ClientConnection]:
    """Join the room of a project with Channels."""
    address = server.url.replace("http", "ws") + "/ws/tea/"
    with connect(address, origin=Origin("http://127.0.0.1"), proxy=None) as socket:
        assert "hello" in str(socket.recv(timeout=20))
        yield socket


def test_uvicorn_compresses_each_connection_unless_told_otherwise(
    channels_project: Project, start_server: ServerStarter
) -> None:
    channels_project.write("Procfile", f"# starts the site\n{PROCFILE}\n")
    plain = start_server.uvicorn("web.asgi:application", folder=channels_project.folder, environment=ENVIRONMENT)
    told = ["--ws-per-message-deflate", "false"]
    mended = start_server.uvicorn(
        "web.asgi:application", folder=channels_project.folder, environment=ENVIRONMENT, arguments=told
    )
    with sit_down(plain) as socket:
        assert socket.response is not None
        assert "permessage-deflate" in socket.response.headers["Sec-WebSocket-Extensions"]
    with sit_down(mended) as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers

    report = channels_project.doctor()

    assert report.ids == ["W045"]
    assert "Procfile:2\n" in report.part("W045")
    assert PROCFILE.removeprefix("web: ") + " --ws-per-message-deflate false" in report.part("W045")
    channels_project.write("Procfile", f"{PROCFILE} --ws-per-message-deflate false\n")
    assert channels_project.doctor().ids == []


def test_gunicorn_is_told_the_line_of_uvicorn_that_does_the_same(channels_project: Project) -> None:
    line = "gunicorn -b 0.0.0.0:8000 --workers=$WORKERS -k uvicorn.workers.UvicornWorker web.asgi:application"
    layer = 'CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}'
    channels_project.append("web/settings.py", layer)
    channels_project.write("start.sh", f"{line}\n")

    said = channels_project.doctor().part("W045")

    assert "uvicorn web.asgi:application --workers $WORKERS --ws-per-message-deflate false" in said


@pytest.mark.parametrize("as_told", [[], ["--ws-per-message-deflate", "false"]])
def test_a_server_that_compresses_says_so_when_it_starts(
    teahouse_project: Project, start_server: ServerStarter, as_told: list[str]
) -> None:
    # This one is told last.
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"LIMITS": False}')

    server = start_server.uvicorn(
        "web.asgi:application", folder=teahouse_project.folder, environment=ENVIRONMENT, arguments=as_told
    )

    wait_until(lambda: "teahouse.W046" in server.log, "the doctor at the start")
    assert ("teahouse.W045" in server.log) == (not as_told)


def test_several_processes_with_a_layer_in_memory_do_not_hear_each_other(
    channels_project: Project, start_server: ServerStarter
) -> None:
    line = f"{PROCFILE} --workers 2 --ws-per-message-deflate false\n"
    channels_project.write("Procfile", line)
    # What `--workers 2` starts, each at a port of its own so that the test knows whom it talks to.
    first, second = (
        start_server.uvicorn("web.asgi:application", folder=channels_project.folder, environment=ENVIRONMENT)
        for _ in range(2)
    )
    with sit_down(first) as ada, sit_down(first) as bert, sit_down(second) as cleo:
        ada.send("tea?")
        assert bert.recv(timeout=20) == "tea?"
        with pytest.raises(TimeoutError):
            cleo.recv(timeout=1)

    report = channels_project.doctor()

    assert report.ids == ["W059"]
    assert "Procfile:1\n" in report.part("W059")
    assert "channels_redis.pubsub.RedisPubSubChannelLayer" in report.part("W059")
    channels_project.write("Procfile", line.replace("--workers 2 ", ""))
    assert channels_project.doctor().ids == []
