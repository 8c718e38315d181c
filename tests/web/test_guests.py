"""Guests: a made-up nickname in a signed cookie, and how it is changed."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from teahouse.chat.people import GUEST_COOKIE, guest_of_cookie
from teahouse.models import Message, Person, Room
from tests.web.forms import composer_of, form_to

pytestmark = pytest.mark.django_db


def test_a_first_look_gives_a_signed_cookie_that_scripts_cannot_read(client: Client) -> None:
    morsel = client.get("/").cookies[GUEST_COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Lax"
    assert not morsel["secure"]
    assert morsel["max-age"] == 400 * 24 * 3600
    guest = guest_of_cookie(morsel.value)
    assert guest is not None
    assert re.fullmatch(r"Guest \d{4}", guest[0].name)


def test_behind_tls_the_cookie_never_travels_in_the_open(client: Client) -> None:
    assert client.get("/", secure=True).cookies[GUEST_COOKIE]["secure"]


def test_a_second_look_is_the_same_guest(client: Client, tea: Room) -> None:
    first = client.get("/").context["person"]
    response = client.get("/room/tea/")
    assert response.context["person"] == first
    assert GUEST_COOKIE not in response.cookies


def test_a_forged_cookie_is_a_new_guest(client: Client) -> None:
    first = client.get("/").context["person"]
    client.cookies[GUEST_COOKIE] = client.cookies[GUEST_COOKIE].value[:-1] + "!"
    response = client.get("/")
    assert response.context["person"].uid != first.uid
    assert GUEST_COOKIE in response.cookies


def test_the_form_gives_another_nickname_to_the_same_guest(browser_client: Client, tea: Room) -> None:
    before = browser_client.get("/").context["person"]
    composer_of(browser_client.get("/room/tea/")).send(browser_client, text="hello")
    response = form_to(browser_client.get("/"), "/nickname/").send(browser_client, name="  Ｔea  &amp; <b>cake</b> ")
    assert response.status_code == 303
    assert response.headers["Location"] == "/"
    after = browser_client.get("/").context["person"]
    assert (after.uid, after.name) == (before.uid, "Tea &amp; <b>cake</b>")
    assert Person.objects.get().name == "Tea &amp; <b>cake</b>"


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\nb", "a\0b", "\u202egnp"])
def test_an_impossible_nickname_is_refused_and_kept_to_be_mended(browser_client: Client, name: str) -> None:
    page = browser_client.get("/")
    before = page.context["person"]
    response = form_to(page, "/nickname/").send(browser_client, name=name)
    assert response.status_code == 400
    assert "This cannot be a nickname." in response.content.decode()
    assert browser_client.get("/").context["person"] == before


def test_who_has_no_cookie_yet_is_named_at_once(client: Client) -> None:
    client.post("/nickname/", {"name": "Ann"})
    assert client.get("/").context["person"].name == "Ann"


def test_a_host_users_name_is_the_hosts(client: Client) -> None:
    client.force_login(User.objects.create_user("bob"))
    response = client.post("/nickname/", {"name": "Ann"})
    assert response.status_code == 403
    assert client.get("/").context["person"].name == "bob"


def test_a_user_who_was_a_guest_does_not_write_as_that_guest(browser_client: Client, tea: Room) -> None:
    composer_of(browser_client.get("/room/tea/")).send(browser_client, text="as guest")
    browser_client.force_login(User.objects.create_user("bob"))
    composer_of(browser_client.get("/room/tea/")).send(browser_client, text="as bob")
    assert [message.author.kind for message in Message.objects.order_by("seq")] == ["guest", "user"]


def test_a_nickname_is_changed_by_a_post_alone(client: Client) -> None:
    assert client.get("/nickname/").status_code == 405


def test_after_renaming_one_goes_on_where_one_was(client: Client) -> None:
    assert client.post("/nickname/", {"name": "Ann", "next": "/room/tea/"}).headers["Location"] == "/room/tea/"
    away = client.post("/nickname/", {"name": "Ann", "next": "https://evil.example/"})
    assert away.headers["Location"] == "/"
