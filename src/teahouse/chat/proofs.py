"""What an open socket's identity stands on, and whether that still stands; made by the edges, kept by ``live``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, ClassVar, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model, QuerySet, Value
from django.utils import timezone

from teahouse.chat.clock import now
from teahouse.chat.logins import (
    can_be_looked_up,
    session_rows,
    sessions_in_cache,
    user_of_session,
    users_of_sessions,
)
from teahouse.chat.people import Identity, identities_of_users, identity_of_user
from teahouse.protocol.closes import Close

TOGETHER = 5000
"""So many proofs are looked at in one query: each has at most three values, and SQLite takes some 32 000 of them."""


@dataclass(slots=True, eq=False)
class Proof:
    """A host user, as they stood when the socket was opened. There is one for each socket, so it holds little."""

    user_id: Any
    seen: int
    """The user's mark: see ``mark_of``."""

    close: ClassVar[Close] = Close.LOGIN_CHANGED
    """How a socket ends when its proof falls."""
    expires_at: ClassVar[int] = 0
    """When it falls by itself, in milliseconds since 1970; 0 for never."""


@dataclass(slots=True, eq=False)
class SessionProof(Proof):
    """A session of Django's, in which the user is logged in."""

    key: str = field(repr=False)


@dataclass(slots=True, eq=False)
class TokenProof(Proof):
    """A token of ``teahouse.token_for``."""

    close = Close.BAD_TOKEN

    expires_at: int  # type: ignore[misc]  # each has its own


@dataclass(slots=True, eq=False)
class KeyProof(Proof):
    """A token of Django REST framework, which stands until it is deleted, whatever the password is."""

    close = Close.BAD_TOKEN

    key: str = field(repr=False)


class Proved(NamedTuple):
    """Who somebody is, and what proves it: nothing for guests, whose cookie no log-out ends."""

    person: Identity
    proof: Proof | None = None


def proved_by_session(key: str) -> Proved | None:
    """Return who is logged in by a session, None for nobody; as ``logins.user_of_session`` says."""
    user = user_of_session(key)
    return Proved(identity_of_user(user), SessionProof(user.pk, mark_of(user), key)) if user is not None else None


def proved_by_sessions(keys: Sequence[str]) -> list[Proved | None]:
    """Return for each session what ``proved_by_session`` returns, in three queries, while they ``lie_in_tables``."""
    users = users_of_sessions(keys)
    identities = identities_of_users(list(users.values()))
    return [
        Proved(identities[users[key].pk], SessionProof(users[key].pk, mark_of(users[key]), key))
        if key in users
        else None
        for key in keys
    ]


def proved_by_host(user: Any, key: str | None) -> Proved | None:
    """Return whom the host says that the visitor is, None for nobody: by their session if it says the same."""
    if user is None or not user.is_authenticated:
        return None
    session = proved_by_session(key) if key is not None else None
    if session is not None and session.proof is not None and session.proof.user_id == user.pk:
        return session
    return Proved(identity_of_user(user), Proof(user.pk, mark_of(user)))


def is_over(proof: Proof) -> bool:
    """Claim that a token's time has come."""
    return 0 < proof.expires_at <= now()


def ending(proof: Proof | None) -> dict[str, int]:
    """Return what an answer says of how long a proof is good: nothing of one that has no such time."""
    return {"expires_at": proof.expires_at} if proof is not None and proof.expires_at else {}


def mark_of(user: Any) -> int:
    """Return what two looks at a user compare: it is another one after a new password or a deactivation.

    A number of this process alone, of which nobody can learn anything.
    """
    own_hash = None if _hashes_the_password(type(user)) else _auth_hash(user)
    return _mark(getattr(user, "password", ""), getattr(user, "is_active", True), own_hash)


def can_be_compared() -> bool:
    """Claim that tables and caches say whether a login stands: no code of the host must be asked, one by one."""
    model = get_user_model()
    return can_be_looked_up() and _hashes_the_password(model) and not isinstance(_active(model), property)


