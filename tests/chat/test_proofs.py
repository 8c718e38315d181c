"""Tests of `teahouse.chat.proofs`: what an open socket's identity stands on, and when that falls."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.backends import AllowAllUsersModelBackend, ModelBackend
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.authtoken.models import Token

from teahouse.chat import proofs as module
from teahouse.chat.people import identity_of_user
from teahouse.chat.proofs import (
    KeyProof,
    Proof,
    SessionProof,
    TokenProof,
    can_be_compared,
    ending,
    fallen,
    is_over,
    mark_of,
    proved_by_host,
    proved_by_session,
)
from teahouse.chat.tokens import proved_by_token, token_for
from teahouse.protocol.closes import Close
from tests.chat.sessions import log_in, log_out

pytestmark = pytest.mark.django_db


class OwnBackend(ModelBackend):
    """A backend that only the host can ask."""

    def get_user(self, user_id: Any) -> Any:
        return super().get_user(user_id)


class Everybody(AllowAllUsersModelBackend):
    """Lets the inactive in."""


@pytest.fixture
def bob(make_user: Callable[..., User]) -> User:
    return make_user("bob", password="old")


@pytest.fixture(params=["compared", "asked"])
def way(request: pytest.FixtureRequest, settings: Settings) -> str:
    """How proofs are looked at: together in the tables, or one by one by the host's code."""
    if request.param == "asked":
        settings.AUTHENTICATION_BACKENDS = [f"{__name__}.OwnBackend"]
    assert can_be_compared() == (request.param == "compared")
    return str(request.param)


def of_session(user: User, way: str) -> Proof:
    held = {"_auth_user_backend": f"{__name__}.OwnBackend"} if way == "asked" else {}
    return proof_of(proved_by_session(log_in(user, **held)))


def of_token(user: User) -> Proof:
    return proof_of(proved_by_token(token_for(user)))


def of_key(user: User) -> Proof:
    return proof_of(proved_by_token(Token.objects.get_or_create(user=user)[0].key))


def of_host(user: User) -> Proof:
    return proof_of(proved_by_host(user, None))


def proof_of(proved: Any) -> Proof:
    assert proved.proof is not None
    return proved.proof  # type: ignore[no-any-return]


def every_kind(user: User, way: str) -> list[Proof]:
    return [of_session(user, way), of_token(user), of_key(user), of_host(user)]


def kinds(proofs: set[Proof]) -> set[type]:
    return {type(proof) for proof in proofs}


def test_what_nothing_happened_to_stands(bob: User, way: str) -> None:
    assert fallen(every_kind(bob, way)) == set()
    assert fallen([]) == set()


@pytest.mark.parametrize(
    ("happens", "falls"),
    [
        (
            lambda bob: User.objects.filter(pk=bob.pk).update(is_active=False),
            {SessionProof, TokenProof, KeyProof, Proof},
        ),
        (lambda bob: User.objects.update(password="another"), {SessionProof, TokenProof, Proof}),
        (lambda bob: bob.delete(), {SessionProof, TokenProof, KeyProof, Proof}),
        (lambda bob: Session.objects.all().delete(), {SessionProof}),
        (lambda bob: Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1)), {SessionProof}),
        (lambda bob: Token.objects.all().delete(), {KeyProof}),
        (lambda bob: User.objects.update(first_name="Robert", last_login=timezone.now()), set()),
    ],
    ids=["deactivated", "password", "deleted", "session deleted", "session over", "key deleted", "renamed"],
)
def test_a_proof_falls_with_what_it_stands_on(
    bob: User, way: str, happens: Callable[[User], Any], falls: set[type]
) -> None:
    held = every_kind(bob, way)
    happens(bob)
    assert kinds(fallen(held)) == falls


def test_others_keep_standing(bob: User, make_user: Callable[..., User], way: str) -> None:
    ann = make_user("ann", password="hers")
    held = [*every_kind(ann, way), *every_kind(bob, way)]
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert {proof.user_id for proof in fallen(held)} == {bob.pk}


def test_a_key_that_went_to_somebody_else_is_no_proof(bob: User, make_user: Callable[..., User], way: str) -> None:
    held = of_key(bob)
    Token.objects.update(user=make_user("eve"))
    assert fallen([held]) == {held}


