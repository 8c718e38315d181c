"""Tests of `teahouse.signals`: what of a host's own doings makes processes look at somebody's sockets again."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone
from rest_framework.authtoken.models import Token

import teahouse
from teahouse.chat.announcing import subscribe_to_people
from teahouse.chat.people import identity_of_user
from teahouse.models import Person
from tests.chat.sessions import log_in

pytestmark = pytest.mark.django_db(transaction=True)

Told = Callable[[], set[str]]


@pytest.fixture
def bob(transactional_db: None) -> User:
    user = User.objects.create_user("bob", password="old")
    identity_of_user(user)
    identity_of_user(User.objects.create_user("ann"))
    return user


@pytest.fixture
def told(bob: User) -> Iterator[Told]:
    """Whose change was told since it was asked last, by name."""
    heard: list[str] = []
    end = subscribe_to_people(heard.extend)

    def names() -> set[str]:
        found = set(Person.objects.filter(uid__in=heard).values_list("name", flat=True))
        heard.clear()
        return found

    yield names
    end()


def test_a_logout_is_told(bob: User, told: Told, client: Client) -> None:
    client.force_login(bob)
    told()
    client.logout()
    assert told() == {"bob"}


@pytest.mark.parametrize(
    "happens",
    [
        lambda bob: bob.save(),
        lambda bob: (bob.set_password("new"), bob.save(update_fields=["password"])),
        lambda bob: bob.delete(),
        lambda bob: User.objects.filter(pk=bob.pk).delete(),
        lambda bob: Token.objects.get(user=bob).delete(),
        lambda bob: Session.objects.all().delete(),
        lambda bob: Session.objects.get().delete(),
    ],
    ids=["saved", "password", "deleted", "deleted by a query", "key", "sessions", "session"],
)
def test_what_may_change_who_somebody_is_is_told(bob: User, told: Told, happens: Callable[[User], Any]) -> None:
    Token.objects.create(user=bob)
    log_in(bob)
    assert told() == set()
    happens(bob)
    assert told() == {"bob"}


@pytest.mark.parametrize(
    "happens",
    [
        lambda bob: bob.save(update_fields=["last_login"]),
        lambda bob: User.objects.create_user("eve"),
        log_in,
        lambda bob: User.objects.create_user("dan").delete(),
        lambda bob: Token.objects.create(user=bob),
    ],
    ids=["last login", "another user", "another session", "somebody unknown to the chat", "another key"],
)
def test_what_changes_nobody_is_not_told(bob: User, told: Told, happens: Callable[[User], Any]) -> None:
    happens(bob)
    assert told() == set()


def test_sessions_that_are_cleared_away_are_nobodys_any_more(bob: User, told: Told) -> None:
    log_in(bob)
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    Session.get_session_store_class().clear_expired()
    assert told() == set()
    assert not Session.objects.exists()


def test_a_session_that_is_renewed_is_told(bob: User, told: Told, client: Client) -> None:
    client.force_login(bob)
    request = RequestFactory().post("/")
    request.session = client.session
    request.user = bob
    told()
    update_session_auth_hash(request, bob)
    assert told() == {"bob"}


def test_it_is_told_after_the_commit_and_not_of_what_was_rolled_back(bob: User, told: Told) -> None:
    with transaction.atomic():
        bob.delete()
        assert told() == set()
    assert told() == {"bob"}
    ann = User.objects.get(username="ann")
    with transaction.atomic():
        ann.save()
        transaction.set_rollback(True)
    assert told() == set()


def test_a_listener_that_fails_spoils_nothing_of_the_hosts(
    bob: User, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(uids: object) -> None:
        raise RuntimeError("deaf")

    end = subscribe_to_people(fail)
    bob.save()
    end()
    assert told() == {"bob"}
    assert "a listener failed" in caplog.text


def test_a_host_that_says_so_is_heard_after_its_commit(bob: User, told: Told) -> None:
    before = Person.objects.get(name="bob").rights
    with transaction.atomic():
        teahouse.rights_changed(person=bob)
        assert told() == set()
        assert Person.objects.get(name="bob").rights > before, "in the same transaction"
    assert told() == {"bob"}
