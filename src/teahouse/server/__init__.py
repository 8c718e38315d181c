"""The WebSocket class for uvicorn that lets the hub write ready-made frames: ``--ws teahouse.server:WebSocket``."""

from __future__ import annotations

from teahouse.server.websocket import WebSocket

__all__ = ["WebSocket"]
