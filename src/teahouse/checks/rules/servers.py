"""How servers are started: compression of each connection, and several processes without a layer between them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.apps import apps

from teahouse.checks.consumer_classes import consumer_classes
from teahouse.checks.findings import Finding
from teahouse.checks.project import Project
from teahouse.checks.registry import Looks, check
from teahouse.checks.start_lines import StartLine, start_lines

_NO = {"false", "0", "no", "off", "f", "n"}
_IN_MEMORY = "channels.layers.InMemoryChannelLayer"
_REDIS = """\
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": "redis://127.0.0.1:6379/0", "socket_timeout": None}]},
    }
}"""


@check("W059", looks=Looks.AT_APPS)
def processes_hear_each_other(project: Project) -> Iterator[Finding]:
    """Who starts several processes has a layer that reaches from one to the other."""
    layers = getattr(project.settings, "CHANNEL_LAYERS", None)
    layer = layers.get("default") if isinstance(layers, dict) else None
    in_memory = isinstance(layer, dict) and layer.get("BACKEND") == _IN_MEMORY
    if (layer and not in_memory) or not _has_sockets(project):
        return
    for line in start_lines(project):
        if line.workers > 1 and not line.is_wsgi:
            teahouse = apps.is_installed("teahouse")
            yield Finding(
                "W059",
                f"`{line.text}` starts {line.workers} processes, and CHANNEL_LAYERS "
                + ("is in memory: each process has its own." if in_memory else "names no default layer."),
                "Messages of other processes come late: each looks into the database every few seconds."
                if teahouse
                else "Who is in another process hears nothing, and nothing says so.",
                f"{_REDIS}\n# pip install {'teahouse[redis]' if teahouse else 'channels_redis'}",
                line.place or project.place_of("CHANNEL_LAYERS"),
            )


@check("W045", looks=Looks.AT_FILES)
def connections_are_not_compressed(project: Project) -> Iterator[Finding]:
    """No server offers permessage-deflate."""
    for line in start_lines(project) if _has_sockets(project) else ():
        if not line.to_develop and (mend := _without_deflate(line)):
            yield Finding(
                "W045",
                f"`{line.text}` compresses every WebSocket connection (permessage-deflate).",
                "It costs each connection tens of KiB of memory, and a frame of a few KiB that somebody sends becomes "
                "many MiB here.",
                mend,
                line.place,
            )


def _has_sockets(project: Project) -> bool:
    return project.installed("teahouse") or bool(consumer_classes(project))


def _without_deflate(line: StartLine) -> str:
    """Return what to write so that it does not compress; empty when it does not."""
    if line.server == "uvicorn":
        said = line.option("--ws-per-message-deflate")
        if said is None and line.place is None:
            said = os.environ.get("UVICORN_WS_PER_MESSAGE_DEFLATE")
        if (said or "").lower() in _NO or line.option("--ws") == "none":
            return ""
        in_python = line.place is not None and line.place.path.suffix == ".py"
        return "ws_per_message_deflate=False," if in_python else f"{line.text} --ws-per-message-deflate false"
    if line.server == "gunicorn" and "uvicorn" in (line.option("-k", "--worker-class") or ""):
        said = line.option("-w", "--workers")
        workers = f" --workers {said}" if said else ""
        return (
            "# gunicorn cannot tell its workers; start uvicorn itself:\n"
            f"uvicorn {line.application}{workers} --ws-per-message-deflate false"
        )
    if line.server == "hypercorn":
        return f"# hypercorn cannot do without:\nuvicorn {line.application} --ws-per-message-deflate false"
    return ""
