"""What the project's consumers do: Channels' own handlers overridden, the database from async code, the layer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from teahouse.checks.consumer_classes import ConsumerClass, Function, consumer_classes
from teahouse.checks.findings import Finding
from teahouse.checks.orm_calls import blocking_calls, functions_that_block
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.sources import called

_RIGHT = {
    "websocket_connect": "connect(self)",
    "websocket_receive": "receive(self, text_data=None, bytes_data=None)",
    "websocket_disconnect": "disconnect(self, code)",
}
_DOES = {
    "websocket_connect": "it joins the consumer's groups, and refuses the socket when connect() says so",
    "websocket_receive": "it tells text from bytes, of which a browser may send either",
    "websocket_disconnect": "it leaves the groups, closes old database connections and ends the consumer",
}


@check("E024", looks=Looks.AT_FILES)
def handlers_of_channels_stay(project: Project) -> Iterator[Finding]:
    """No consumer overrides ``websocket_connect`` and its brothers without calling them."""
    for consumer in consumer_classes(project):
        for method in consumer.methods if consumer.is_websocket else ():
            if method.name not in _RIGHT or _calls_super(method):
                continue
            word = "async def" if consumer.is_async else "def"
            yield Finding(
                "E024",
                f"{consumer.name} overrides {method.name}, which is Channels' own.",
                f"What Channels does there is left out: {_DOES[method.name]}.",
                f"{word} {_RIGHT[method.name]}:" + _without_stop(method),
                consumer.source.place(method),
            )


@check("E025", looks=Looks.AT_FILES)
def async_code_does_not_wait_for_the_database(project: Project) -> Iterator[Finding]:
    """No async consumer asks the database by a call that blocks."""
    for consumer in consumer_classes(project):
        if not consumer.is_async:
            continue
        blocking = functions_that_block(consumer.source, consumer.node)
        for method in consumer.methods:
            if isinstance(method, ast.AsyncFunctionDef):
                yield from _waits(consumer, method, blocking)


@check("W021", looks=Looks.AT_SETTINGS)
def the_layer_that_consumers_use_is_there(project: Project) -> Iterator[Finding]:
    """A consumer that talks through the channel layer has one."""
    if getattr(project.settings, "CHANNEL_LAYERS", {}).get("default"):
        return
    for consumer in consumer_classes(project):
        for node in ast.walk(consumer.node):
            if isinstance(node, ast.Attribute) and node.attr == "channel_layer":
                yield Finding(
                    "W021",
                    f"{consumer.name} uses the channel layer, and CHANNEL_LAYERS names no default one.",
                    "\"AttributeError: 'NoneType' object has no attribute 'group_add'\" ends the socket.",
                    'CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}\n'
                    "# in memory it reaches one process; several need channels_redis",
                    consumer.source.place(node),
                )
                return


def _waits(consumer: ConsumerClass, method: ast.AsyncFunctionDef, blocking: set[str]) -> Iterator[Finding]:
    for call in blocking_calls(method, blocking):
        yield Finding(
            "E025",
            f"{consumer.name}.{method.name} asks the database from async code: {ast.unparse(call.node)}",
            '"SynchronousOnlyOperation: You cannot call this from an async context - use a thread or sync_to_async."',
            call.mend,
            consumer.source.place(call.node),
        )


def _calls_super(method: Function) -> bool:
    return any(
        isinstance(node, ast.Call)
        and called(node) == method.name
        and isinstance(node.func, ast.Attribute)
        and called(node.func.value) == "super"
        for node in ast.walk(method)
    )


def _without_stop(method: Function) -> str:
    raises = any("StopConsumer" in ast.unparse(node) for node in ast.walk(method) if isinstance(node, ast.Raise))
    return "\n    …\n# without raise StopConsumer(): Channels raises it, after the clean-up" if raises else "\n    …"
