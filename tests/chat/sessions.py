"""Logged-in sessions without a browser; used by the tests of logins, proofs and sockets."""

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

BACKEND = "django.contrib.auth.backends.ModelBackend"


def log_in(user: Any, **held: Any) -> str:
    """Return the key of a session in which the user is logged in; ``held`` replaces what it holds."""
    session = SessionStore()
    session.update(
        {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash()} | held
    )
    session.save()
    assert session.session_key is not None
    return session.session_key
