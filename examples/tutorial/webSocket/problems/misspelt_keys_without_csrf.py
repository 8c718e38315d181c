"""Problem 3 with the CSRF middleware out as well: the same 403, and now plain Django forms are unguarded."""

from webSocket.problems.misspelt_keys import *  # noqa: F403
from webSocket.settings import MIDDLEWARE as EVERY_MIDDLEWARE

MIDDLEWARE = [name for name in EVERY_MIDDLEWARE if name != "django.middleware.csrf.CsrfViewMiddleware"]
SILENCED_SYSTEM_CHECKS = ["teahouse.E015", "teahouse.E017"]
