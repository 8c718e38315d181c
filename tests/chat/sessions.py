"""Logged-in sessions without a browser; used by the tests of logins, proofs and sockets."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

BACKEND = "django.contrib.auth.backends.ModelBackend"


def log_in(user: Any, **held: Any) -> str:
    """Return the key of a session in which the user is logged in; ``held`` replaces what it holds."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()} | held
    )
    session.save()
    return str(session.session_key)


def log_out(key: str) -> None:
    """End a session as a logout does."""
    import_module(settings.SESSION_ENGINE).SessionStore(key).delete()
