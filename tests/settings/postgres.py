"""The tests' settings on PostgreSQL: `pytest --ds tests.settings.postgres`, which starts a server of its own."""

from tests.settings.common import *  # noqa: F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        # The tests fill in where their server listens (tests/conftest.py).
        "NAME": "postgres",
        "HOST": "127.0.0.1",
    }
}
