"""What people write stays text, wherever a page shows it."""

from urllib.parse import quote

import pytest
from django.test import Client

from teahouse.chat.making import ensure_room
from tests.web.conftest import Say

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}{% now 'Y' %}",
    "&lt;b&gt; &amp;",
    "javascript:alert(1)",
    "]]><!--",
]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_stays_text(client: Client, say: Say, text: str) -> None:
    say(ensure_room("tea"), text)
    _assert_only_text(client.get("/room/tea/").content.decode(), text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_nickname_stays_text(client: Client, say: Say, name: str) -> None:
    say(ensure_room("tea"), "hello", name=name)
    _assert_only_text(client.get("/room/tea/").content.decode(), name)
    client.post("/nickname/", {"name": name[:40]})
    _assert_only_text(client.get("/").content.decode(), name[:40])
    _assert_only_text(client.get("/room/tea/").content.decode(), name[:40])


@pytest.mark.parametrize("name", [name for name in HOSTILE if "/" not in name])
def test_a_room_name_stays_text(client: Client, everybody_makes_rooms: None, name: str) -> None:
    page = client.get(f"/room/{quote(name)}/", follow=True)
    assert page.status_code == 200
    _assert_only_text(page.content.decode(), name)
    _assert_only_text(client.get("/").content.decode(), name)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_draft_stays_text(client: Client, text: str) -> None:
    ensure_room("tea")
    client.get("/room/tea/")
    client.post("/room/tea/", {"key": "k", "text": "other"})
    _assert_only_text(client.post("/room/tea/", {"key": "k", "text": text}).content.decode(), text)
    _assert_only_text(client.post("/", {"room": text}).content.decode(), text)
    _assert_only_text(client.post("/room/tea/", {"key": "k", "text": text, "next": text}).content.decode(), text)


def _assert_only_text(page: str, text: str) -> None:
    """Nothing of it became a tag, an attribute, or a template's words."""
    if {"<", ">", '"', "'", "&"} & set(text):
        assert text not in page
    assert "<img" not in page
    assert "<script>" not in page
    assert "only the tests use this key" not in page
    assert " onmouseover='" not in page


def test_no_page_holds_an_inline_script_or_style(client: Client, say: Say) -> None:
    say(ensure_room("tea"), "hello")
    for path in ("/", "/room/tea/", "/room/none/"):
        page = client.get(path).content.decode()
        assert "<style" not in page
        assert "style=" not in page
        assert not [
            tag
            for tag in page.split("<script")[1:]
            if "src=" not in tag.split(">")[0] and "json" not in tag.split(">")[0]
        ]
        assert " on" + "click" not in page
