"""The settings of examples/site with a database of the test's own, and what a test lays over them."""

import json
import os

from ridgeway.settings import *  # noqa: F403
from ridgeway.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["CLUB_DATABASE"]
# Weak and quick: the tests log in often.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# With DEBUG off, Django would mail what broke to admins whom nobody named.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["stderr"]}},
}
globals().update(json.loads(os.environ.get("CLUB_SETTINGS", "{}")))
