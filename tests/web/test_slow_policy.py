"""A policy that is slow for one room, or lacks its database: what pages, the tag and commands over HTTP say of it."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from teahouse.chat.making import ensure_room
from tests.test_templatetags import render
from tests.web.policies import SlowRoom

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rooms(transactional_db: None, settings: Settings) -> Iterator[None]:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.SlowRoom", "POLICY_SECONDS": 0.1}
    for name in ("slow", "lost", "tea"):
        ensure_room(name)
    SlowRoom.let_go.clear()
    yield
    SlowRoom.let_go.set()


@pytest.mark.parametrize("path", ["/room/slow/", "/room/slow/?before=5", "/room/lost/"])
def test_the_page_of_such_a_room_is_unavailable_and_says_when_to_come_back(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert client.get("/room/tea/").status_code == 200


def test_the_lobby_shows_the_other_rooms(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "/room/tea/" in page
    assert "/room/slow/" not in page
    assert "/room/lost/" not in page


def test_a_command_about_such_a_room_is_unavailable_and_other_rooms_are_entered(client: Client) -> None:
    said = {"type": "hello", "id": 1, "version": 1, "rooms": [{"room": name} for name in ("slow", "lost", "tea")]}
    answer = client.post("/api/v1/", json.dumps(said), content_type="application/json").json()["answer"]
    slow, lost, tea = answer["rooms"]
    assert (slow["error"]["code"], lost["error"]["code"], tea["room"]) == ("unavailable", "unavailable", "tea")


@pytest.mark.parametrize("name", ["slow", "lost"])
def test_a_hosts_page_with_such_a_room_in_it_stands_without_it(name: str) -> None:
    page = render(name)
    assert "A host's page" in page
    assert "data-teahouse-room" not in page
    assert "data-teahouse-room" in render("tea")
