"""The form without JavaScript: what is typed is said once, and nothing typed is lost."""

import pytest
from django.test import Client
from pytest_django import Settings

from teahouse.errors import Overloaded
from teahouse.models import Message, Person, Room
from tests.web.forms import composer_of

pytestmark = pytest.mark.django_db


def test_the_form_says_what_was_typed_and_leads_to_it(browser_client: Client, tea: Room) -> None:
    response = composer_of(browser_client.get("/room/tea/")).send(browser_client, text="hello")
    assert response.status_code == 303
    assert response.headers["Location"] == "/room/tea/#m1"
    page = browser_client.get("/room/tea/").content.decode()
    assert '<p class="teahouse-text" dir="auto">hello</p>' in page
    assert Message.objects.get().text == "hello"


def test_a_form_sent_twice_is_one_message(browser_client: Client, tea: Room) -> None:
    form = composer_of(browser_client.get("/room/tea/"))
    first = form.send(browser_client, text="hello")
    second = form.send(browser_client, text="hello")
    assert second.headers["Location"] == first.headers["Location"]
    assert Message.objects.count() == 1


def test_each_rendering_has_a_key_of_its_own(browser_client: Client, tea: Room) -> None:
    keys = {composer_of(browser_client.get("/room/tea/")).fields["key"] for _ in range(3)}
    assert len(keys) == 3


def test_an_old_form_with_another_text_keeps_the_draft_and_gets_a_new_key(browser_client: Client, tea: Room) -> None:
    form = composer_of(browser_client.get("/room/tea/"))
    form.send(browser_client, text="first")
    refused = form.send(browser_client, text="second")
    assert refused.status_code == 409
    again = composer_of(refused)
    assert again.fields["text"] == "second"
    assert again.fields["key"] != form.fields["key"]
    assert again.send(browser_client).status_code == 303
    assert [message.text for message in Message.objects.order_by("seq")] == ["first", "second"]


def test_a_busy_server_keeps_draft_and_key_so_that_again_is_safe(
    browser_client: Client, tea: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = composer_of(browser_client.get("/room/tea/"))

    def overloaded(*_: object) -> None:
        raise Overloaded("busy", retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr("teahouse.web.deeds.perform", overloaded)
        refused = form.send(browser_client, text="hello")
    assert refused.status_code == 503
    assert "The server is busy" in refused.content.decode()
    again = composer_of(refused)
    assert (again.fields["key"], again.fields["text"]) == (form.fields["key"], "hello")


def test_a_text_that_is_too_long_is_refused_with_the_draft_kept(
    browser_client: Client, tea: Room, settings: Settings
) -> None:
    settings.TEAHOUSE = {"MAX_MESSAGE_LENGTH": 10}
    refused = composer_of(browser_client.get("/room/tea/")).send(browser_client, text="x" * 11)
    assert refused.status_code == 413
    assert "The message is too long." in refused.content.decode()
    assert composer_of(refused).fields["text"] == "x" * 11
    assert not Message.objects.exists()


def test_a_text_longer_than_any_frame_is_too_long_as_well(browser_client: Client, tea: Room) -> None:
    refused = composer_of(browser_client.get("/room/tea/")).send(browser_client, text="x" * 100_000)
    assert refused.status_code == 413
    assert "The message is too long." in refused.content.decode()


@pytest.mark.parametrize("text", ["", "  \r\n ", "\u200b"])
def test_nothing_is_not_said(browser_client: Client, tea: Room, text: str) -> None:
    refused = composer_of(browser_client.get("/room/tea/")).send(browser_client, text=text)
    assert refused.status_code == 400
    assert "The message is empty." in refused.content.decode()


def test_nul_is_refused_and_nothing_stored(browser_client: Client, tea: Room) -> None:
    refused = composer_of(browser_client.get("/room/tea/")).send(browser_client, text="a\0b")
    assert refused.status_code == 400
    assert not Message.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "a\0b", "群"])
def test_a_hostile_key_breaks_nothing(browser_client: Client, tea: Room, key: str) -> None:
    response = composer_of(browser_client.get("/room/tea/")).send(browser_client, text="hello", key=key)
    # Without any key one is made; another is refused.
    assert response.status_code == (303 if key == "" else 400)


def test_line_breaks_are_kept_as_everybody_else_writes_them(browser_client: Client, tea: Room) -> None:
    composer_of(browser_client.get("/room/tea/")).send(browser_client, text="a\r\n\r\n b")
    assert Message.objects.get().text == "a\n\n b"


def test_a_draft_that_begins_with_a_line_break_comes_back_whole(
    browser_client: Client, tea: Room, settings: Settings
) -> None:
    settings.TEAHOUSE = {"MAX_MESSAGE_LENGTH": 3}
    refused = composer_of(browser_client.get("/room/tea/")).send(browser_client, text="\r\nabc")
    assert composer_of(refused).fields["text"] == "\nabc"


def test_a_form_of_another_site_says_nothing(browser_client: Client, tea: Room) -> None:
    form = composer_of(browser_client.get("/room/tea/"))
    del form.fields["csrfmiddlewaretoken"]
    assert form.send(browser_client, text="forged").status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize("address", ["/", "/room/tea/", "/nickname/"])
def test_a_form_of_another_site_does_nothing_even_where_the_host_has_no_csrf_middleware(
    browser_client: Client, tea: Room, settings: Settings, address: str
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
    assert composer_of(browser_client.get("/room/tea/")).send(browser_client, text="own").status_code == 303
    forged = {"room": "tea", "name": "Mallory", "text": "forged"}
    assert browser_client.post(address, forged).status_code == 403
    assert [message.text for message in Message.objects.all()] == ["own"]


def test_a_form_goes_back_to_the_hosts_page_and_to_no_other_site(browser_client: Client, tea: Room) -> None:
    form = composer_of(browser_client.get("/room/tea/"))
    home = form.send(browser_client, text="one", next="/articles/7/?page=2")
    assert home.headers["Location"] == "/articles/7/?page=2#m1"
    for number, elsewhere in enumerate(
        ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example")
    ):
        sent = form.send(browser_client, text=f"{number}", next=elsewhere, key=f"k{number}")
        assert sent.headers["Location"].startswith("/room/tea/#m")


def test_a_guest_without_a_cookie_becomes_one_by_the_form(client: Client, tea: Room) -> None:
    response = client.post("/room/tea/", {"text": "hello", "key": "k1"})
    assert response.status_code == 303
    assert "teahouse_guest" in response.cookies
    client.post("/room/tea/", {"text": "more", "key": "k2"})
    assert Person.objects.count() == 1


def test_a_form_posts_into_the_room_under_any_spelling(browser_client: Client, tea: Room) -> None:
    form = composer_of(browser_client.get("/room/tea/"))
    form.action = "/room/TEA/"
    assert form.send(browser_client, text="hello").headers["Location"] == "/room/tea/#m1"
