"""The admin: everything to look at, nothing to write but by the chat, and no question that a million rows make slow."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from teahouse.admin import ShortPaginator
from teahouse.chat.actions import Join, PostMessage
from teahouse.chat.invites import make_invite
from teahouse.chat.making import ensure_room
from teahouse.chat.people import new_guest
from teahouse.chat.reports import report
from teahouse.chat.writing import write
from teahouse.models import FOREVER, Audit, Entry, Invite, Membership, Message, Person, Report, Room

MODELS = [Room, Person, Membership, Message, Report, Invite, Audit]

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    room = ensure_room("Tea & <b>Cake")
    person, _ = new_guest("<i>Ann</i>")
    write([PostMessage(room.pk, person, "k", "<script>alert(1)</script>"), Join(room.pk, person)])
    report(room, 1, person, "<script>alert(1)")
    make_invite(room, person)
    return Message.objects.get()


@pytest.fixture
def admin_of_all(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def trail() -> list[tuple[str, str, str | None]]:
    """Who did what to whom."""
    return list(Audit.objects.order_by("pk").values_list("action", "actor__name", "person__name"))


def act(client: Client, model: str, action: str, row: Model) -> str:
    """The page after an action in the admin."""
    chosen = {"action": action, "_selected_action": [row.pk]}
    return client.post(f"/admin/teahouse/{model}/", chosen, follow=True).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_shown_as_text_and_cannot_be_written(
    admin_of_all: Client, message: Message, model: type[Message]
) -> None:
    at = f"/admin/teahouse/{model.__name__.lower()}/"
    row = model._default_manager.get()
    for path in (at, f"{at}{row.pk}/change/"):
        response = admin_of_all.get(path)
        assert response.status_code == 200
        page = response.content.decode()
        for raw in ("<script>alert(1)", "<i>Ann</i>", "<b>Cake"):
            assert raw not in page
        assert 'name="_save"' not in page
    assert admin_of_all.get(f"{at}add/").status_code == 403
    assert admin_of_all.post(f"{at}{row.pk}/change/", {"text": "forged"}).status_code == 403
    assert admin_of_all.post(f"{at}{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_a_search_answers(admin_of_all: Client, message: Message, model: type[Message]) -> None:
    at = f"/admin/teahouse/{model.__name__.lower()}/"
    assert admin_of_all.get(f"{at}?q=tea").status_code == 200


def test_deleting_a_text_goes_through_the_log(admin_of_all: Client, message: Message) -> None:
    chosen = {"action": "delete_texts", "_selected_action": [message.pk]}
    response = admin_of_all.post("/admin/teahouse/message/", chosen, follow=True)
    assert "It was done for 1 row." in response.content.decode()
    message.refresh_from_db()
    assert (message.deleted, message.text) == (True, "")
    assert Entry.objects.get(kind=Entry.Kind.DELETE, message_seq=message.seq).actor.name == "root"
    assert trail()[-1] == ("delete", "root", "<i>Ann</i>")
    admin_of_all.post("/admin/teahouse/message/", chosen)
    assert Entry.objects.filter(kind=Entry.Kind.DELETE).count() == 1


def test_who_may_only_look_deletes_no_text(client: Client, message: Message) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_message"))
    client.force_login(looker)
    assert client.get("/admin/teahouse/message/").status_code == 200
    client.post("/admin/teahouse/message/", {"action": "delete_texts", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert not message.deleted


def test_no_list_counts_its_table(admin_of_all: Client, message: Message) -> None:
    for model in MODELS:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            admin_of_all.get(f"/admin/teahouse/{model.__name__.lower()}/")
        counts = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
        assert counts
        assert all(f"LIMIT {ShortPaginator.MOST}" in sql for sql in counts), counts


def test_a_list_has_no_more_pages_than_people_turn(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = Message.objects.order_by("pk")
    assert Paginator(rows, 50).count == ShortPaginator(rows, 50).count == 1
    monkeypatch.setattr(ShortPaginator, "MOST", 0)
    assert ShortPaginator(rows, 50).count == 0


def test_a_rooms_messages_are_read_by_the_rooms_index(admin_of_all: Client, message: Message) -> None:
    page = admin_of_all.get("/admin/teahouse/room/").content.decode()
    link = f"/admin/teahouse/message/?room__exact={message.room_id}"
    assert link in page
    with CaptureQueriesContext(connection) as asked:
        assert admin_of_all.get(link).status_code == 200
    asked_for_messages = [query["sql"] for query in asked if 'ORDER BY "teahouse_message"' in query["sql"]]
    assert asked_for_messages
    assert all('ORDER BY "teahouse_message"."seq" DESC' in sql for sql in asked_for_messages)


def test_no_list_asks_more_the_more_rows_it_shows(admin_of_all: Client, message: Message) -> None:
    room = message.room
    with CaptureQueriesContext(connection) as few:
        admin_of_all.get("/admin/teahouse/message/")
    for number in range(10):
        write([PostMessage(room.pk, new_guest()[0], f"k{number}", "x")])
    with CaptureQueriesContext(connection) as many:
        admin_of_all.get("/admin/teahouse/message/")
    assert len(many) == len(few)


def test_rooms_are_locked_and_archived_in_the_admins_name(admin_of_all: Client, message: Message) -> None:
    room = message.room
    for action, name, value in (
        ("lock", "locked", True),
        ("unlock", "locked", False),
        ("archive", "archived", True),
        ("take_from_archive", "archived", False),
    ):
        assert "It was done for 1 row." in act(admin_of_all, "room", action, room)
        room.refresh_from_db()
        assert getattr(room, name) is value
    assert trail()[-4:] == [("configure", "root", None)] * 4
    assert Entry.objects.filter(kind=Entry.Kind.CONFIGURE).count() == 4


def test_members_are_kept_in_order_in_the_admins_name(admin_of_all: Client, message: Message) -> None:
    place = Membership.objects.get()
    for action, role, banned, muted in (
        ("mute", "member", 0, FOREVER),
        ("unmute", "member", 0, 0),
        ("remove", "", 0, 0),
        ("ban", "", FOREVER, 0),
        ("unban", "", 0, 0),
    ):
        page = act(admin_of_all, "membership", action, place)
        assert "It was done for 1 row." in page
        assert (">for good<" in page) is bool(banned or muted)
        place.refresh_from_db()
        assert (place.role, place.banned_until, place.muted_until) == (role, banned, muted)
    assert trail()[-5:] == [(word, "root", "<i>Ann</i>") for word in ("mute", "unmute", "remove", "ban", "unban")]


def test_a_report_is_resolved_once_and_told_when_it_was(admin_of_all: Client, message: Message) -> None:
    row = Report.objects.get()
    assert "It was done for 1 row." in act(admin_of_all, "report", "resolve", row)
    assert f"no report {row.pk} waits in this room" in act(admin_of_all, "report", "resolve", row)
    waiting = admin_of_all.get("/admin/teahouse/report/?resolved_at__isempty=1").content.decode()
    assert "0 reports" in waiting
    assert trail()[-1] == ("resolve", "root", None)


def test_a_reported_text_is_deleted_and_the_report_resolved(admin_of_all: Client, message: Message) -> None:
    assert "It was done for 1 row." in act(admin_of_all, "report", "delete_text", Report.objects.get())
    message.refresh_from_db()
    assert (message.deleted, message.text, Report.objects.get().outcome) == (True, "", "deleted")
    assert [word for word, *_ in trail()[-2:]] == ["delete", "resolve"]


def test_an_invitation_is_taken_back_and_its_hash_shown_to_nobody(admin_of_all: Client, message: Message) -> None:
    invite = Invite.objects.get()
    assert invite.secret_hash not in admin_of_all.get(f"/admin/teahouse/invite/{invite.pk}/change/").content.decode()
    assert "It was done for 1 row." in act(admin_of_all, "invite", "revoke", invite)
    invite.refresh_from_db()
    assert invite.revoked
    assert trail()[-1] == ("revoke", "root", None)


def test_who_may_only_look_keeps_nobody_in_order(client: Client, message: Message) -> None:
    looker = User.objects.create_user("looker", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(looker)
    before = Audit.objects.count(), Entry.objects.count()
    for model, action in (
        *(("room", name) for name in ("lock", "unlock", "archive", "take_from_archive")),
        *(("membership", name) for name in ("remove", "ban", "unban", "mute", "unmute")),
        *(("report", name) for name in ("resolve", "delete_text")),
        ("invite", "revoke"),
    ):
        row = {"room": Room, "membership": Membership, "report": Report, "invite": Invite}[model]._default_manager.get()
        act(client, model, action, row)
    assert (Audit.objects.count(), Entry.objects.count()) == before
