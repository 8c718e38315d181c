"""Asking a host's policy inside a request: bounded in time, slow for its own room only, on the request's connection."""

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from pytest_django import Settings

from teahouse.chat.patience import AT_ONCE, REPLACED, in_time, patience
from teahouse.errors import Unavailable

pytestmark = pytest.mark.django_db(transaction=True)

TENANT: ContextVar[str] = ContextVar("tenant")


class Held:
    """A policy that answers when it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.threads: list[threading.Thread] = []

    def answer(self) -> bool:
        self.threads.append(threading.current_thread())
        User.objects.count()
        return self.let_go.wait(20)

    def end(self) -> None:
        self.let_go.set()
        for thread in self.threads:
            thread.join(20)


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.end()


def is_unavailable(room: str, answer: Callable[[], object], seconds: float = 0.01) -> bool:
    with patience(seconds):
        try:
            in_time(room, answer)
        except Unavailable:
            return True
    return False


def test_it_returns_what_the_question_returns_and_raises_what_it_raises() -> None:
    with patience():
        TENANT.set("bakery")
        assert in_time("tea", TENANT.get) == "bakery"
        with pytest.raises(ZeroDivisionError):
            in_time("tea", lambda: 1 // 0)


def test_a_slow_answer_is_unavailable_and_logged_and_the_request_goes_on_with_the_database(
    held: Held, caplog: pytest.LogCaptureFixture
) -> None:
    assert User.objects.count() == 0
    lent = connections["default"]
    assert is_unavailable("tea", held.answer)
    assert "tea" in caplog.text
    User.objects.create_user("bob")
    assert User.objects.count() == 1
    assert connections["default"] is not lent


def test_who_asks_about_a_stuck_room_is_refused_at_once_and_other_rooms_have_their_answers(held: Held) -> None:
    assert all(is_unavailable("slow", held.answer) for _ in range(AT_ONCE))
    assert is_unavailable("slow", held.answer, seconds=1000)  # the test would stand still
    assert len(held.threads) == AT_ONCE
    with patience():
        assert in_time("tea", lambda: "answer") == "answer"
    held.end()
    with patience():
        assert in_time("slow", lambda: "answer") == "answer"


def test_threads_that_hang_have_others_in_their_place_up_to_a_bound(held: Held, settings: Settings) -> None:
    settings.TEAHOUSE = {"POLICY_THREADS": 2}
    most = 2 + 2 * REPLACED
    for number in range(most - 1):
        assert is_unavailable(str(number), held.answer)
    with patience():
        assert in_time("tea", lambda: "answer") == "answer"
    assert is_unavailable("last", held.answer)
    assert is_unavailable("tea", held.answer, seconds=1000)  # at once, or the test would stand still
    assert len(held.threads) == most
    held.end()
    with patience():
        assert in_time("tea", lambda: "answer") == "answer"


def test_the_policy_asks_on_the_connection_of_the_request() -> None:
    User.objects.create_user("bob")
    mine = connection.connection
    with patience():
        assert in_time("tea", lambda: connection.connection is mine and User.objects.count() == 1)
    assert connection.connection is mine


def test_inside_a_transaction_the_policy_sees_what_it_wrote() -> None:
    with transaction.atomic(), patience():
        User.objects.create_user("bob")
        assert in_time("tea", threading.current_thread) is threading.current_thread()


def test_without_patience_it_is_asked_where_one_stands() -> None:
    assert in_time("tea", threading.current_thread) is threading.current_thread()
    with patience():
        assert in_time("tea", threading.current_thread) is not threading.current_thread()
