"""Tests of `teahouse.chat.guest_links`: what a link holds, where, and what is none."""

import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import RequestFactory

import teahouse
from teahouse.chat import guest_links as module
from teahouse.chat.guest_links import guest_by_code, guest_link
from teahouse.chat.making import ensure_room
from teahouse.chat.people import sign_guest
from teahouse.errors import BadInvite, BadName, BadRoomName
from teahouse.models import Person

SALT = "teahouse.guest-link"


def code_of(link: str) -> str:
    kind, _, code = urlsplit(link).fragment.partition(".")
    assert kind == "g"
    return code


def test_a_link_says_who_enters_and_where() -> None:
    said = guest_by_code(code_of(teahouse.guest_link("  Ann 茶 ", room="Tea & CAKE")))
    assert said[1:] == ("Ann 茶", "tea & cake")
    assert guest_by_code(code_of(guest_link("Ann")))[2] is None


def test_a_link_into_a_room_of_the_tables(db: None) -> None:
    assert guest_by_code(code_of(guest_link("Ann", room=ensure_room("Tea")))).room == "tea"
    assert not Person.objects.exists()


def test_each_link_is_a_guest_of_its_own_and_stays_that_one() -> None:
    one, other = code_of(guest_link("Ann")), code_of(guest_link("Ann"))
    assert guest_by_code(one) == guest_by_code(one)
    assert guest_by_code(one).secret != guest_by_code(other).secret


def test_what_is_secret_stands_behind_the_sign_that_no_server_sees() -> None:
    link = urlsplit(guest_link("Ann", room="tea"))
    assert (link.scheme, link.netloc, link.path, link.query) == ("", "", "/enter/", "")
    request = RequestFactory().get("/somewhere/", secure=True)
    assert guest_link("Ann", request=request).startswith("https://testserver/enter/#g.")


def test_a_link_ends_at_its_time(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.TEAHOUSE = {"INVITE_SECONDS": 100}
    short, usual = code_of(guest_link("Ann", seconds=10)), code_of(guest_link("Ann"))
    later = time.time() * 1000 + 50_000
    monkeypatch.setattr(module, "now", lambda: later)
    assert guest_by_code(usual).name == "Ann"
    with pytest.raises(BadInvite):
        guest_by_code(short)
    later += 100_000
    with pytest.raises(BadInvite):
        guest_by_code(usual)


@pytest.mark.parametrize("code", ["", "x", "a:b:c", "\0", "\ud800", "é:é:é", "x" * 10_000])
def test_what_nobody_signed_is_no_code(code: str) -> None:
    with pytest.raises(BadInvite):
        guest_by_code(code)


@pytest.mark.parametrize(
    "held",
    [
        None,
        [],
        {},
        "text",
        7,
        {"g": "s", "n": "Ann"},
        {"g": 1, "n": "Ann", "e": 2**60},
        {"g": "s", "n": "Ann", "e": "x"},
    ],
)
def test_an_odd_payload_is_no_code(held: object) -> None:
    with pytest.raises(BadInvite):
        guest_by_code(signing.dumps(held, salt=SALT))


def test_a_code_of_another_site_or_of_another_use_is_none(settings: Any) -> None:
    held = {"g": "s", "n": "Ann", "e": 2**60}
    assert guest_by_code(signing.dumps(held, salt=SALT)).name == "Ann"
    for code in (signing.dumps(held, salt="another use"), sign_guest("s", "Ann")):
        with pytest.raises(BadInvite):
            guest_by_code(code)
    code = code_of(guest_link("Ann"))
    settings.SECRET_KEY = "another site"
    with pytest.raises(BadInvite):
        guest_by_code(code)


def test_a_name_that_is_none_is_refused_when_the_link_is_made() -> None:
    with pytest.raises(BadName):
        guest_link(" ")
    with pytest.raises(BadRoomName):
        guest_link("Ann", room="a/b")
