"""What a browser's console and a server's log say of sockets and answers that are refused."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.doctor.workshop import Project
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess

ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "web.settings"}
COMMON = '    "django.middleware.common.CommonMiddleware",\n'
CORS = '    "corsheaders.middleware.CorsMiddleware",\n'
VIEW = """\
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse("hello")), path("tea/", lambda request: HttpResponse("tea"))]
"""
OPEN_SOCKET = """address => new Promise(done => {
    const socket = new WebSocket(address)
    socket.onopen = socket.onclose = done
})"""

Console = Callable[[str, str, str], str]


@pytest.fixture
def console(page: Page) -> Console:
    """`console(where, code, argument)` runs a script on a page at an address, and returns what the console says."""

    def run(where: str, code: str, argument: str) -> str:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(where)
        page.evaluate(code, argument)
        return "\n".join(said)

    return run


@pytest.mark.parametrize(("server", "line"), [("uvicorn", '"WebSocket /ws/tea/" 403'), ("daphne", "WSREJECT /ws/tea/")])
def test_a_socket_that_is_refused_is_403_and_nothing_says_why(
    channels_project: Project, start_server: ServerStarter, console: Console, server: str, line: str
) -> None:
    channels_project.replace("web/settings.py", "ALLOWED_HOSTS = []", 'ALLOWED_HOSTS = ["localhost:8000"]')
    folder = channels_project.folder
    start: Callable[..., ServerProcess] = getattr(start_server, server)
    started = start("web.asgi:application", folder=folder, environment=ENVIRONMENT)

    # A number with a port passes Channels' check, a name with one never does.
    named = started.url.replace("127.0.0.1", "localhost")
    said = console(named, OPEN_SOCKET, f"{named.replace('http', 'ws')}/ws/tea/")

    assert "failed: Error during WebSocket handshake: Unexpected response code: 403" in said
    assert line in started.log
    assert channels_project.doctor().ids == ["W014"]


def test_a_socket_without_a_route_is_500(
    channels_project: Project, start_server: ServerStarter, console: Console
) -> None:
    channels_project.replace("web/routing.py", 'r"^ws/', 'r"^/ws/')
    started = start_server.uvicorn("web.asgi:application", folder=channels_project.folder, environment=ENVIRONMENT)

    said = console(started.url, OPEN_SOCKET, f"{started.ws_url}/ws/tea/")

    assert "failed: Error during WebSocket handshake: Unexpected response code: 500" in said
    assert "ValueError: No route found for path 'ws/tea/'." in started.log
    assert channels_project.doctor().ids == ["E009"]


def test_cors_below_the_common_middleware_leaves_redirects_without_headers(
    channels_project: Project, start_server: ServerStarter, console: Console
) -> None:
    channels_project.write("web/urls.py", VIEW)
    channels_project.append("web/settings.py", 'INSTALLED_APPS += ["corsheaders"]\nCORS_ALLOW_ALL_ORIGINS = True')
    channels_project.replace("web/settings.py", COMMON, COMMON + CORS)
    folder, ask = channels_project.folder, "address => fetch(address).then(r => console.log(r.status), () => {})"
    page, wrong = (
        start_server.uvicorn("web.asgi:application", folder=folder, environment=ENVIRONMENT) for _ in range(2)
    )
    said = console(page.url, ask, f"{wrong.url}/tea")
    assert "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present" in said

    report = channels_project.doctor()

    assert report.ids == ["W018"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'CorsMiddleware')}\n" in report.part("W018")
    assert report.part("W018").index(CORS.strip()) < report.part("W018").index(COMMON.strip())
    channels_project.replace("web/settings.py", COMMON + CORS, CORS + COMMON)
    mended = start_server.uvicorn("web.asgi:application", folder=folder, environment=ENVIRONMENT)
    assert "200" in console(page.url, ask, f"{mended.url}/tea")
    assert channels_project.doctor().ids == []
