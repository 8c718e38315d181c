"""Entering by the code of a link: a form, whom it makes one, and that looking at it changes nothing."""

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from teahouse.chat.guest_links import guest_by_code, guest_link
from teahouse.chat.people import GUEST_COOKIE, guest_identity
from teahouse.models import Message, Room
from tests.web.forms import composer_of, form_to

pytestmark = pytest.mark.django_db


def code_of(link: str) -> str:
    return urlsplit(link).fragment


def test_the_code_makes_one_the_guest_and_leads_to_the_room(browser_client: Client, tea: Room) -> None:
    code = code_of(guest_link("Ann 茶", room=tea))
    response = form_to(browser_client.get("/enter/"), "/enter/").send(browser_client, code=code)
    assert (response.status_code, response.headers["Location"]) == (303, "/room/tea/")
    page = browser_client.get("/room/tea/")
    said = guest_by_code(code.removeprefix("g."))
    assert page.context["person"] == guest_identity(said.secret, "Ann 茶")
    composer_of(page).send(browser_client, text="hello")
    assert Message.objects.get().author.name == "Ann 茶"


def test_the_same_link_makes_the_same_guest_in_another_browser(tea: Room) -> None:
    code = code_of(guest_link("Ann"))
    people = []
    for client in (Client(), Client()):
        client.get("/")
        assert client.post("/enter/", {"code": code}).headers["Location"] == "/"
        people.append(client.get("/").context["person"])
    assert people[0] == people[1]


def test_the_whole_link_may_be_pasted_with_what_a_mail_puts_around_it(client: Client) -> None:
    link = guest_link("Ann")
    assert client.post("/enter/", {"code": f" http://testserver{link} \n"}).status_code == 303
    assert client.get("/").context["person"].name == "Ann"


def test_looking_at_a_link_makes_nobody_anybody(client: Client) -> None:
    code = code_of(guest_link("Ann"))
    before = client.get("/").context["person"]
    for path in (f"/enter/?code={code}", f"/enter/#{code}"):
        response = client.get(path)
        assert (response.status_code, response.context["person"]) == (200, before)
    assert client.get("/").context["person"] == before


def test_another_sites_form_makes_nobody_anybody(browser_client: Client) -> None:
    before = browser_client.get("/").context["person"]
    assert browser_client.post("/enter/", {"code": code_of(guest_link("Ann"))}).status_code == 403
    assert browser_client.get("/").context["person"] == before


def test_who_is_logged_in_stays_who_they_are(client: Client, tea: Room) -> None:
    client.force_login(User.objects.create_user("bob"))
    response = client.post("/enter/", {"code": code_of(guest_link("Ann", room=tea))})
    assert response.headers["Location"] == "/room/tea/"
    assert GUEST_COOKIE not in response.cookies
    assert client.get("/room/tea/").context["person"].name == "bob"


@pytest.mark.parametrize("code", ["", "g", "g.", "g.forged", "i.forged", "x.y", ".", "\0", "g." + "x" * 10_000])
def test_what_is_no_code_is_refused_and_not_shown_again(client: Client, code: str) -> None:
    before = client.get("/").context["person"]
    response = client.post("/enter/", {"code": code})
    assert response.status_code == 404
    assert "This link is not good" in response.content.decode()
    assert "forged" not in response.content.decode()
    assert client.get("/").context["person"] == before


def test_a_link_that_is_over_is_refused(client: Client) -> None:
    assert client.post("/enter/", {"code": code_of(guest_link("Ann", seconds=-1))}).status_code == 404
