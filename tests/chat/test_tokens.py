"""Tests of `teahouse.chat.tokens`: whom a token proves, how long, and what is none."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core import signing
from django.test import RequestFactory
from rest_framework.authtoken.models import Token

import teahouse
from teahouse.chat.people import GUEST_COOKIE, Identity, guest_identity, identity_of_user, sign_guest
from teahouse.chat.proofs import KeyProof, TokenProof
from teahouse.chat.tokens import (
    Shown,
    identity_of_request,
    proved_by,
    proved_by_token,
    shown_in,
    token_for,
)
from teahouse.errors import BadToken, TokenExpired
from tests.chat.test_people import GUEST_SALT, ODD_PAYLOADS

TOKEN_SALT = "teahouse.token"


def test_a_users_token_is_that_user(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    assert proved_by_token(token_for(bob)).person == identity_of_user(bob)
    assert proved_by_token(teahouse.token_for(bob)).person == identity_of_user(bob)


def test_a_guests_cookie_is_also_a_token(db: None) -> None:
    assert proved_by_token(sign_guest("secret", "Ann")).person == guest_identity("secret", "Ann")


@pytest.mark.parametrize("value", ["", "x", "a:b:c", ":::", "\0", "\ud800", "é:é:é", "x" * 10_000])
def test_a_token_that_nobody_signed_is_bad(db: None, value: str) -> None:
    with pytest.raises(BadToken):
        proved_by_token(value)


@pytest.mark.parametrize("payload", ODD_PAYLOADS, ids=repr)
def test_an_odd_payload_of_a_token_is_bad(db: None, payload: object) -> None:
    payloads = [payload, {**payload, "h": "0" * 24}] if isinstance(payload, dict) else [payload]
    for held in payloads:
        for salt in (GUEST_SALT, TOKEN_SALT):
            with pytest.raises(BadToken):
                proved_by_token(signing.dumps(held, salt=salt))


def test_a_users_token_expires(make_user: Callable[..., User], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TEAHOUSE = {"TOKEN_SECONDS": 100}
    bob = make_user("bob")
    token = token_for(bob)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90)
    assert proved_by_token(token).person.name == "bob"
    monkeypatch.setattr(time, "time", lambda: now + 102)
    with pytest.raises(TokenExpired, match="100 seconds"):
        proved_by_token(token)


def test_a_token_of_an_inactive_user_is_bad(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    token = token_for(bob)
    bob.is_active = False
    bob.save()
    with pytest.raises(BadToken):
        proved_by_token(token)


def test_a_token_of_a_deleted_user_is_bad(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    token = token_for(bob)
    bob.delete()
    with pytest.raises(BadToken):
        proved_by_token(token)


def test_a_guests_cookie_signed_for_a_user_is_no_user(make_user: Callable[..., User]) -> None:
    """One salt for each use: what proves a guest can never be read as a user's number."""
    bob = make_user("bob")
    with pytest.raises(BadToken):
        proved_by_token(signing.dumps({"u": str(bob.pk)}, salt=GUEST_SALT))


def test_the_error_does_not_repeat_the_token(db: None) -> None:
    with pytest.raises(BadToken) as refused:
        proved_by_token("aaaa:bbbb:cccc")
    assert "aaaa" not in refused.value.text
    assert refused.value.field == "token"


