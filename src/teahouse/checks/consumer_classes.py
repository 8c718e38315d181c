"""The consumers that a project writes, found in its source text; used by rules about what stands in them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from teahouse.checks.project import Project
from teahouse.checks.sources import Source, dotted

_WEBSOCKET = {"WebsocketConsumer", "JsonWebsocketConsumer", "AsyncWebsocketConsumer", "AsyncJsonWebsocketConsumer"}
_OTHER = {"SyncConsumer", "AsyncConsumer", "AsyncHttpConsumer"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class ConsumerClass:
    """A class that inherits, maybe through others of the project, from one of Channels' consumers."""

    source: Source
    node: ast.ClassDef
    parent: str
    """The consumer that it inherits from, by its last name."""
    kind: str
    """Channels' own class at the end of that line."""

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.node.name

    @property
    def is_async(self) -> bool:
        """Claim that its handlers run on the event loop."""
        return self.kind.startswith("Async")

    @property
    def is_websocket(self) -> bool:
        """Claim that Channels' own handlers of sockets stand in it."""
        return self.kind in _WEBSOCKET

    @property
    def methods(self) -> list[Function]:
        """The methods that are written in it."""
        return [node for node in self.node.body if isinstance(node, Function)]


def consumer_classes(project: Project) -> list[ConsumerClass]:
    """Return the consumers of the project's own, those that nothing leads to as well."""
    written = {
        node.name: (source, node)
        for source in project.socket_sources
        for node in source.statements()
        if isinstance(node, ast.ClassDef)
    }
    found = [_consumer(source, node, written) for source, node in written.values()]
    return [consumer for consumer in found if consumer]


def _consumer(
    source: Source, node: ast.ClassDef, written: dict[str, tuple[Source, ast.ClassDef]]
) -> ConsumerClass | None:
    for base in node.bases:
        name = dotted(base).rpartition(".")[2]
        if kind := _kind(name, written, {node.name}):
            return ConsumerClass(source, node, name, kind)
    return None


def _kind(name: str, written: dict[str, tuple[Source, ast.ClassDef]], seen: set[str]) -> str:
    """Return the consumer of Channels that a class comes down to, or an empty text."""
    if name in seen or name not in written:
        return name if name in _WEBSOCKET | _OTHER else ""
    bases = (dotted(base).rpartition(".")[2] for base in written[name][1].bases)
    return next((kind for base in bases if (kind := _kind(base, written, seen | {name}))), "")