def fallen(proofs: Sequence[Proof]) -> set[Proof]:
    """Return those of these proofs that stand no longer: ended, deactivated, deleted, or of another password.

    While they ``can_be_compared`` it is one query for up to ``TOGETHER`` of them, of sessions, users and (where such
    sockets are open) tokens of Django REST framework at once: a union, each part by its primary key. Sessions in a
    cache are one question to it before. Otherwise each is asked by itself, as Django would.
    """
    if not can_be_compared():
        return {proof for proof in proofs if not _stands_alone(proof)}
    starts = range(0, len(proofs), TOGETHER)
    return {proof for start in starts for proof in _fallen_together(proofs[start : start + TOGETHER])}


def has_keys() -> bool:
    """Claim that the host gives out tokens of Django REST framework."""
    return apps.is_installed("rest_framework.authtoken")


def keys() -> QuerySet[Any]:
    """Return the tokens of Django REST framework, which need not be there."""
    return apps.get_app_config("authtoken").get_model("Token")._default_manager.all()


def _fallen_together(proofs: Sequence[Proof]) -> Iterator[Proof]:
    users: dict[Any, tuple[int, bool]] = {}
    sessions = sessions_in_cache({proof.key for proof in proofs if isinstance(proof, SessionProof)})
    held_keys: set[tuple[str, Any]] = set()
    for kind, key, user_id, password, is_active in _rows(proofs, sessions):
        if kind == _USER:
            users[user_id] = _mark(password, is_active), is_active
        elif kind == _SESSION:
            sessions.add(key)
        else:
            held_keys.add((key, user_id))
    for proof in proofs:
        mark, is_active = users.get(proof.user_id, (None, False))
        match proof:
            case SessionProof():
                stands = proof.key in sessions and mark == proof.seen
            case KeyProof():
                stands = (proof.key, proof.user_id) in held_keys and is_active
            case _:
                stands = mark == proof.seen
        if not stands:
            yield proof


_USER, _SESSION, _KEY = range(3)


def _rows(proofs: Sequence[Proof], found: Collection[str]) -> Iterator[Sequence[Any]]:
    """Yield kind, key, user, password and whether active; users come first, for they give a union its types.

    Sessions that were found already are not asked for.
    """
    model = get_user_model()
    fields = {found.name for found in model._meta.concrete_fields}
    user_columns = (
        "password" if "password" in fields else Value(""),
        "is_active" if "is_active" in fields else Value(bool(_active(model))),
    )
    users = model._default_manager.filter(pk__in={proof.user_id for proof in proofs})
    parts: list[Any] = [users.order_by().values_list(Value(_USER), Value(""), "pk", *user_columns)]
    nothing, nobody = (Value(""), Value(False)), Value(None, output_field=model._meta.pk)
    if held := [proof.key for proof in proofs if isinstance(proof, KeyProof)]:
        rows = keys().filter(key__in=held)
        parts.append(rows.order_by().values_list(Value(_KEY), "key", "user_id", *nothing))
    ids = [proof.key for proof in proofs if isinstance(proof, SessionProof) and proof.key not in found]
    if ids and (all_sessions := session_rows()) is not None:
        rows = all_sessions.filter(session_key__in=ids, expire_date__gt=timezone.now())
        parts.append(rows.order_by().values_list(Value(_SESSION), "session_key", nobody, *nothing))
    if len({part.db for part in parts}) == 1:
        parts = [reduce(lambda one, other: one.union(other, all=True), parts)]
    for part in parts:
        yield from part


def _stands_alone(proof: Proof) -> bool:
    if isinstance(proof, SessionProof):
        user = user_of_session(proof.key)
        return user is not None and user.pk == proof.user_id
    user = get_user_model()._default_manager.filter(pk=proof.user_id).first()
    if user is None:
        return False
    if isinstance(proof, KeyProof):
        return bool(user.is_active) and keys().filter(key=proof.key, user_id=proof.user_id).exists()
    return mark_of(user) == proof.seen


def _mark(password: str, is_active: bool, own_hash: str | None = None) -> int:
    return hash((password, bool(is_active), own_hash))


def _hashes_the_password(model: type[Any]) -> bool:
    """Claim that a session is bound to the password, and to nothing else that the host thought of."""
    return getattr(model, "get_session_auth_hash", None) is AbstractBaseUser.get_session_auth_hash


def _auth_hash(user: Any) -> str | None:
    return user.get_session_auth_hash() if hasattr(user, "get_session_auth_hash") else None


def _active(model: type[Model]) -> Any:
    return getattr(model, "is_active", True)
