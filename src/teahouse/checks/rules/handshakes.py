"""What stands around the consumers: a branch for sockets, a check of the origin, and who is logged in."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from channels.auth import AuthMiddleware
from channels.security.websocket import OriginValidator

from teahouse.checks.consumer_classes import ConsumerClass, consumer_classes
from teahouse.checks.findings import Finding, Place
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.sources import called, dotted, text_of
from teahouse.checks.walk import SocketRoute, walk

_ROUTER = """\
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

application = ProtocolTypeRouter({
    "http": django_application,
    "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
})"""


@check("E006", looks=Looks.AT_APPLICATION)
def sockets_have_a_branch(project: Project) -> Iterator[Finding]:
    """A project that has consumers leads sockets to them."""
    seen = walk(project.application)
    consumers = consumer_classes(project)
    if seen.sockets or seen.unknown or not consumers:
        return
    said = "Django can only handle ASGI/HTTP connections, not websocket."
    if not seen.bare:
        said = "No application configured for scope type 'websocket'"
    yield Finding(
        "E006",
        f"{project.application_path} takes no websockets, and leads to no consumer ({consumers[0].name}).",
        f'Every handshake is answered 500: "ValueError: {said}"',
        _ROUTER,
        place_of_application(project),
    )


@check("W011", looks=Looks.AT_APPLICATION)
def origins_are_checked(project: Project) -> Iterator[Finding]:
    """Each socket of the project's own stands behind a check of the page that opened it."""
    for route in _own_routes(project):
        if not _behind(route, OriginValidator) and _all_known(route):
            yield Finding(
                "W011",
                f"Nothing checks which page opens the socket of {_name(route)}.",
                "A page of any other site can open it with your visitor's cookies, and act as them.",
                '"websocket": AllowedHostsOriginValidator(…what is there now…)\n'
                "# from channels.security.websocket import AllowedHostsOriginValidator",
                place_of_branch(project),
            )
            return


@check("W012", looks=Looks.AT_APPLICATION)
def users_are_known(project: Project) -> Iterator[Finding]:
    """A consumer that asks for the user has somebody around it who puts one into the scope."""
    classes = {found.name: found for found in consumer_classes(project)}
    for route in _own_routes(project):
        asked = _asks_for_user(classes, getattr(route.consumer, "__name__", ""))
        if asked is None or _behind(route, AuthMiddleware) or not _all_known(route):
            continue
        yield Finding(
            "W012",
            f'{_name(route)} reads scope["user"], and no AuthMiddlewareStack around it puts one in.',
            "\"KeyError: 'user'\" ends each socket that comes there.",
            '"websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(…)))\n'
            "# from channels.auth import AuthMiddlewareStack",
            asked,
        )


def _own_routes(project: Project) -> list[SocketRoute]:
    """Return the routes to the project's consumers: Teahouse's own socket asks who is there by itself."""
    return [route for route in walk(project.application).routes if not route.is_chat]


def _behind(route: SocketRoute, kind: type) -> bool:
    return any(isinstance(layer, kind) for layer in route.around)


def _all_known(route: SocketRoute) -> bool:
    """Claim that every layer is Channels' or Teahouse's own; one of the project's own may do the same work."""
    return all(_module(layer).split(".")[0] in {"channels", "teahouse"} for layer in route.around)


def _module(layer: Any) -> str:
    return str(layer.__module__ if inspect.isfunction(layer) else type(layer).__module__)


def _name(route: SocketRoute) -> str:
    return getattr(route.consumer or route.target, "__name__", repr(route.target))


def _asks_for_user(classes: dict[str, ConsumerClass], name: str) -> Place | None:
    """Return where a consumer, or one that it inherits from, reads ``scope["user"]``."""
    while name in classes:
        found = classes[name]
        for node in ast.walk(found.node):
            if isinstance(node, ast.Subscript) and text_of(node.slice) == "user" and _is_scope(node.value):
                return found.source.place(node)
        name = found.parent
    return None


def _is_scope(node: ast.AST) -> bool:
    return dotted(node) in {"self.scope", "scope"}


def place_of_application(project: Project) -> Place | None:
    """Return where the application is made: the last assignment to its name."""
    source = project.asgi_source
    made = source.assignments(project.application_path.rpartition(".")[2]) if source else []
    return source.place(made[-1]) if source and made else None


def place_of_branch(project: Project) -> Place | None:
    """Return where the router says what sockets come to; where the application is made when there is no router."""
    source = project.asgi_source
    for node in ast.walk(source.tree) if source else ():
        if called(node) == "ProtocolTypeRouter":
            key = next((key for key in ast.walk(node) if text_of(key) == "websocket"), node)
            return source.place(key) if source else None
    return place_of_application(project)
