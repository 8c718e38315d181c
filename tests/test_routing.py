"""Tests of `teahouse.routing`: which sockets are ours, under any prefix and beside a host's own router."""

import types
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf.urls.i18n import i18n_patterns
from django.core.asgi import get_asgi_application
from django.test.utils import override_script_prefix
from django.urls import include, path, re_path
from pytest_django import Settings

from teahouse import routing

Scope = dict[str, Any]


class Recorder:
    """An ASGI application that keeps the scopes it was given."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        self.scopes.append(scope)


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Stands where the chat's sockets would be served."""
    recorder = Recorder()
    patterns = [re_path(pattern.pattern._regex, recorder) for pattern in routing.websocket_urlpatterns]
    monkeypatch.setattr(routing, "websocket_urlpatterns", patterns)
    return recorder


@pytest.fixture
def host() -> Recorder:
    return Recorder()


@pytest.fixture
def mount(settings: Settings) -> Any:
    """Includes the chat's URLs at a prefix of the host's, perhaps behind one for the language."""

    def mount(prefix: str, patterns: Callable[..., Any] = list_of) -> None:
        urls = types.ModuleType("urls")
        urls.urlpatterns = patterns(path(prefix, include("teahouse.urls")))  # type: ignore[attr-defined]
        settings.ROOT_URLCONF = urls

    return mount


def list_of(*patterns: Any) -> list[Any]:
    return [*patterns]


def socket(address: str, **more: Any) -> Scope:
    return {"type": "websocket", "path": address, "headers": [], **more}


def request(address: str) -> Scope:
    return {"type": "http", "method": "GET", "path": address, "headers": [], "query_string": b""}


