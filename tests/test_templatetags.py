"""The tag that puts a room into a host's page, and the filters of our own templates."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

import teahouse
from teahouse.addresses import network_of
from teahouse.chat.actions import PostMessage
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest, seen_from
from teahouse.chat.writing import write
from teahouse.models import Person, Room
from teahouse.templatetags.teahouse import clock, since

pytestmark = pytest.mark.django_db

HOST_PAGE = "{% load teahouse %}<title>A host's page</title>{% chat_room name %}"


def render(name: str | Room, path: str = "/articles/7/", user: User | None = None, page: str = HOST_PAGE) -> str:
    request = RequestFactory().get(path)
    request.user = user or AnonymousUser()
    return Template(page).render(RequestContext(request, {"name": name}))


def test_a_room_stands_in_a_hosts_page() -> None:
    room = ensure_room("Tea & Cake")
    person, _ = new_guest("Ann")
    write([PostMessage(room.pk, person, "k", "<b>hello</b>")])
    page = render("tea & cake")
    assert 'data-teahouse-room="tea &amp; cake"' in page
    assert "&lt;b&gt;hello&lt;/b&gt;" in page
    assert 'action="/room/tea%20&amp;%20cake/"' in page
    assert '<input type="hidden" name="next" value="/articles/7/">' in page
    assert '<link rel="stylesheet" href="/static/teahouse/css/teahouse.css">' in page


def test_a_private_room_stands_in_a_hosts_page_for_its_members_alone() -> None:
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    room = teahouse.create_room("Cellar", members=[ann])
    teahouse.create_room("Cellar", members=[bob])
    assert f'data-teahouse-room="{room.address}"' in render(room, user=ann)
    assert "There is no such room" in render(room, user=bob)
    assert Room.objects.count() == 2


def test_styles_strings_and_script_stand_there_once_for_two_rooms() -> None:
    ensure_room("tea")
    ensure_room("cake")
    page = render("tea", page='{% load teahouse %}{% chat_room "tea" %}{% chat_room "cake" %}')
    assert page.count("data-teahouse-room=") == 2
    assert page.count("<link ") == page.count('id="teahouse-strings"') == page.count("<script type") == 1


def test_a_room_that_a_hosts_template_names_is_made_whoever_looks() -> None:
    for _ in range(2):
        assert 'data-teahouse-room="tea"' in render("Tea")
    assert Room.objects.get().title == "Tea"


@pytest.mark.parametrize(("name", "words"), [("tea", "There is no such room"), ("a/b", "cannot be the name of a room")])
def test_a_room_that_cannot_be_shown_says_why_and_leaves_the_page_whole(
    name: str, words: str, settings: Settings
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.NobodyEnters"}
    page = render(name)
    assert "A host&#x27;s page" in page or "A host's page" in page
    assert words in page
    assert "<form" not in page


def test_a_guest_whom_no_cookie_remembers_is_nobody_yet() -> None:
    ensure_room("tea")
    page = render("tea")
    assert 'data-me="" data-me-name="" data-me-kind=""' in page
    assert not Person.objects.exists()


def test_a_host_user_is_known() -> None:
    ensure_room("tea")
    assert 'data-me-name="bob" data-me-kind="user"' in render("tea", user=User.objects.create_user("bob"))


def test_a_context_without_the_request_is_told_what_to_write() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"context_processors\.request"):
        Template(HOST_PAGE).render(Context({"name": "tea"}))


def test_the_form_of_a_hosts_page_leads_back_to_it(client: Client) -> None:
    ensure_room("tea")
    response = client.post("/room/tea/", {"text": "hello", "key": "k", "next": "/articles/7/"})
    assert response.headers["Location"] == "/articles/7/#m1"


def test_a_time_of_today_is_short_and_an_older_one_has_its_date(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    at = datetime(2026, 1, 2, 20, 5, tzinfo=UTC)
    milliseconds = int(at.timestamp() * 1000)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("teahouse.web.times.now", lambda: datetime(2026, 1, 3, 1, tzinfo=UTC))
        assert clock(milliseconds) == "04:05"
        patched.setattr("teahouse.web.times.now", lambda: datetime(2026, 1, 3, 20, tzinfo=UTC))
        assert clock(milliseconds).endswith(" 04:05")
        assert "Jan. 3, 2026" in clock(milliseconds), "and is no riddle of days and months"
    with timezone.override(UTC):
        assert clock(milliseconds).endswith(" 20:05")


def test_how_long_ago_that_was_is_told_in_one_unit() -> None:
    assert since(timezone.now() - timedelta(hours=3, minutes=20)).replace("\xa0", " ") == "3 hours"


def test_a_banned_guest_who_threw_the_cookie_away_does_not_see_the_room() -> None:
    room = ensure_room("tea")
    troll = seen_from(new_guest("Troll")[0], network_of("192.0.2.7"))
    write([PostMessage(room.pk, troll, "k", "mischief")])
    teahouse.ban(room, troll)
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = AnonymousUser()
    page = Template(HOST_PAGE).render(RequestContext(request, {"name": "tea"}))
    assert "mischief" not in page
    assert "mischief" in render("tea")
