"""The ready site's pages under its own settings: login, language, admin, static files, friendly refusals."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from teahouse.chat.making import ensure_room
from teahouse.models import Room
from tests.web.forms import form_to


def test_every_answer_carries_the_strict_policy(site: Client) -> None:
    ensure_room("tea")
    for path in ("/", "/room/tea/", "/room/a/b/", "/nowhere/", "/admin/login/", "/static/admin/css/base.css"):
        headers = site.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_user_logs_in_and_out(site: Client) -> None:
    User.objects.create_user("bob", password="a long pass phrase")
    login = site.get("/accounts/login/?next=/room/tea/")
    response = form_to(login, "/accounts/login/").send(site, username="bob", password="a long pass phrase")
    assert response.headers["Location"] == "/room/tea/"
    lobby = site.get("/")
    assert "Hello, bob" in lobby.content.decode()
    out = form_to(lobby, "/accounts/logout/").send(site)
    assert out.headers["Location"] == "/"
    assert "Hello, bob" not in site.get("/").content.decode()


def test_a_wrong_password_is_told(site: Client) -> None:
    response = form_to(site.get("/accounts/login/"), "/accounts/login/").send(site, username="bob", password="<b>wrong")
    page = response.content.decode()
    assert 'role="alert"' in page
    assert "<b>wrong" not in page


def test_the_language_is_switched_by_one_button_and_kept(site: Client) -> None:
    lobby = site.get("/")
    assert '<html lang="en">' in lobby.content.decode()
    assert 'value="zh-hans" lang="zh-hans">简体中文</button>' in lobby.content.decode()
    switched = form_to(lobby, "/i18n/setlang/").send(site, language="zh-hans")
    assert switched.headers["Location"] == "/"
    lobby = site.get("/")
    assert '<html lang="zh-hans">' in lobby.content.decode()
    assert 'value="en" lang="en">English</button>' in lobby.content.decode()


def test_a_browser_that_reads_chinese_gets_it_at_once(site: Client) -> None:
    ensure_room("tea")
    page = site.get("/room/tea/", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).content.decode()
    assert '<html lang="zh-hans">' in page
    assert 'class="teahouse" lang="zh-hans"' in page


def test_modules_are_served_as_scripts_that_are_asked_for_anew(site: Client) -> None:
    response = site.get("/static/teahouse/client/protocol.js")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Cache-Control"] == "max-age=0, public"
    again = site.get("/static/teahouse/client/protocol.js", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_outside_of_the_static_files_is_served(site: Client) -> None:
    for path in (
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/secret-key",
        "/static/teahouse/",
        "/uploads/",
    ):
        assert site.get(path).status_code == 404


def test_a_guest_opens_a_room_on_ones_own_machine(site: Client) -> None:
    response = site.get("/room/群聊/")
    assert response.status_code == 200
    assert Room.objects.get().title == "群聊"


def test_elsewhere_a_guest_is_asked_to_log_in(site: Client, settings: Settings) -> None:
    settings.EVERYBODY_MAKES_ROOMS = False
    response = site.get("/room/群聊/")
    assert response.status_code == 404
    assert 'href="/accounts/login/?next=/room/%25E7%25BE%25A4%25E8%2581%258A/"' in response.content.decode()


def test_an_address_that_is_none_leads_to_the_lobby(site: Client) -> None:
    response = site.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_an_old_form_is_told_in_words(site: Client) -> None:
    site.get("/")
    response = site.post("/nickname/", {"name": "Ann"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


@pytest.mark.parametrize("path", ["/admin/", "/admin/teahouse/message/", "/admin/auth/user/"])
def test_the_admin_opens_for_who_may(site: Client, path: str) -> None:
    site.force_login(User.objects.create_superuser("root"))
    page = site.get(path)
    assert page.status_code == 200
    html = page.content.decode()
    assert "/static/admin/css/base.css" in html
    # Under the policy these would not run, and something of the admin would not work.
    assert "<style" not in html
    assert " onclick=" not in html
