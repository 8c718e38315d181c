"""Problem 3: two keys with an S too many, so no token is read: 403 where you must be known, 200 elsewhere."""

from webSocket.settings import *  # noqa: F403

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSESS": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSESS": ["rest_framework.permissions.IsAuthenticated"],
}
SILENCED_SYSTEM_CHECKS = ["teahouse.E015"]  # it would be told, and not happen
