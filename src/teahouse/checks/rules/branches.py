"""What an application is made of: a branch for pages too, and layers that take what servers give since Channels 3."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from teahouse.checks.findings import Finding, Place
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.rules.handshakes import place_of_branch
from teahouse.checks.start_lines import start_lines
from teahouse.checks.walk import inside_of, walk


@check("E063", looks=Looks.AT_APPLICATION)
def layers_take_what_servers_give(project: Project) -> Iterator[Finding]:
    """Every layer around a consumer is called with scope, receive and send: in Channels 2 it was the scope alone."""
    layers = {id(layer): layer for route in walk(project.application).routes for layer in route.around}
    for layer in layers.values():
        if _takes_three(layer):
            continue
        name, inside = type(layer).__name__, next((name for name, _ in inside_of(layer)), "inner")
        called = type(layer).__call__
        yield Finding(
            "E063",
            f"{name}.__call__ takes {inspect.signature(called)}, and is called with scope, receive and send.",
            f'It is written for Channels 2: each handshake fails with "TypeError: {called.__qualname__}() takes 2 '
            'positional arguments but 4 were given".',
            "async def __call__(self, scope, receive, send):\n    …\n    return await "
            f"self.{inside}(scope, receive, send)",
            Place(Path(inspect.getsourcefile(called) or ""), inspect.getsourcelines(called)[1]),
        )


@check("W064", looks=Looks.AT_APPLICATION)
def pages_have_a_branch(project: Project) -> Iterator[Finding]:
    """A router that takes sockets takes pages too, unless another server has them."""
    if any(line.is_wsgi for line in start_lines(project)):
        return
    for router in walk(project.application).routers:
        if "websocket" in router.application_mapping and "http" not in router.application_mapping:
            yield Finding(
                "W064",
                f'{project.application_path} has a branch for sockets, and no "http" for pages.',
                "Each page is answered 500: \"ValueError: No application configured for scope type 'http'\". Until "
                "Channels 3 it was added by itself. It is right so where another server has all pages, by WSGI.",
                '"http": get_asgi_application(),\n# from django.core.asgi import get_asgi_application',
                place_of_branch(project),
            )


def _takes_three(layer: Any) -> bool:
    called = vars(type(layer)).get("__call__")
    if inspect.isfunction(layer) or not inspect.isfunction(called):
        return True  # a function of the project's own, or what it inherits from somebody else's
    signature = inspect.signature(called)
    _, misfit = attempt(lambda: signature.bind("self", "scope", "receive", "send"), Path())
    return misfit is None
