"""Fixtures of the tests of `chat`: a room to talk in, and host users."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from teahouse.chat.announcing import subscribe
from teahouse.chat.making import ensure_room
from tests.chat.talk import Talk


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
