"""Problem 1: "Cannot import ASGI_APPLICATION module", because no package of that name is there."""

from webSocket.settings import *  # noqa: F403

ASGI_APPLICATION = "MSF.asgi.application"
SILENCED_SYSTEM_CHECKS = ["teahouse.E002"]  # it would be told, and not happen