def test_many_of_all_kinds_cost_one_query(
    make_user: Callable[..., User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    held = [proof for number in range(20) for proof in every_kind(make_user(f"user {number}"), "compared")]
    with django_assert_num_queries(1):
        assert fallen(held) == set()
    with django_assert_num_queries(1):
        assert fallen([proof for proof in held if type(proof) is TokenProof]) == set()


def test_very_many_are_looked_at_in_slices(
    bob: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(module, "TOGETHER", 3)
    held = [of_session(bob, "compared") for _ in range(7)]
    Session.objects.filter(session_key=held[5].key).delete()  # type: ignore[attr-defined]
    with django_assert_num_queries(3):
        assert fallen(held) == {held[5]}


def test_a_slice_has_no_more_values_than_a_query_can_take(bob: User) -> None:
    held: list[Proof] = [SessionProof(bob.pk + number, 0, f"{number:032}") for number in range(module.TOGETHER)]
    assert fallen(held) == set(held)


def test_the_inactive_whom_the_host_lets_in_are_let_stay(bob: User, settings: Settings) -> None:
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Everybody"]
    User.objects.update(is_active=False)
    bob.refresh_from_db()
    proof = proof_of(proved_by_session(log_in(bob, _auth_user_backend=f"{__name__}.Everybody")))
    assert fallen([proof]) == set()
    User.objects.update(is_active=True)
    assert fallen([proof]) == {proof}, "somebody changed, and is asked to come back"


@pytest.fixture(params=["cached_db", "cache"])
def engine(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """An engine of Django's that keeps sessions in a cache, too or alone."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    yield str(request.param)
    cache.clear()


def test_sessions_in_a_cache_are_looked_at_together_too(
    engine: str, bob: User, make_user: Callable[..., User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert can_be_compared()
    held = [proof for user in (bob, make_user("ann")) for proof in every_kind(user, "compared")]
    with django_assert_num_queries(1):
        assert fallen(held) == set()
    ended = held[0]
    assert isinstance(ended, SessionProof)
    log_out(ended.key)
    with django_assert_num_queries(1):
        assert fallen(held) == {ended}
    User.objects.update(password="another")
    assert kinds(fallen(held)) == {SessionProof, TokenProof, Proof}


def test_a_session_that_the_cache_forgot_stands_by_its_row(settings: Settings, bob: User) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    held = of_session(bob, "compared")
    cache.clear()
    assert fallen([held]) == set()
    Session.objects.all().delete()
    assert fallen([held]) == {held}


def test_a_cache_that_does_not_answer_ends_nobodys_session(
    engine: str, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(cache: Any, keys: Any, version: Any = None) -> Any:
        raise ConnectionError("refused")

    held = every_kind(bob, "compared")
    monkeypatch.setattr(BaseCache, "get_many", refuse)
    assert fallen(held) == set()
    assert "refused" in caplog.text
    User.objects.update(is_active=False)
    assert kinds(fallen(held)) == {SessionProof, TokenProof, KeyProof, Proof}


def test_users_with_a_proof_of_their_own_are_asked_for_it(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "get_session_auth_hash", lambda user: user.email)
    assert not can_be_compared()
    held = [of_host(bob)]
    assert fallen(held) == set()
    User.objects.update(email="new@example.com")
    assert fallen(held) == set(held)


def test_tables_in_two_databases_are_asked_one_after_the_other(
    bob: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    held = every_kind(bob, "compared")
    databases = iter(["default", "default", "elsewhere"])
    monkeypatch.setattr(QuerySet, "db", property(lambda rows: next(databases, "default")))
    with django_assert_num_queries(3):
        assert fallen(held) == set()


def test_whom_the_host_names_stands_on_their_session_when_it_says_the_same(
    bob: User, make_user: Callable[..., User]
) -> None:
    key = log_in(bob)
    assert isinstance(proof_of(proved_by_host(bob, key)), SessionProof)
    ann = make_user("ann")
    for other in (proved_by_host(ann, key), proved_by_host(ann, None), proved_by_host(ann, "x" * 32)):
        assert other is not None
        assert other.person == identity_of_user(ann)
        assert type(other.proof) is Proof
    assert proved_by_host(AnonymousUser(), key) is None
    assert proved_by_host(None, key) is None


def test_a_token_is_over_at_its_time_and_nothing_else_ever(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "now", lambda: 1000)
    assert is_over(TokenProof(bob.pk, 0, 1000))
    assert not is_over(TokenProof(bob.pk, 0, 1001))
    assert not any(map(is_over, [Proof(bob.pk, 0), SessionProof(bob.pk, 0, "k"), KeyProof(bob.pk, 0, "k")]))
    assert ending(TokenProof(bob.pk, 0, 1000)) == {"expires_at": 1000}
    assert ending(Proof(bob.pk, 0)) == ending(None) == {}


def test_a_session_comes_back_and_a_token_does_not(bob: User) -> None:
    closes = [proof.close for proof in every_kind(bob, "compared")]
    assert closes == [Close.LOGIN_CHANGED, Close.BAD_TOKEN, Close.BAD_TOKEN, Close.LOGIN_CHANGED]


def test_no_proof_shows_its_secret(bob: User) -> None:
    for proof in every_kind(bob, "compared"):
        assert getattr(proof, "key", "none") not in repr(proof)


def test_a_proof_holds_little(bob: User) -> None:
    proof = of_session(bob, "compared")
    assert isinstance(proof, SessionProof)
    assert sys.getsizeof(proof) + sys.getsizeof(proof.key) + sys.getsizeof(proof.seen) <= 190
    assert mark_of(bob) == proof.seen


def test_the_query_is_one_union(bob: User) -> None:
    held = every_kind(bob, "compared")
    connection.force_debug_cursor, before = True, len(connection.queries)
    fallen(held)
    connection.force_debug_cursor = False
    (query,) = connection.queries[before:]
    assert query["sql"].count("UNION ALL") == 2