async def knock(application: Any, scope: Scope) -> list[Any]:
    """What the application sends to one that only connects."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    await application(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("/ws/", None),
        ("/ws/tea/", "tea"),
        ("/room/tea/", "tea"),
        ("/ws/群聊/", "群聊"),
        ("/room/tea & cake/", "tea & cake"),
        ("/ws/ws/", "ws"),
    ],
)
async def test_a_socket_of_the_chat_is_served_with_its_group(
    chat: Recorder, host: Recorder, address: str, group: str | None
) -> None:
    await knock(routing.with_chat(host), socket(address))
    (scope,) = chat.scopes
    assert scope["url_route"]["kwargs"].get("group") == group
    assert host.scopes == []


@pytest.mark.parametrize("address", ["/", "/ws", "/ws/a/b/", "/ws//", "/room/", "/elsewhere/", "/chat/ws/", "", "ws/"])
async def test_any_other_socket_is_the_hosts_and_unchanged(chat: Recorder, host: Recorder, address: str) -> None:
    scope = socket(address, root_path="")
    await knock(routing.with_chat(host), scope)
    assert (chat.scopes, host.scopes) == ([], [scope])
    assert host.scopes[0] is scope


@pytest.mark.parametrize("kind", ["http", "lifespan"])
async def test_what_is_no_socket_is_the_hosts(chat: Recorder, host: Recorder, kind: str) -> None:
    scope = {"type": kind} if kind == "lifespan" else {**socket("/ws/tea/"), "type": kind}
    await knock(routing.with_chat(host), scope)
    assert (chat.scopes, host.scopes) == ([], [scope])


@pytest.mark.parametrize("prefix", ["chat/", "deep/in/the/site/", "茶/"])
async def test_the_sockets_stand_under_the_prefix_of_the_urls(
    chat: Recorder, host: Recorder, mount: Any, prefix: str
) -> None:
    mount(prefix)
    application = routing.with_chat(host)
    await knock(application, socket(f"/{prefix}ws/tea/"))
    await knock(application, socket("/ws/tea/"))
    assert [scope["url_route"]["kwargs"] for scope in chat.scopes] == [{"group": "tea"}]
    assert [scope["path"] for scope in host.scopes] == ["/ws/tea/"]


@pytest.mark.parametrize("served_at", ["/site/chat/ws/tea/", "/chat/ws/tea/"])
async def test_the_servers_root_path_stands_before_the_prefix(
    chat: Recorder, host: Recorder, mount: Any, served_at: str
) -> None:
    """uvicorn puts `--root-path` before the path, and daphne leaves it out."""
    mount("chat/")
    await knock(routing.with_chat(host), socket(served_at, root_path="/site"))
    assert [scope["url_route"]["kwargs"] for scope in chat.scopes] == [{"group": "tea"}]


@pytest.mark.parametrize("served_at", ["/site/chat/ws/tea/", "/chat/ws/tea/"])
async def test_a_forced_script_name_stands_before_the_prefix(
    chat: Recorder, host: Recorder, mount: Any, settings: Settings, served_at: str
) -> None:
    mount("chat/")
    settings.FORCE_SCRIPT_NAME = "/site"
    # Django sets it so when it is set up.
    with override_script_prefix("/site/"):
        await knock(routing.with_chat(host), socket(served_at))
    assert [scope["url_route"]["kwargs"] for scope in chat.scopes] == [{"group": "tea"}]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
async def test_the_sockets_stand_under_the_prefix_of_every_language(
    chat: Recorder, host: Recorder, mount: Any, language: str
) -> None:
    mount("chat/", i18n_patterns)
    await knock(routing.with_chat(host), socket(f"/{language}/chat/ws/tea/"))
    assert [scope["url_route"]["kwargs"] for scope in chat.scopes] == [{"group": "tea"}]


async def test_the_patterns_stand_in_a_hosts_own_router(chat: Recorder, host: Recorder) -> None:
    application = ProtocolTypeRouter(
        {
            "websocket": URLRouter(
                [path("talk/", URLRouter(routing.websocket_urlpatterns)), re_path(r"^mine/$", host)],  # type: ignore[arg-type,list-item]
            )
        }
    )
    await knock(application, socket("/talk/room/tea/"))
    await knock(application, socket("/mine/"))
    assert [scope["url_route"]["kwargs"] for scope in chat.scopes] == [{"group": "tea"}]
    assert [scope["path"] for scope in host.scopes] == ["/mine/"]


async def test_the_chat_stands_before_a_hosts_own_router(chat: Recorder, host: Recorder) -> None:
    web = Recorder()
    router = ProtocolTypeRouter({"http": web, "websocket": URLRouter([re_path(r"^mine/$", host)])})  # type: ignore[list-item]
    application = routing.with_chat(router)
    await knock(application, socket("/ws/tea/"))
    await knock(application, socket("/mine/"))
    await knock(application, {**socket("/ws/tea/"), "type": "http"})
    assert (len(chat.scopes), len(host.scopes), len(web.scopes)) == (1, 1, 1)


async def test_djangos_own_application_is_not_asked_for_sockets(chat: Recorder) -> None:
    assert await knock(routing.with_chat(get_asgi_application()), socket("/elsewhere/")) == [
        {"type": "websocket.close"}
    ]
    assert chat.scopes == []


async def test_static_files_are_served_while_debug_is_on(host: Recorder, settings: Settings) -> None:
    settings.DEBUG = True
    server = ApplicationCommunicator(routing.with_chat(host), request("/static/teahouse/page/app.js"))
    await server.send_input({"type": "http.request"})
    assert (await server.receive_output())["status"] == 200
    while (await server.receive_output()).get("more_body"):
        pass
    await server.wait()
    assert host.scopes == []


async def test_static_files_are_the_hosts_in_production(host: Recorder, settings: Settings) -> None:
    settings.DEBUG = False
    scope = request("/static/teahouse/page/app.js")
    await knock(routing.with_chat(host), scope)
    assert host.scopes == [scope]


async def test_a_socket_of_the_chat_waits_for_no_session_on_its_way(chat: Recorder, host: Recorder) -> None:
    await knock(routing.with_chat(host), socket("/ws/", headers=[(b"cookie", b"sessionid=nonsense")]))
    assert not {"user", "session"} & chat.scopes[0].keys()
