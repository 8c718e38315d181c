"""Problem 2: the cure that goes round for problem 1 names a module, which nobody can call: always 500."""

from webSocket.settings import *  # noqa: F403

ASGI_APPLICATION = "webSocket.settings"
SILENCED_SYSTEM_CHECKS = ["teahouse.E005"]  # it would be told, and not happen
