"""A room's page: its one address, who may see and make it, what it shows."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import override_script_prefix
from django.utils.timezone import override as override_timezone
from pytest_django import Settings

from teahouse.models import Message, Person, Room
from tests.web.conftest import Say
from tests.web.forms import composer_of, forms_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "address", "encoded"),
    [
        ("群聊", "群聊", "/room/%E7%BE%A4%E8%81%8A/"),
        ("Tea & Cake", "tea & cake", "/room/tea%20&%20cake/"),
        ("100% why? #1", "100% why? #1", "/room/100%25%20why%3F%20%231/"),
        ("ＡＤＭＩＮ", "admin", "/room/admin/"),
        ("  a   b ", "a b", "/room/a%20b/"),
        ("Straße", "strasse", "/room/strasse/"),
        ("a+b;c=d", "a+b;c=d", "/room/a+b;c=d/"),
    ],
)
def test_every_spelling_leads_to_one_address(
    client: Client, everybody_makes_rooms: None, name: str, address: str, encoded: str
) -> None:
    response = client.get(f"/room/{quote(name)}/", follow=True)
    assert response.status_code == 200
    if name != address:
        assert response.redirect_chain == [(encoded, 302)]
    assert client.get(encoded).status_code == 200
    assert Room.objects.get().address == address


def test_another_spelling_keeps_the_question(client: Client, tea: Room) -> None:
    response = client.get("/room/TEA/?around=7&x=%26")
    assert response.headers["Location"] == "/room/tea/?around=7&x=%26"


def test_a_room_is_titled_as_its_maker_wrote_it(client: Client, everybody_makes_rooms: None) -> None:
    client.get("/room/Tea & Cake/")
    assert Room.objects.get().title == "Tea & Cake"


def test_a_room_that_nobody_may_make_is_not_found_and_not_made(client: Client) -> None:
    response = client.get("/room/tea/")
    assert response.status_code == 404
    assert "There is no such room" in response.content.decode()
    assert not Room.objects.exists()


def test_a_private_room_looks_like_none(client: Client, tea: Room) -> None:
    Room.objects.update(kind=Room.Kind.PRIVATE)
    response = client.get("/room/tea/")
    assert response.status_code == 404
    assert "There is no such room" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/room/%20/", "/room/a/b/", "/room/a%2Fb/", "/room/a%0Ab/", "/room/%00/", "/room/../x/", f"/room/{'x' * 10_000}/"],
)
def test_an_impossible_name_is_told_so(client: Client, everybody_makes_rooms: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 400
    assert "This cannot be the name of a room" in response.content.decode()
    assert not Room.objects.exists()


def test_bytes_that_are_no_text_do_no_harm(client: Client, everybody_makes_rooms: None) -> None:
    assert client.get("/room/%ff%fe/").status_code < 500


def test_the_newest_page_is_shown_and_older_ones_follow(
    client: Client, tea: Room, say: Say, settings: Settings
) -> None:
    settings.TEAHOUSE = {"PAGE_MESSAGES": 3}
    say(tea, *(f"text {number}" for number in range(1, 9)))
    newest = client.get("/room/tea/")
    assert _shown(newest) == [6, 7, 8]
    assert 'class="teahouse-older" href="/room/tea/?before=6"' in newest.content.decode()
    assert "teahouse-newer" not in newest.content.decode()
    older = client.get("/room/tea/?before=6")
    assert _shown(older) == [3, 4, 5]
    assert 'class="teahouse-newer" href="/room/tea/?after=5"' in older.content.decode()
    assert _shown(client.get("/room/tea/?after=5")) == [6, 7, 8]
    oldest = client.get("/room/tea/?before=3")
    assert _shown(oldest) == [1, 2]
    assert "teahouse-older" not in oldest.content.decode()


def test_a_permalink_shows_the_message_among_its_neighbours(
    client: Client, tea: Room, say: Say, settings: Settings
) -> None:
    settings.TEAHOUSE = {"PAGE_MESSAGES": 3}
    say(tea, *(f"text {number}" for number in range(1, 9)))
    response = client.get("/room/tea/?around=4")
    assert 4 in _shown(response)
    assert 'href="/room/tea/?around=4#m4"' in response.content.decode()
    assert 'id="m4" data-seq="4" data-changed="4"' in response.content.decode()


@pytest.fixture
def days(tea: Room, say: Say) -> Room:
    """Messages 1 to 6, two on each of the first three days of May."""
    say(tea, *(f"text {number}" for number in range(1, 7)))
    for message in Message.objects.all():
        posted = datetime(2026, 5, (message.seq + 1) // 2, 12, tzinfo=UTC)
        Message.objects.filter(pk=message.pk).update(at=int(posted.timestamp()) * 1000)
    return tea


@pytest.mark.parametrize(
    ("day", "leads_to"),
    [
        ("2026-05-02", "?around=3#m3"),
        ("2026-05-01", "?around=1#m1"),
        ("0001-01-01", "?around=1#m1"),
        ("2026-05-04", ""),
        ("9999-12-31", ""),
        ("", ""),
    ],
)
def test_a_day_leads_to_its_first_message(client: Client, days: Room, day: str, leads_to: str) -> None:
    response = client.get("/room/tea/", {"at": day})
    assert response.status_code == 302
    assert response.headers["Location"] == f"/room/tea/{leads_to}"


@pytest.mark.parametrize(("zone", "first"), [("Asia/Shanghai", 3), ("Pacific/Kiritimati", 1), ("Pacific/Pago_Pago", 3)])
def test_a_day_begins_as_the_pages_times_say(client: Client, days: Room, zone: str, first: int) -> None:
    """Noon of the first day in Greenwich is the second day already where it begins first."""
    with override_timezone(zone):
        assert client.get("/room/tea/?at=2026-05-02").headers["Location"] == f"/room/tea/?around={first}#m{first}"
        assert client.get("/room/tea/?at=0001-01-01").headers["Location"] == "/room/tea/?around=1#m1"


def test_a_room_of_more_than_a_page_asks_for_a_day(client: Client, days: Room, settings: Settings) -> None:
    assert not [form for form in forms_of(client.get("/room/tea/")) if "at" in form.fields]
    settings.TEAHOUSE = {"PAGE_MESSAGES": 3}
    response = client.get("/room/tea/")
    (form,) = [form for form in forms_of(response) if "at" in form.fields]
    assert (form.action, form.fields) == ("/room/tea/", {"at": ""})
    assert 'type="date" name="at"' in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "at=x",
        "at=2026-02-30",
        "at=2026-05",
        "at=1795360000000",
        "at=99999-01-01",
        "before=",
        "before=x",
        "after=-1",
        "around=9" + "9" * 40,
        "before=1&after=2",
        "around=²",
    ],
)
def test_an_odd_number_is_a_friendly_400(client: Client, tea: Room, query: str) -> None:
    response = client.get(f"/room/tea/?{query}")
    assert response.status_code == 400
    assert "cannot be understood" in response.content.decode()


def test_a_number_beyond_all_messages_is_an_empty_page(client: Client, tea: Room) -> None:
    assert _shown(client.get(f"/room/tea/?after={2**53 - 1}")) == []


def test_the_page_carries_what_its_scripts_start_from(client: Client, tea: Room) -> None:
    page = client.get("/room/tea/").content.decode()
    for part in (
        'data-teahouse-room="tea"', 'data-socket="/ws/"', 'data-api="/api/v1/"', 'data-csrf="', 'data-me="g',
        'data-me-kind="guest"', 'data-page="50"', '<script id="teahouse-strings" type="application/json">',
        '<script type="module" src="/static/teahouse/page/app.js">',
    ):  # fmt: skip
        assert part in page


def test_numbers_for_scripts_are_never_grouped(client: Client, tea: Room, settings: Settings) -> None:
    settings.USE_THOUSAND_SEPARATOR = True
    settings.TEAHOUSE = {"PAGE_MESSAGES": 1000}
    assert 'data-page="1000"' in client.get("/room/tea/").content.decode()


def test_ones_own_messages_are_marked(client: Client, tea: Room, say: Say) -> None:
    say(tea, "hello")
    composer_of(client.get("/room/tea/")).send(client, text="mine")
    page = client.get("/room/tea/").content.decode()
    assert page.count("teahouse-mine") == 1


def test_a_looker_leaves_no_row(client: Client, tea: Room) -> None:
    client.get("/room/tea/")
    client.get("/")
    assert not Person.objects.exists()


def test_who_may_only_read_gets_no_composer(client: Client, tea: Room, settings: Settings) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.NobodyWrites"}
    page = client.get("/room/tea/").content.decode()
    assert "You can read here, and not write." in page
    assert "<textarea" not in page


def test_a_host_user_is_themself(client: Client, tea: Room) -> None:
    client.force_login(User.objects.create_user("bob"))
    response = client.get("/room/tea/")
    page = response.content.decode()
    assert 'data-me-kind="user"' in page
    assert 'data-me-name="bob"' in page
    assert "teahouse_guest" not in response.cookies


def test_no_page_is_kept_by_a_cache(client: Client, tea: Room) -> None:
    for path in ("/", "/room/tea/", "/room/none/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


def _shown(response: object) -> list[int]:
    return [row.seq for row in response.context["chat"].messages.messages]  # type: ignore[attr-defined]


def test_a_page_costs_the_same_questions_however_full_the_room(
    client: Client, tea: Room, say: Say, django_assert_max_num_queries: object
) -> None:
    say(tea, *(f"text {number}" for number in range(60)))
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        client.get("/room/tea/")


@override_script_prefix("/club/")
def test_a_room_under_a_prefix_is_addressed_under_it(client: Client, tea: Room) -> None:
    page = client.get("/room/tea/").content.decode()
    assert 'data-socket="/club/ws/"' in page
    assert 'data-api="/club/api/v1/"' in page
    assert 'action="/club/room/tea/"' in page
    assert client.get("/room/TEA/").headers["Location"] == "/club/room/tea/"
