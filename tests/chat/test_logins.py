"""Tests of `teahouse.chat.logins`: who a session cookie proves, one by one and many at once."""

from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from pytest_django import DjangoAssertNumQueries, Settings

from teahouse.chat.logins import can_be_looked_up, lie_in_tables, session_key
from teahouse.chat.proofs import proved_by_session, proved_by_sessions
from teahouse.models import Person
from tests.chat.sessions import BACKEND, log_in

pytestmark = pytest.mark.django_db


class Directory(ModelBackend):
    """A backend of the host's own, which asks elsewhere who a user is."""

    def get_user(self, user_id: Any) -> Any:
        return super().get_user(user_id)


@pytest.fixture
def bob(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("bob", password="old")


def both(key: str) -> str | None:
    """The name of who is logged in: asked alone and with others, which must agree."""
    (together,) = proved_by_sessions([key])
    alone = proved_by_session(key)
    assert (alone and alone.person) == (together and together.person)
    return together.person.name if together is not None else None


def test_a_session_says_who_is_logged_in(bob: Any) -> None:
    assert both(log_in(bob)) == "bob"


@pytest.mark.parametrize("key", ["", "x" * 32, "nonsense", "a" * 1000])
def test_a_key_that_no_session_has_is_nobody(key: str, bob: Any) -> None:
    assert both(key) is None


def test_a_session_in_which_nobody_is_logged_in_is_nobody() -> None:
    session = SessionStore()
    session["basket"] = "tea"
    session.save()
    assert both(str(session.session_key)) is None


def test_an_ended_session_is_nobody(bob: Any) -> None:
    session = SessionStore(log_in(bob))
    session.set_expiry(-1)
    session.save()
    assert both(str(session.session_key)) is None


def test_a_changed_password_ends_what_was_open_before(bob: Any) -> None:
    key = log_in(bob)
    bob.set_password("new")
    bob.save()
    assert both(key) is None


def test_a_session_from_before_the_secret_key_was_changed_is_still_good(bob: Any, settings: Settings) -> None:
    key = log_in(bob)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key, which is long enough for every check that looks at it"
    assert both(key) == "bob"


@pytest.mark.parametrize("held", [{HASH_SESSION_KEY: "forged"}, {HASH_SESSION_KEY: ""}, {HASH_SESSION_KEY: None}])
def test_a_session_without_the_users_proof_is_nobody(held: dict[str, Any], bob: Any) -> None:
    assert both(log_in(bob, **held)) is None


def test_a_deactivated_user_is_nobody(bob: Any) -> None:
    key = log_in(bob)
    bob.is_active = False
    bob.save()
    assert both(key) is None


def test_a_deleted_user_is_nobody(bob: Any) -> None:
    key = log_in(bob)
    bob.delete()
    assert both(key) is None


def test_a_backend_that_is_no_longer_in_use_lets_nobody_in(bob: Any) -> None:
    assert both(log_in(bob, **{BACKEND_SESSION_KEY: "club.backends.Gone"})) is None


def test_reading_a_session_writes_nothing_to_it(bob: Any) -> None:
    key = log_in(bob)
    before = SessionStore(key).load()
    both(key)
    bob.set_password("new")
    bob.save()
    both(key)
    assert SessionStore(key).load() == before


def test_many_sessions_cost_as_many_queries_as_one(
    django_user_model: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    users = [django_user_model.objects.create_user(f"user {number}") for number in range(30)]
    keys = [log_in(user) for user in users]
    proved_by_sessions(keys)  # makes their people
    with django_assert_num_queries(3):
        found = proved_by_sessions([*keys, "x" * 32])
    assert [proved.person.name if proved else None for proved in found] == [*(user.username for user in users), None]
    assert Person.objects.count() == 30


def test_a_hosts_own_backend_and_sessions_are_asked_one_by_one(settings: Settings, bob: Any) -> None:
    assert lie_in_tables()
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Directory"]
    assert not lie_in_tables()
    assert proved_by_session(log_in(bob, **{BACKEND_SESSION_KEY: f"{__name__}.Directory"})) is not None
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    assert not lie_in_tables()
    assert can_be_looked_up()
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    assert not lie_in_tables()
    assert not can_be_looked_up()


def test_the_sessions_cookie_has_the_name_that_the_host_gave_it(settings: Settings) -> None:
    settings.SESSION_COOKIE_NAME = "club"
    assert session_key({"sessionid": "a", "club": "b"}) == "b"
    assert session_key({}) is None


@pytest.mark.parametrize("value", ["", "\0" * 32, "茶" * 8, "a\nb" * 9])
def test_what_no_site_gives_out_as_a_key_is_none(value: str) -> None:
    assert session_key({"sessionid": value}) is None
