"""CHANNEL_LAYERS: whether each can be made, keeps a silent connection, and reaches its server."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from channels.layers import channel_layers
from django.apps import apps
from django.utils.module_loading import import_string

from teahouse.checks.findings import Finding
from teahouse.checks.loading import attempt
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.sources import text_of
from teahouse.settings import settings

_GIVES_UP_ON_SILENCE = 8
"""From this version on, redis-py ends a connection on which nothing came for 5 seconds."""
_WAITS_SECONDS = 5
"""How long the queued layer waits for a message at a time."""
_PING_SECONDS = 3.0
_PASSWORD = re.compile(r":[^/@]+@")
_IN_MEMORY = "channels.layers.InMemoryChannelLayer"


@check("E022", looks=Looks.AT_SETTINGS)
def silent_connections_stay(project: Project) -> Iterator[Finding]:
    """The queued Redis layer waits 5 seconds at a time, and its connections wait for longer than that."""
    for alias, layer in _layers(project).items():
        backend = str(layer.get("BACKEND", ""))
        if not backend.startswith("channels_redis.core.") or _major("redis") < _GIVES_UP_ON_SILENCE:
            continue
        given = (layer.get("CONFIG") or {}).get("hosts") or ["redis://localhost:6379"]
        hosts = [given] if isinstance(given, str | dict) else given
        written = _hosts_as_written(project, len(hosts))
        for index, host in enumerate(hosts):
            if _waits_long_enough(host):
                continue
            yield Finding(
                "E022",
                f"CHANNEL_LAYERS[{alias!r}] is {backend}, redis-py is {version('redis')}, and no socket_timeout is "
                "given for a host.",
                "redis-py 8 ends a connection that was silent for 5 seconds, as long as this layer waits: each idle "
                'consumer ends with "redis.exceptions.TimeoutError: Timeout reading from …".',
                f'"hosts": [{_patient(host, written[index] if written else None)}],',
                project.place_of("CHANNEL_LAYERS", "hosts"),
            )


@check("E057", looks=Looks.AT_APPS)
def layers_can_be_made(project: Project) -> Iterator[Finding]:
    """Each backend can be imported, and the one that Teahouse rings by is there."""
    for alias, layer in _layers(project).items():
        backend = str(layer.get("BACKEND", ""))
        _, failure = attempt(lambda path=backend: import_string(path), project.folder)  # type: ignore[misc]
        if failure is not None:
            yield Finding(
                "E057",
                f"CHANNEL_LAYERS[{alias!r}] has the backend {backend!r}, which cannot be imported: {failure.text}",
                f'Whoever asks for it gets "InvalidChannelLayerError: Cannot import BACKEND {backend!r} specified for '
                f'{alias}".',
                _backend_for(backend),
                project.place_of("CHANNEL_LAYERS", backend),
            )
    layers = _layers(project)
    if apps.is_installed("teahouse") and settings.CHANNEL_LAYER != "default" and settings.CHANNEL_LAYER not in layers:
        yield Finding(
            "E057",
            f'TEAHOUSE["CHANNEL_LAYER"] is {settings.CHANNEL_LAYER!r}; there is {", ".join(layers) or "no layer"}.',
            "Processes do not ring each other: their messages come late, every few seconds.",
            f'"CHANNEL_LAYER": "{next(iter(layers), "default")}"',
            project.place_of("TEAHOUSE", "CHANNEL_LAYER"),
        )


@check("E056", looks=Looks.AT_NETWORK, deploy=True)
def layers_answer(project: Project) -> Iterator[Finding]:
    """What is sent through each layer comes back within three seconds."""
    for alias, layer in _layers(project).items():
        made, failure = attempt(lambda name=alias: channel_layers.make_backend(name), project.folder)  # type: ignore[misc]
        if failure is None:
            _, failure = attempt(lambda it=made: asyncio.run(_ping(it)), project.folder)  # type: ignore[misc]
        else:
            continue  # that is another check's
        if failure is None:
            continue
        late = isinstance(failure.error, TimeoutError) and not str(failure.error)
        said = f"nothing came back within {_PING_SECONDS:.0f} s" if late else failure.text
        yield Finding(
            "E056",
            f"CHANNEL_LAYERS[{alias!r}] ({layer.get('BACKEND')}) does not answer: {said}",
            "Consumers that join a group end with this error."
            + (" Teahouse goes on, and hears other processes late." if apps.is_installed("teahouse") else ""),
            "# take out of CONFIG what the backend does not know"
            if isinstance(failure.error, TypeError)
            else '"hosts": [{"address": "redis://…", "socket_timeout": None}],  # where Redis or Valkey does listen',
            project.place_of("CHANNEL_LAYERS", "hosts"),
        )


async def _ping(layer: Any) -> None:
    """Send one message to ourselves. Raises what the layer raises, or TimeoutError."""
    try:
        async with asyncio.timeout(_PING_SECONDS):
            channel = await layer.new_channel()
            receiving = asyncio.ensure_future(layer.receive(channel))
            try:
                # The pub/sub layer keeps nothing for who is not listening yet.
                while not receiving.done():
                    await layer.send(channel, {"type": "teahouse.ping"})
                    await asyncio.wait([receiving], timeout=0.2)
                receiving.result()
            finally:
                receiving.cancel()
                # Both may fail, by the same error: asyncio prints one that nobody asked for.
                await asyncio.gather(receiving, return_exceptions=True)
    finally:
        if hasattr(layer, "close_pools"):
            await layer.close_pools()


def _layers(project: Project) -> dict[str, Any]:
    written = getattr(project.settings, "CHANNEL_LAYERS", None)
    named = written if isinstance(written, dict) else {}
    return {alias: layer for alias, layer in named.items() if isinstance(layer, dict)}


def _backend_for(backend: str) -> str:
    """Return what to write for a backend that is not there: Channels 1 had others, which nobody can use any more."""
    package = backend.split(".", maxsplit=1)[0]
    if package in {"channels", "asgiref"}:
        return f'"BACKEND": "{_IN_MEMORY}"'
    if package == "asgi_redis":
        return (
            '"BACKEND": "channels_redis.core.RedisChannelLayer"\n# pip install channels_redis; and take "ROUTING" out'
        )
    return f"pip install {package}"


def _major(package: str) -> int:
    try:
        return int(version(package).split(".")[0])
    except (PackageNotFoundError, ValueError):
        return 0


def _waits_long_enough(host: Any) -> bool:
    if "socket_timeout" in str(host.get("address") if isinstance(host, dict) else host):
        return True  # said in the URL, by somebody who knows
    timeout = host.get("socket_timeout", 0) if isinstance(host, dict) else 0
    return timeout is None or timeout > _WAITS_SECONDS


def _hosts_as_written(project: Project, count: int) -> list[ast.expr]:
    """Return the hosts as the settings write them, by variables perhaps; empty when that is not a list of so many."""
    for statement in reversed(project.assignments("CHANNEL_LAYERS")):
        for node in ast.walk(statement):
            if isinstance(node, ast.Dict):
                values = [value for key, value in zip(node.keys, node.values, strict=True) if text_of(key) == "hosts"]
                found = [value.elts for value in values if isinstance(value, ast.List | ast.Tuple)]
                if found and len(found[-1]) == count:
                    return found[-1]
    return []


def _patient(host: Any, written: ast.expr | None) -> str:
    """Return a host as it is to be written, by what it is written by now; what may hold a password is not shown."""
    if isinstance(written, ast.Dict) and not _has_secret(ast.unparse(written)):
        return f'{ast.unparse(written)[:-1]}, "socket_timeout": None}}'.replace("'", '"')
    if isinstance(written, ast.Tuple | ast.List) and "://" not in str(host[0]):
        parts = [_quoted(part) for part in written.elts[:2]]
        return f'{{"host": {parts[0]}, "port": {parts[1]}, "socket_timeout": None}}'
    address = host.get("address") if isinstance(host, dict) else host[0] if isinstance(host, tuple | list) else host
    shown = f'"{address}"' if address and not _has_secret(str(address)) else '"redis://…"'
    if written is not None and not isinstance(written, ast.Constant | ast.Tuple | ast.List | ast.Dict):
        texts = [text for node in ast.walk(written) if (text := text_of(node))]
        shown = '"redis://…"' if any(map(_PASSWORD.search, texts)) else _quoted(written)
    return f'{{"address": {shown}, "socket_timeout": None}}'


def _quoted(node: ast.expr) -> str:
    return ast.unparse(node).replace("'", '"')


def _has_secret(text: str) -> bool:
    return "@" in text or "password" in text.lower()
