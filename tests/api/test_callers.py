"""Who a command comes from over HTTP, and that no other site can send one in somebody's name."""

import pytest
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token

import teahouse
from teahouse.models import Message, Room
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db

POST = {"type": "post", "id": 1, "room": "tea", "key": "k", "text": "hello"}


def test_a_page_script_posts_as_the_guest_of_its_cookie(page_script: Caller, tea: Room) -> None:
    guest = page_script.client.get("/").context["person"]
    assert page_script.send(POST).status_code == 200
    assert Message.objects.get().author.uid == guest.uid


def test_a_page_script_posts_as_the_logged_in_user(page_script: Caller, tea: Room) -> None:
    page_script.client.force_login(User.objects.create_user("bob"))
    page_script.headers["X-CSRFToken"] = str(page_script.client.get("/room/tea/").context["csrf_token"])
    assert page_script.send(POST).status_code == 200
    assert Message.objects.get().author.name == "bob"


def test_cookies_without_the_csrf_token_are_refused(page_script: Caller, tea: Room) -> None:
    del page_script.headers["X-CSRFToken"]
    response = page_script.send(POST)
    assert response.status_code == 403
    answer = response.json()["answer"]
    assert (answer["code"], answer["id"]) == ("not_allowed", 1)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example", "https://testserver"]
)
def test_a_page_of_another_site_is_refused_even_with_a_token(page_script: Caller, tea: Room, origin: str) -> None:
    page_script.headers["Origin"] = origin
    assert page_script.send(POST).status_code == 403
    assert not Message.objects.exists()


def test_a_page_of_another_site_is_refused_without_any_cookie(caller: Caller, tea: Room) -> None:
    caller.headers["Origin"] = "https://evil.example"
    response = caller.send({"type": "hello", "id": 1, "version": 1})
    assert response.status_code == 403
    assert "token" not in response.json()["answer"]


def test_a_form_of_another_site_cannot_smuggle_a_command(page_script: Caller, tea: Room) -> None:
    token = page_script.headers.pop("X-CSRFToken")
    response = page_script.client.post(
        "/api/v1/", {"csrfmiddlewaretoken": token, "type": "post"}, headers={"Origin": "https://evil.example"}
    )
    assert response.status_code == 400
    assert not Message.objects.exists()


def test_a_bearer_token_needs_no_csrf_token_and_beats_the_cookie(page_script: Caller, tea: Room) -> None:
    bob = User.objects.create_user("bob")
    del page_script.headers["X-CSRFToken"]
    page_script.headers["Authorization"] = f"Bearer {teahouse.token_for(bob)}"
    assert page_script.send(POST).status_code == 200
    assert Message.objects.get().author.name == "bob"


@pytest.mark.parametrize("token", ["", "forged", "a.b.c", "\u00e9"])
def test_a_bad_bearer_token_is_refused_and_never_a_guest(caller: Caller, tea: Room, token: str) -> None:
    caller.headers["Authorization"] = f"Bearer {token}"
    response = caller.send({"type": "hello", "id": 1, "version": 1})
    assert response.status_code == 401
    assert response.json()["answer"]["code"] == "bad_token"


def test_a_token_of_a_user_who_was_closed_out_is_refused(caller: Caller, tea: Room) -> None:
    bob = User.objects.create_user("bob")
    caller.headers["Authorization"] = f"Bearer {teahouse.token_for(bob)}"
    assert caller.send(POST).status_code == 200
    User.objects.update(is_active=False)
    assert caller.send({**POST, "key": "k2"}).status_code == 401


def test_hello_over_http_sets_no_cookie(caller: Caller, tea: Room) -> None:
    assert not caller.send({"type": "hello", "id": 1, "version": 1}).cookies


def test_a_key_of_the_rest_framework_needs_no_csrf_token_either(page_script: Caller, tea: Room) -> None:
    token = Token.objects.create(user=User.objects.create_user("bob"))
    del page_script.headers["X-CSRFToken"]
    page_script.headers["Authorization"] = f"Token {token.key}"
    assert page_script.send(POST).status_code == 200
    assert Message.objects.get().author.name == "bob"
    User.objects.update(is_active=False)
    assert page_script.send({**POST, "key": "k2"}).status_code == 401


def test_hello_says_when_the_token_in_it_ends(caller: Caller, tea: Room) -> None:
    bob = User.objects.create_user("bob")
    by_token = caller.ask(type="hello", version=1, token=teahouse.token_for(bob))
    by_key = caller.ask(type="hello", version=1, token=Token.objects.create(user=bob).key)
    assert by_token["me"] == by_key["me"]
    assert by_token["expires_at"] > 0
    assert "expires_at" not in by_key
    assert "token" not in by_token


def test_a_token_is_not_refreshed_over_http(caller: Caller, tea: Room) -> None:
    caller.say_hello()
    assert caller.ask(type="refresh", token="x")["code"] == "unknown_command"
