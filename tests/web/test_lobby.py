"""The lobby: which rooms it lists, and how a room is opened from it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from teahouse.chat.actions import Join
from teahouse.chat.making import ensure_room
from teahouse.chat.people import identity_of_user
from teahouse.chat.writing import write
from teahouse.models import Room
from tests.web.conftest import Say
from tests.web.forms import form_to

pytestmark = pytest.mark.django_db


def test_the_rooms_are_listed_with_the_newest_activity_first(client: Client, tea: Room, say: Say) -> None:
    cake = ensure_room("Cake & more")
    say(tea, "first")
    tea.log.__class__.objects.filter(pk=tea.pk).update(at=1_000)
    say(cake, "second")
    response = client.get("/")
    assert [room.title for room in response.context["rooms"]] == ["Cake & more", "tea"]
    page = response.content.decode()
    assert 'href="/room/cake%20&amp;%20more/"' in page
    assert '<time class="site-room-activity" datetime="1970-01-01T00:00:01+00:00">' in page


def test_a_member_sees_how_much_is_unread(client: Client, tea: Room, say: Say) -> None:
    user = User.objects.create_user("bob")
    client.force_login(user)
    write([Join(tea.pk, identity_of_user(user))])
    assert "unread" not in client.get("/").content.decode()
    for text in ("one", "two"):
        say(tea, text)
    page = client.get("/").content.decode()
    assert '<span aria-hidden="true">2</span><span class="teahouse-heard">2 unread</span>' in page
    page = client.get("/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert '<span class="teahouse-heard">2 条未读</span>' in page
    for number in range(98):
        say(tea, str(number))
    assert '<span class="teahouse-heard">99+ unread</span>' in client.get("/").content.decode()


def test_a_visitor_is_told_of_nothing_unread(client: Client, tea: Room, say: Say) -> None:
    say(tea, "one")
    assert "unread" not in client.get("/").content.decode()


def test_a_private_room_is_not_listed(client: Client, tea: Room) -> None:
    Room.objects.update(kind=Room.Kind.PRIVATE)
    page = client.get("/").content.decode()
    assert "There are no rooms yet." in page
    assert "/room/tea/" not in page


def test_the_form_opens_a_room_under_the_name_as_typed(browser_client: Client, everybody_makes_rooms: None) -> None:
    response = form_to(browser_client.get("/"), "/").send(browser_client, room="Tea & Cake")
    assert response.status_code == 303
    assert response.headers["Location"] == "/room/tea%20&%20cake/"
    assert Room.objects.get().title == "Tea & Cake"


def test_a_room_that_may_not_be_made_is_told_with_the_name_kept(browser_client: Client) -> None:
    response = form_to(browser_client.get("/"), "/").send(browser_client, room="Tea & Cake")
    assert response.status_code == 404
    assert "There is no such room" in response.content.decode()
    assert form_to(response, "/").fields["room"] == "Tea & Cake"


@pytest.mark.parametrize(
    ("policy", "offers"),
    [("teahouse.Policy", ""), ("tests.web.policies.EverybodyMakesRooms", "open, private")],
)
def test_only_what_may_be_made_is_offered(client: Client, settings: Settings, policy: str, offers: str) -> None:
    settings.TEAHOUSE = {"POLICY": policy}
    assert offered(client) == offers


def test_what_is_offered_is_told_apart_by_kind_and_person(client: Client, settings: Settings) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.UsersMakePrivateRooms"}
    assert offered(client) == ""
    client.force_login(User.objects.create_user("bob"))
    assert offered(client) == "private"


def offered(client: Client) -> str:
    """The kinds of rooms that the lobby says it makes."""
    page = client.get("/").content.decode()
    assert 'name="room"' in page, "a room that is there may be entered by its name in any case"
    signs = {"open": "a new one is made", "private": "A new private room"}
    return ", ".join(kind for kind, words in signs.items() if words in page)


@pytest.mark.parametrize("name", ["", "a/b", "x" * 10_000, "a\0b"])
def test_an_impossible_name_is_told_so(browser_client: Client, everybody_makes_rooms: None, name: str) -> None:
    response = form_to(browser_client.get("/"), "/").send(browser_client, room=name)
    assert response.status_code == 400
    assert "This cannot be the name of a room" in response.content.decode()


def test_a_host_user_is_greeted_and_not_asked_for_a_nickname(client: Client) -> None:
    client.force_login(User.objects.create_user("bob"))
    page = client.get("/").content.decode()
    assert "Hello, bob" in page
    assert 'id="nickname"' not in page


def test_links_stand_only_where_the_site_has_such_pages(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Log in" not in page
    assert "site-languages" not in page
