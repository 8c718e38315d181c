"""What somebody who sends too many forms sees."""

import pytest
from django.test import Client
from pytest_django import Settings

from teahouse.models import Message, Room

pytestmark = pytest.mark.django_db

TOO_OFTEN = "You do this too often. Try again in "


def test_a_message_past_the_limit_stays_in_the_composer_and_says_why(
    settings: Settings, client: Client, tea: Room
) -> None:
    settings.TEAHOUSE = {"POST_BURST": 1, "POSTS_PER_SECOND": 0.5}
    client.get("/")
    assert client.post("/room/tea/", {"text": "first"}).status_code == 303
    refused = client.post("/room/tea/", {"text": "second thoughts"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert f"{TOO_OFTEN}2 s." in refused.content.decode()
    assert "second thoughts" in refused.content.decode()
    assert Message.objects.count() == 1


def test_rooms_past_the_limit_are_not_made(settings: Settings, client: Client, db: None) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.EverybodyMakesRooms", "ROOMS_PER_HOUR": 1}
    client.get("/")
    assert client.post("/", {"room": "one"}).status_code == 303
    for refused in (client.post("/", {"room": "two"}), client.get("/room/three/")):
        assert refused.status_code == 429
        assert f"{TOO_OFTEN}60 min." in refused.content.decode()
    assert Room.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "form"), [("/", {"room": "tea"}), ("/room/tea/", {"text": "x"}), ("/nickname/", {"name": "Ann"})]
)
def test_forms_past_the_limit_are_refused(
    settings: Settings, client: Client, tea: Room, path: str, form: dict[str, str]
) -> None:
    settings.TEAHOUSE = {"COMMAND_BURST": 2, "COMMANDS_PER_SECOND": 0.1}
    client.get("/")
    statuses = [client.post(path, form).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    assert client.get("/room/tea/").status_code == 200
