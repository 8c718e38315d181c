"""Rooms and people for the tests of the pages."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from teahouse.chat.actions import PostMessage
from teahouse.chat.making import ensure_room
from teahouse.chat.people import Identity, new_guest
from teahouse.chat.writing import write
from teahouse.errors import TeahouseError
from teahouse.models import Room

Say = Callable[..., Identity]


@pytest.fixture
def everybody_makes_rooms(settings: Settings) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.EverybodyMakesRooms"}


@pytest.fixture
def tea(db: None) -> Room:
    return ensure_room("tea")


@pytest.fixture
def say() -> Say:
    """Says texts in a room, as a guest who has the given name."""

    def say(room: Room, *texts: str, name: str = "Ann") -> Identity:
        person, _ = new_guest(name)
        for number, text in enumerate(texts):
            (result,) = write([PostMessage(room.pk, person, f"k{number}", text)])
            assert not isinstance(result, TeahouseError), result
        return person

    return say


@pytest.fixture
def browser_client() -> Client:
    """A client whose forms are checked against forgery, as in earnest."""
    return Client(enforce_csrf_checks=True)
