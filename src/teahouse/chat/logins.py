"""Who is logged in by a session cookie, as Django would say it, alone or many at once; used by the edge."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model, load_backend
from django.contrib.auth.backends import ModelBackend
from django.core.cache import caches
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

logger = logging.getLogger("teahouse.live")

_ROWS = "django.contrib.sessions.backends.db"
_CACHES = ("django.contrib.sessions.backends.cached_db", "django.contrib.sessions.backends.cache")


@dataclass(frozen=True, slots=True)
class _Login:
    """What a session says about who is logged in; nothing of it is believed yet."""

    user_key: Any
    backend: Any
    proof: str


def session_key(cookies: Mapping[str, str]) -> str | None:
    """Return the key of a visitor's session, None for who has none."""
    key = cookies.get(django_settings.SESSION_COOKIE_NAME, "")
    # A quoted cookie can hold any character, NUL too, which PostgreSQL would not even look for.
    return key if key and key.isascii() and key.isprintable() else None


def user_of_session(key: str) -> Any | None:
    """Return the user who is logged in by a session, None for nobody.

    As ``django.contrib.auth.get_user`` decides: the backend must still be in use and know the user, and the session
    must be of the user's present password. Nothing is written to the session.
    """
    login = _login(_store(key))
    if login is None:
        return None
    user = login.backend.get_user(login.user_key)
    return user if user is not None and _is_proved(login, user) else None


def lie_in_tables() -> bool:
    """Claim that sessions and users are Django's own rows, so that many can be read at once without a host's code."""
    return django_settings.SESSION_ENGINE == _ROWS and _knows_users_by_rows()


def can_be_looked_up() -> bool:
    """Claim that one question finds which of many sessions are there, and one which users, without a host's code."""
    return django_settings.SESSION_ENGINE in (_ROWS, *_CACHES) and _knows_users_by_rows()


def sessions_in_cache(keys: Collection[str]) -> set[str]:
    """Return which of these sessions the cache holds: none where it keeps none, and all while it does not answer."""
    if django_settings.SESSION_ENGINE not in _CACHES or not keys:
        return set()
    prefix: str = import_module(django_settings.SESSION_ENGINE).SessionStore.cache_key_prefix
    try:
        found = caches[django_settings.SESSION_CACHE_ALIAS].get_many([prefix + key for key in keys])
    except Exception as error:  # each cache has errors of its own
        logger.warning("the cache of sessions does not answer, so none of them is ended: %s", error)
        return set(keys)
    return {name.removeprefix(prefix) for name in found}


def users_of_sessions(keys: Sequence[str]) -> dict[str, Any]:
    """Return who is logged in by each of these sessions, in two queries, while they ``lie_in_tables``."""
    logins = {key: login for key, held in _stored(keys) if (login := _login(held)) is not None}
    users = get_user_model()._default_manager.in_bulk({login.user_key for login in logins.values()})
    return {
        key: user
        for key, login in logins.items()
        if (user := users.get(login.user_key)) is not None
        and login.backend.user_can_authenticate(user)
        and _is_proved(login, user)
    }


def session_rows() -> QuerySet[Any] | None:
    """Return the rows of all sessions, None for an engine without."""
    model = getattr(_store(), "model", None)
    return model._default_manager.all() if model is not None else None


def _knows_users_by_rows() -> bool:
    backends = map(load_backend, django_settings.AUTHENTICATION_BACKENDS)
    return all(getattr(type(backend), "get_user", None) is ModelBackend.get_user for backend in backends)


def _store(key: str | None = None) -> Any:
    return import_module(django_settings.SESSION_ENGINE).SessionStore(key)


def _stored(keys: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    store = _store()
    rows = store.model._default_manager.filter(session_key__in=set(keys), expire_date__gt=timezone.now())
    for key, data in rows.values_list("session_key", "session_data"):
        yield key, store.decode(data)


def _login(held: Any) -> _Login | None:
    """Return what a session holds of a login, None when there is none or its backend is no longer in use."""
    try:
        user_key, path = held[SESSION_KEY], held[BACKEND_SESSION_KEY]
    except KeyError:
        return None
    if path not in django_settings.AUTHENTICATION_BACKENDS:
        return None
    pk = get_user_model()._meta.pk
    return _Login(pk.to_python(user_key), load_backend(path), held.get(HASH_SESSION_KEY) or "")


def _is_proved(login: _Login, user: Any) -> bool:
    """Hold the session to the user's password: whoever changed it ended all other sessions."""
    if not hasattr(user, "get_session_auth_hash"):
        return True
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(login.proof, known) for known in hashes)