def test_a_token_says_when_it_ends(make_user: Callable[..., User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.7)
    bob = make_user("bob")
    proof = proved_by_token(token_for(bob)).proof
    assert isinstance(proof, TokenProof)
    assert (proof.user_id, proof.expires_at) == (bob.pk, (1_800_000_000 + 3600) * 1000)


def test_a_token_of_another_site_or_of_another_use_is_bad(make_user: Callable[..., User], settings: Any) -> None:
    bob = make_user("bob")
    token = token_for(bob)
    held = signing.loads(token, salt=TOKEN_SALT)
    with pytest.raises(BadToken):
        proved_by_token(signing.dumps(held, salt="another use"))
    settings.SECRET_KEY = "another site, whose key is as long as any check of Django's wants it"
    with pytest.raises(BadToken):
        proved_by_token(token)


def test_a_token_from_before_the_secret_key_was_changed_is_still_good(
    make_user: Callable[..., User], settings: Any
) -> None:
    bob = make_user("bob")
    token = token_for(bob)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key, which is long enough for every check that looks at it"
    assert proved_by_token(token).person.name == "bob"


def test_a_changed_password_ends_tokens(make_user: Callable[..., User]) -> None:
    bob = make_user("bob", password="old")
    token = token_for(bob)
    bob.set_password("new")
    bob.save()
    with pytest.raises(BadToken, match="password"):
        proved_by_token(token)
    assert proved_by_token(token_for(bob)).person.name == "bob"


def test_a_token_tells_nothing_that_stands_in_a_session(make_user: Callable[..., User]) -> None:
    bob = make_user("bob", password="secret")
    held = signing.loads(token_for(bob), salt=TOKEN_SALT)
    assert held["h"] not in bob.get_session_auth_hash()
    assert bob.get_session_auth_hash()[:8] not in held["h"]


def test_a_key_of_the_rest_framework_is_its_user_with_and_without_a_scheme(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    key = Token.objects.create(user=bob).key
    by_header, by_hello = proved_by(Shown(key, is_key=True)), proved_by_token(key)
    assert by_header.person == by_hello.person == identity_of_user(bob)
    assert isinstance(by_header.proof, KeyProof)
    assert key not in repr(by_header)


@pytest.mark.parametrize("key", ["", "f" * 40, "\0", "\ud800", "é" * 40])
def test_a_key_that_nobody_was_given_is_bad(db: None, key: str) -> None:
    with pytest.raises(BadToken):
        proved_by(Shown(key, is_key=True))


def test_a_key_of_an_inactive_user_or_a_deleted_one_is_bad(make_user: Callable[..., User]) -> None:
    bob = make_user("bob", is_active=False)
    token = Token.objects.create(user=bob)
    with pytest.raises(BadToken):
        proved_by_token(token.key)
    User.objects.update(is_active=True)
    key = token.key
    assert proved_by_token(key).person.name == "bob"
    token.delete()
    with pytest.raises(BadToken):
        proved_by_token(key)


def test_a_signed_token_is_no_key_and_a_key_no_signed_token(make_user: Callable[..., User]) -> None:
    bob = make_user("bob")
    with pytest.raises(BadToken):
        proved_by(Shown(token_for(bob), is_key=True))


# Requests and their headers


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("Bearer abc", Shown("abc")),
        ("bearer   abc ", Shown("abc")),
        ("BEARER abc", Shown("abc")),
        ("Bearer", Shown("")),
        ("Token abc", Shown("abc", is_key=True)),
        ("token  abc", Shown("abc", is_key=True)),
        ("Basic abc", None),
        ("Bearerabc", None),
        ("", None),
        (None, None),
    ],
)
def test_a_header_is_read_in_any_case(header: str | None, shown: Shown | None) -> None:
    assert shown_in(header) == shown


def test_where_the_host_has_no_keys_their_header_says_nothing(settings: Any) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "rest_framework" not in app]
    assert shown_in("Token abc") is None
    with pytest.raises(BadToken):
        proved_by_token("a" * 40)


def ask(user: object = None, cookie: str | None = None, authorization: str | None = None) -> Identity | None:
    request = RequestFactory().get("/")
    if user is not None:
        request.user = user  # type: ignore[assignment]
    if cookie is not None:
        request.COOKIES[GUEST_COOKIE] = cookie
    if authorization is not None:
        request.META["HTTP_AUTHORIZATION"] = authorization
    return identity_of_request(request)


def test_a_request_without_any_proof_is_nobody(db: None) -> None:
    assert ask() is None
    assert ask(AnonymousUser()) is None
    assert ask(AnonymousUser(), cookie="forged") is None


def test_a_request_is_judged_by_bearer_then_session_then_cookie(make_user: Callable[..., User]) -> None:
    bob, eve = make_user("bob"), make_user("eve")
    cookie = sign_guest("secret", "Ann")
    assert ask(bob, cookie, f"Bearer {token_for(eve)}") == identity_of_user(eve)
    assert ask(bob, cookie) == identity_of_user(bob)
    assert ask(AnonymousUser(), cookie) == guest_identity("secret", "Ann")


def test_a_bad_bearer_token_is_refused_and_not_overlooked(make_user: Callable[..., User]) -> None:
    with pytest.raises(BadToken):
        ask(make_user("bob"), authorization="Bearer forged")
    with pytest.raises(BadToken):
        ask(make_user("eve"), authorization="Bearer")
