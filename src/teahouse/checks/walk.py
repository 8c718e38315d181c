"""Walks an ASGI application from its outermost layer to each socket's consumer; used by rules about sockets."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.handlers.asgi import ASGIHandler

# By what names wrappers keep the application inside: Channels' own, those of other packages, and functools'.
_INSIDE = ("application", "inner", "app", "_app", "__wrapped__")
_DEPTH = 30
# How many plain functions may stand around an application that is still found.
_WRAPPERS = 3


@dataclass(frozen=True, slots=True)
class SocketRoute:
    """One way to a consumer: the patterns on it and what stands around it, the outermost first."""

    patterns: tuple[Any, ...]
    around: tuple[Any, ...]
    target: Any

    @property
    def consumer(self) -> type | None:
        """The consumer's class, also when ``as_asgi()`` was forgotten; None for any other application."""
        found = getattr(self.target, "consumer_class", self.target)
        return found if inspect.isclass(found) else None

    @property
    def is_chat(self) -> bool:
        """Claim that it leads to Teahouse's own socket, which checks origin and login itself."""
        return getattr(self.target, "__module__", "") == "teahouse.consumers"


@dataclass(slots=True)
class Walk:
    """What an application does with sockets, as far as it can be seen."""

    routes: list[SocketRoute] = field(default_factory=list)
    chat: bool = False
    """``with_chat`` stands around it."""
    sockets: bool = False
    """Something in it takes websockets."""
    routers: list[ProtocolTypeRouter] = field(default_factory=list)
    """What sends pages and sockets on their ways; none behind a function, which may do so itself."""
    bare: Any = None
    """Django's own application, where websockets would arrive and be refused with an error."""
    unknown: list[Any] = field(default_factory=list)
    """What could not be looked into, such as a function of the project's own."""


def walk(application: Any) -> Walk:
    """Return every way that a websocket can go."""
    seen = Walk()
    _walk(application, (), (), seen)
    return seen


def written(pattern: Any) -> str:
    """Return a pattern as it is written in the project."""
    return str(getattr(pattern, "_route", None) if hasattr(pattern, "_route") else getattr(pattern, "_regex", ""))


def _walk(application: Any, patterns: tuple[Any, ...], around: tuple[Any, ...], seen: Walk) -> None:
    if len(around) > _DEPTH or any(application is layer for layer in around):
        return  # functions may call each other
    beyond = (*around, application)
    if _takes_sockets(application):
        seen.sockets = True
        seen.routes.append(SocketRoute(patterns, around, application))
        return
    if hasattr(application, "websocket_urlpatterns"):
        seen.chat = seen.sockets = True
    if type(application) is ASGIHandler:
        seen.bare = application
    elif isinstance(application, ProtocolTypeRouter):
        if not any(inspect.isfunction(layer) and not hasattr(layer, "websocket_urlpatterns") for layer in around):
            seen.routers.append(application)
        seen.sockets = seen.sockets or "websocket" in application.application_mapping
    elif not any(True for _ in _further(application)):
        seen.unknown.append(application)
    for found, passed in _further(application):
        _walk(found, (*patterns, *passed), beyond, seen)


def _takes_sockets(application: Any) -> bool:
    own = getattr(application, "__module__", "") == "teahouse.consumers"
    return own or hasattr(application, "consumer_class") or inspect.isclass(application)


def _further(application: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield what a websocket may come to next, with the pattern that it must match for that."""
    if isinstance(application, ProtocolTypeRouter):
        branch = application.application_mapping.get("websocket")
        yield from [(branch, ())] if branch is not None else []
    elif isinstance(application, URLRouter):
        routes: list[Any] = application.routes
        yield from ((route.callback, (route.pattern,)) for route in routes)
    elif type(application) is not ASGIHandler:
        yield from ((found, ()) for _, found in inside_of(application))


def inside_of(application: Any) -> Iterator[tuple[str, Any]]:
    """Yield the application that a wrapper wraps, by its name there; of a plain function, what may be one."""
    held = vars(application) if hasattr(application, "__dict__") else {}
    for name in _INSIDE:
        if callable(held.get(name)):
            yield name, held[name]
            return
    if inspect.isfunction(application):
        yield from (("", found) for found in _held_by(application) if _is_known(found))


def _held_by(function: Callable[..., Any]) -> Iterator[Any]:
    held = inspect.getclosurevars(function)
    yield from {id(found): found for found in [*held.nonlocals.values(), *held.globals.values()]}.values()


def _is_known(found: Any, depth: int = 0) -> bool:
    if isinstance(found, ProtocolTypeRouter | URLRouter | ASGIHandler) or hasattr(found, "websocket_urlpatterns"):
        return True
    is_wrapper = inspect.iscoroutinefunction(found) and depth < _WRAPPERS
    return is_wrapper and any(_is_known(inner, depth + 1) for inner in _held_by(found))
