"""Fixtures of the tests of `chat`: a room to talk in, and host users."""

import sys
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from teahouse.chat.announcing import subscribe
from teahouse.chat.making import ensure_room
from tests.chat.talk import Talk


class Clock:
    """The time that all of `chat` tells, in milliseconds; it stands until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@pytest.fixture
def talk(db: None) -> Iterator[Talk]:
    """The room `tea`, and all that is announced of any room in `talk.committed`."""
    talk = Talk(ensure_room("tea"))
    end = subscribe(talk.committed.extend)
    yield talk
    end()


@pytest.fixture
def long_talk(talk: Talk) -> Talk:
    """Messages at 1, 3, 5 … 19: between them somebody comes or goes."""
    for number in range(10):
        talk.do(talk.post("Ann", str(number)), talk.leave("Bob") if number % 2 else talk.join("Bob"))
    return talk


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(username: str = "bob", **fields: object) -> User:
        return get_user_model().objects.create_user(username, **fields)

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for name, module in list(sys.modules.items()):
        if name.startswith("teahouse.chat.") and hasattr(module, "now") and name != "teahouse.chat.clock":
            monkeypatch.setattr(module, "now", lambda: clock.now)
    return clock
