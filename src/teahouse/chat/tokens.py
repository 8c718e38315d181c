"""Who shows a token: those of ``teahouse.token_for``, guests', and Django REST framework's; used by every edge."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import DataError

from teahouse.chat.people import Identity, guest_of_cookie, identity_of_cookies, identity_of_user, signer
from teahouse.chat.proofs import KeyProof, Proved, TokenProof, has_keys, keys, mark_of
from teahouse.errors import BadToken, TokenExpired
from teahouse.settings import settings

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

_TOKEN_SALT = "teahouse.token"  # noqa: S105 (a salt, not a secret)


class Shown(NamedTuple):
    """What an ``Authorization`` header shows."""

    token: str
    is_key: bool = False
    """Whether it is one of Django REST framework's."""


def token_for(user: AbstractBaseUser) -> str:
    """Return a signed token by which a client is this user for ``TOKEN_SECONDS``, in ``hello`` or as a Bearer token.

    It ends before when the user's password changes, and when they are deactivated or deleted.
    """
    return signer(_TOKEN_SALT).sign_object({"u": str(user.pk), "h": _hash_of(user)})


def shown_in(authorization: str | None) -> Shown | None:
    """Return what ``Authorization: Bearer …`` shows, or ``Token …`` where the host has such; None for anything else."""
    scheme, _, token = (authorization or "").partition(" ")
    match scheme.lower():
        case "bearer":
            return Shown(token.strip())
        case "token" if has_keys():
            return Shown(token.strip(), is_key=True)
    return None


def proved_by(shown: Shown) -> Proved:
    """Return whom a header's token proves. Raises BadToken and TokenExpired."""
    return _proved_by_key(shown.token) if shown.is_key else proved_by_token(shown.token)


def proved_by_token(token: str) -> Proved:
    """Return whose token this is, of whichever kind; as in ``hello``, where no scheme says so.

    Raises TokenExpired for one whose time is over, and BadToken: forged, inactive user, another password since.
    """
    if ":" not in token and has_keys():  # a signed one has two
        return _proved_by_key(token)
    guest = guest_of_cookie(token)
    if guest is not None:
        return Proved(guest[0])
    held, expires_at = _held_by(token)
    user = _user_with_key(held["u"])
    if user is None or not user.is_active:
        raise BadToken("the token's user is gone or inactive", field="token")
    if not any(secrets.compare_digest(held["h"].encode(), known.encode()) for known in _hashes_of(user)):
        raise BadToken("the token is from before the password changed; ask the site for a new one", field="token")
    return Proved(identity_of_user(user), TokenProof(user.pk, mark_of(user), expires_at))


def identity_of_request(request: HttpRequest) -> Identity | None:
    """Return who asks: by token, else by session, else by guest cookie; None when nobody is known."""
    shown = shown_in(request.headers.get("Authorization"))
    if shown is not None:
        return proved_by(shown).person
    return identity_of_cookies(getattr(request, "user", None), request.COOKIES)


def _proved_by_key(key: str) -> Proved:
    found = None
    if key.isascii() and key.isprintable():  # NUL is none that a database would look for
        found = keys().filter(key=key).select_related("user").first()
    if found is None or not found.user.is_active:
        raise BadToken("the token is forged or deleted, or its user is inactive", field="token")
    return Proved(identity_of_user(found.user), KeyProof(found.user.pk, mark_of(found.user), found.key))


def _held_by(token: str) -> tuple[dict[str, str], int]:
    """Return what a connection token says, and when it ends in milliseconds since 1970."""
    try:
        held = signer(_TOKEN_SALT).unsign_object(token, max_age=settings.TOKEN_SECONDS)
        signed_at = signing.b62_decode(token.rsplit(":", 2)[1])
    except signing.SignatureExpired:
        refusal = (
            f'the token is older than {settings.TOKEN_SECONDS:g} seconds (TEAHOUSE["TOKEN_SECONDS"]); show a new one'
        )
        raise TokenExpired(refusal, field="token") from None
    except (signing.BadSignature, ValueError):
        held, signed_at = None, 0
    if not (isinstance(held, dict) and all(isinstance(held.get(name), str) for name in ("u", "h"))):
        raise BadToken("the token is forged, or of another site; ask the site for a new one", field="token")
    return held, int((signed_at + settings.TOKEN_SECONDS) * 1000)


def _user_with_key(key: str) -> Any | None:
    """Return the host user, or None: also for a key that was one before the host changed its user model."""
    try:
        return get_user_model()._default_manager.filter(pk=key).first()
    except (ValueError, TypeError, ValidationError, DataError):
        return None


def _hash_of(user: Any) -> str:
    return _hashes_of(user)[0]


def _hashes_of(user: Any) -> list[str]:
    """Return short hashes of what binds sessions to the password; under older secret keys too, which still count."""
    if not hasattr(user, "get_session_auth_hash"):
        return [""]
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    # Django's own are keyed already; hashed once more, a token tells nothing that would stand in a session.
    return [hashlib.sha256(b"teahouse token " + known.encode()).hexdigest()[:24] for known in hashes]
