"""Tests of `teahouse.checks.walk`: every way of a socket through an application."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

from teahouse.checks.walk import walk, written
from teahouse.routing import websocket_urlpatterns, with_chat


class Talk(AsyncWebsocketConsumer):
    pass


class Sentry:
    """As those of other packages wrap."""

    def __init__(self, app: Any) -> None:
        self.app = app


def routed(*routes: Any) -> Any:
    return ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([*routes])})


def test_a_consumer_is_found_with_its_patterns_and_all_that_stands_around_it() -> None:
    inner = URLRouter([re_path(r"^b/$", Talk.as_asgi())])
    branch = OriginValidator(AuthMiddlewareStack(URLRouter([path("a/", inner)])), ["*"])  # type: ignore[arg-type,list-item]
    (route,) = walk(ProtocolTypeRouter({"websocket": branch})).routes
    assert route.consumer is Talk
    assert [written(pattern) for pattern in route.patterns] == ["a/", "^b/$"]
    assert [type(layer).__name__ for layer in route.around] == [
        "ProtocolTypeRouter", "OriginValidator", "CookieMiddleware", "SessionMiddleware", "AuthMiddleware",
        "URLRouter", "URLRouter",
    ]  # fmt: skip


def test_a_class_without_as_asgi_is_a_consumer_too() -> None:
    (route,) = walk(routed(path("a/", Talk))).routes
    assert route.consumer is Talk
    assert route.target is Talk


def test_djangos_own_application_takes_no_sockets() -> None:
    for application in (get_asgi_application(), ASGIStaticFilesHandler(get_asgi_application())):  # type: ignore[arg-type]
        seen = walk(application)
        assert (seen.sockets, seen.unknown) == (False, [])
        assert seen.bare is not None


def test_with_chat_is_seen_and_seen_through() -> None:
    seen = walk(with_chat(routed(path("a/", Talk.as_asgi()))))
    assert seen.chat
    assert [route.consumer for route in seen.routes] == [Talk]


def test_teahouses_patterns_in_a_router_are_its_own_sockets() -> None:
    seen = walk(routed(path("chat/", URLRouter(websocket_urlpatterns))))  # type: ignore[arg-type]
    assert not seen.chat
    assert [route.is_chat for route in seen.routes] == [True] * len(websocket_urlpatterns)


def test_wrappers_of_other_packages_are_seen_through() -> None:
    assert walk(Sentry(with_chat(get_asgi_application()))).chat


def test_a_function_is_seen_through_by_what_it_holds() -> None:
    inner = with_chat(get_asgi_application())

    async def around(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    assert walk(around).chat


def test_what_cannot_be_looked_into_is_said_to_be_unknown() -> None:
    async def opaque(scope: Any, receive: Any, send: Any) -> None:
        pass

    seen = walk(opaque)
    assert (seen.sockets, seen.unknown) == (False, [opaque])


def test_an_application_that_holds_itself_ends() -> None:
    circle = Sentry(None)
    circle.app = circle
    circle.__class__ = type("Callable", (Sentry,), {"__call__": lambda self: None})
    assert walk(circle).routes == []


def test_functions_that_call_each_other_are_seen_through_once() -> None:
    """To follow each to each would take for ever."""
    router = routed(path("a/", Talk.as_asgi()))

    async def first(*call: Any) -> None:
        await router(*call)
        await second(*call)
        await third(*call)

    async def second(*call: Any) -> None:
        await router(*call)
        await first(*call)
        await third(*call)

    async def third(*call: Any) -> None:
        await router(*call)
        await first(*call)
        await second(*call)

    routes = walk(first).routes

    assert {route.consumer for route in routes} == {Talk}
    assert len(routes) < 10
