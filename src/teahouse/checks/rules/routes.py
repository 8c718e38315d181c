"""The addresses of sockets: whether there are any, and whether their patterns match what they are meant to."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from django.urls.resolvers import RegexPattern, RoutePattern

from teahouse.checks.findings import Finding, Place
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.rules.handshakes import place_of_branch
from teahouse.checks.sources import called, text_of
from teahouse.checks.walk import SocketRoute, walk, written


@check("E007", looks=Looks.AT_APPLICATION)
def routes_lead_to_applications(project: Project) -> Iterator[Finding]:
    """What a route leads to is ``Consumer.as_asgi()`` and not the class."""
    for route in walk(project.application).routes:
        if inspect.isclass(route.target):
            name, pattern = route.target.__name__, route.patterns[-1] if route.patterns else None
            what = f"The route {written(pattern)!r}" if pattern else "The branch for sockets"
            yield Finding(
                "E007",
                f"{what} leads to the class {name}; .as_asgi() was forgotten.",
                f"Each handshake there fails: \"TypeError: object {name} can't be used in 'await' expression\".",
                (_call_with(project, route, f"{name}.as_asgi()") if pattern else "") or f"{name}.as_asgi()",
                place_of_route(project, pattern) if pattern else place_of_branch(project),
            )


@check("E009", looks=Looks.AT_APPLICATION)
def patterns_begin_without_slash(project: Project) -> Iterator[Finding]:
    """No pattern begins with a slash: Channels takes it off the address before it compares."""
    for route in walk(project.application).routes:
        for pattern in route.patterns:
            text = written(pattern)
            if text.lstrip("^").startswith("/"):
                mended = text.replace("/", "", 1)
                yield Finding(
                    "E009",
                    f"The socket route {text!r} begins with a slash, so nothing ever matches it.",
                    'Channels compares the address without its first slash: "ValueError: No route found for path".',
                    _call_with(project, route, None, mended, pattern) or mended,
                    place_of_route(project, pattern),
                )


@check("E065", looks=Looks.AT_APPLICATION)
def paths_are_no_regular_expressions(project: Project) -> Iterator[Finding]:
    """No ``path()`` has the signs of ``re_path()``, which it takes for letters."""
    for route in walk(project.application).routes:
        for pattern in route.patterns:
            text = written(pattern)
            if isinstance(pattern, RoutePattern) and (text[:1] == "^" or text[-1:] == "$" or "(?P<" in text):
                yield Finding(
                    "E065",
                    f"The socket route {text!r} is a regular expression in path(), which takes none.",
                    'Its ^, $ and (?P<…>) stand for themselves there, so nothing ever matches: "ValueError: No route '
                    'found for path".',
                    f're_path(r"^{text.strip("^$").lstrip("/")}$", …),\n# from django.urls import re_path',
                    place_of_route(project, pattern),
                )


@check("W010", looks=Looks.AT_APPLICATION)
def patterns_end(project: Project) -> Iterator[Finding]:
    """The last regular expression of a route ends with ``$``; without, it is searched for inside longer addresses."""
    for route in walk(project.application).routes:
        pattern = route.patterns[-1] if route.patterns else None
        text = written(pattern)
        if not isinstance(pattern, RegexPattern) or text.endswith(("$", r"\Z")) or _is_for_the_rest(text):
            continue
        mended = f"^{text.lstrip('^/')}$"
        yield Finding(
            "W010",
            f"The socket route {text!r} has no $ at its end.",
            "It matches inside longer addresses too: any text may stand behind it"
            + ("." if text.startswith("^") else ", and before it."),
            _call_with(project, route, None, mended, pattern) or mended,
            place_of_route(project, pattern),
        )


def _is_for_the_rest(text: str) -> bool:
    """Claim that a pattern is meant to match whatever comes: the last one, which says that there is nothing."""
    return text.strip("^()") in {"", ".", ".*", ".+"} or text.rstrip(")").endswith((".*", ".+"))


def place_of_route(project: Project, pattern: Any) -> Place | None:
    """Return where the pattern is written, when that is in the project."""
    found = _written_call(project, pattern)
    return found[0] if found else None


def _written_call(project: Project, pattern: Any) -> tuple[Place, ast.Call] | None:
    for source in project.socket_sources:
        for node in ast.walk(source.tree):
            is_route = isinstance(node, ast.Call) and called(node) in {"path", "re_path", "url"} and node.args
            if isinstance(node, ast.Call) and is_route and text_of(node.args[0]) == written(pattern):
                return source.place(node), node
    return None


def _call_with(
    project: Project, route: SocketRoute, target: str | None, pattern_text: str = "", pattern: Any = None
) -> str:
    """Return the route's line with another target or another pattern; empty when it is not found."""
    found = _written_call(project, pattern or route.patterns[-1])
    if found is None:
        return ""
    call = found[1]
    raw = "r" if called(call) == "re_path" else ""
    text = pattern_text or written(pattern or route.patterns[-1])
    leads_to = target or (ast.unparse(call.args[1]) if len(call.args) > 1 else "…")
    if target and len(call.args) > 1:
        leads_to = f"{ast.unparse(call.args[1])}.as_asgi()"
    return f'{called(call)}({raw}"{text}", {leads_to}),'
