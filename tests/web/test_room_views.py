"""The pages about a room: who is shown what, and that each form does its deed, for who may and for nobody else."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils.module_loading import import_string
from pytest_django import Settings

from teahouse.chat.actions import Join, PostMessage
from teahouse.chat.audit import keep_audit
from teahouse.chat.hosting import ban, configure, mute, report, set_role
from teahouse.chat.making import create_room, ensure_room
from teahouse.chat.people import Identity, identity_of_user
from teahouse.chat.reports import waiting_reports
from teahouse.chat.writing import write
from teahouse.models import FOREVER, Audit, Invite, Membership, Message, Report, Room
from tests.web.conftest import Say
from tests.web.forms import composer_of, deeds_of, do

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Identity]:
    names = ("olga", "mo", "ann", "vic")
    return {name: identity_of_user(User.objects.create_user(name)) for name in names}


@pytest.fixture
def kitchen(people: dict[str, Identity]) -> Room:
    """An open room: olga owns it, mo moderates, ann is a member, vic only looks in."""
    room = create_room("kitchen", kind="open", owner=people["olga"], members=[people["mo"], people["ann"]])
    set_role(room, people["mo"], "moderator")
    return room


def as_(name: str) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username=name))
    return client


def role(room: Room, person: Identity) -> str | None:
    return Membership.objects.filter(room=room, person__uid=person.uid).values_list("role", flat=True).first()


def test_a_visitor_sees_who_is_there_and_may_only_join(kitchen: Room, people: dict[str, Identity]) -> None:
    vic = as_("vic")
    response = vic.get("/about/kitchen/")
    page = response.content.decode()
    assert [name in page for name in ("olga", "mo", "ann")] == [True] * 3
    assert deeds_of(response) == ["join"]
    assert do(vic, "/about/kitchen/", "join").headers["Location"] == "/about/kitchen/"
    assert role(kitchen, people["vic"]) == "member"
    assert do(vic, "/about/kitchen/", "leave").headers["Location"] == "/about/kitchen/"
    assert role(kitchen, people["vic"]) == ""


def test_looking_at_what_a_room_is_makes_none(client: Client, everybody_makes_rooms: None) -> None:
    assert client.get("/about/nowhere/").status_code == 404
    assert not Room.objects.exists()


def test_a_private_room_says_the_same_as_none(people: dict[str, Identity]) -> None:
    room = create_room("secret", owner=people["olga"])
    vic = as_("vic")
    nowhere = vic.get("/about/nowhere/")
    for path in ("", f"person/{people['olga'].uid}/", "message/1/", "trail/"):
        hidden = vic.get(f"/about/{room.address}/{path}")
        assert hidden.status_code == 404
        assert "secret" not in hidden.content.decode()
        assert visible(hidden) == visible(nowhere)


def visible(response: object) -> str:
    return re.sub(r'value="[^"]*"|next=[^"]*', "", response.content.decode())  # type: ignore[attr-defined]


def test_a_member_is_offered_and_shown_nothing_that_is_for_moderators(
    kitchen: Room, people: dict[str, Identity], say: Say
) -> None:
    say(kitchen, "buy now", name="Gus")
    do(as_("ann"), f"/about/kitchen/message/{Message.objects.get().seq}/", "report", reason="an ad")
    do(as_("mo"), "/about/kitchen/", "invite")
    ann = as_("ann")
    page = ann.get("/about/kitchen/")
    assert deeds_of(page) == ["leave"]
    parts = ("reports", "trail", "settings", "invitations", "barred")
    assert [f'id="{part}"' in page.content.decode() for part in parts] == [False] * 5
    about = page.context["about"]
    assert [*about.reports, *about.invites, *about.trail, *about.barred] == []
    assert deeds_of(ann.get(f"/about/kitchen/person/{people['mo'].uid}/")) == []
    assert ann.get("/about/kitchen/trail/").status_code == 403


def test_whom_a_form_is_about_the_address_says(kitchen: Room, people: dict[str, Identity]) -> None:
    do(as_("mo"), f"/about/kitchen/person/{people['ann'].uid}/", "mute", seconds="60", person=people["mo"].uid)
    assert Membership.objects.get(muted_until__gt=0).person.uid == people["ann"].uid


@pytest.mark.parametrize(
    "deed",
    [
        {"do": "configure", "locked": "yes"},
        {"do": "invite"},
        {"do": "ban", "person": "mo"},
        {"do": "mute", "person": "mo", "seconds": "60"},
        {"do": "remove", "person": "mo"},
        {"do": "role", "person": "ann", "role": "owner"},
    ],
)
def test_a_forged_form_does_nothing_that_its_sender_may_not(
    client: Client, kitchen: Room, people: dict[str, Identity], deed: dict[str, str]
) -> None:
    client.force_login(User.objects.get(username="ann"))
    if "person" in deed:
        deed = {**deed, "person": people[deed["person"]].uid}
    assert client.post("/about/kitchen/", deed).status_code == 403
    assert not Audit.objects.exclude(action__in=("create", "role")).exists()
    assert not Invite.objects.exists()


def test_a_form_of_another_site_does_nothing(kitchen: Room) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="olga"))
    assert client.post("/about/kitchen/", {"do": "configure", "locked": "yes"}).status_code == 403
    assert not Room.objects.get().locked


@pytest.mark.parametrize("form", [{}, {"do": "post"}, {"do": "configure", "slow_seconds": "-1"}, {"do": "revoke"}])
def test_a_form_that_makes_no_sense_is_refused(client: Client, kitchen: Room, form: dict[str, str]) -> None:
    client.force_login(User.objects.get(username="olga"))
    assert client.post("/about/kitchen/", form).status_code == 400


def test_an_owner_changes_what_the_room_is(kitchen: Room) -> None:
    olga = as_("olga")
    do(olga, "/about/kitchen/", "configure", title="The Kitchen", kind="private", slow_seconds="30")
    room = Room.objects.get()
    assert (room.title, room.kind, room.slow_seconds) == ("The Kitchen", "private", 30)
    locking, archiving = {"do": "configure", "locked": "yes"}, {"do": "configure", "archived": "yes"}
    token = {"csrfmiddlewaretoken": olga.get("/about/kitchen/").context["csrf_token"]}
    for form in (locking, archiving):
        assert olga.post("/about/kitchen/", {**form, **token}).status_code == 303
    room = Room.objects.get()
    assert (room.locked, room.archived) == (True, True)
    page = olga.get("/about/kitchen/").content.decode()
    for sentence in (
        "<bdi>olga</bdi> renamed the room from “<bdi>kitchen</bdi>” to “<bdi>The Kitchen</bdi>”",
        "<bdi>olga</bdi> locked the room",
        "<bdi>olga</bdi> archived the room",
    ):
        assert sentence in page


def test_a_moderator_is_not_offered_what_is_an_owners(kitchen: Room) -> None:
    page = as_("mo").get("/about/kitchen/").content.decode()
    assert 'name="slow_seconds"' in page
    assert 'name="locked"' in page
    assert [f'name="{name}"' in page for name in ("title", "kind", "archived")] == [False] * 3


def test_an_invitations_link_is_shown_once_and_lets_in_who_opens_it(people: dict[str, Identity]) -> None:
    room = create_room("secret", owner=people["olga"])
    olga, url = as_("olga"), f"/about/{room.address}/"
    shown = do(olga, url, "invite", seconds="3600", uses="1")
    (link,) = re.findall(r'value="(http://testserver/enter/#i\.[^"]+)"', shown.content.decode())
    assert "#i." not in olga.get(url).content.decode()
    assert "secret" not in as_("vic").get("/enter/").content.decode()
    entered = enter(as_("vic"), link)
    assert entered.headers["Location"] == f"/room/{room.address}/"
    assert role(room, people["vic"]) == "member"
    assert enter(as_("ann"), link).status_code == 404, "it is used up"


def test_loading_the_page_of_a_new_invitation_again_makes_no_second_one(people: dict[str, Identity]) -> None:
    room = create_room("secret", owner=people["olga"])
    olga, url = as_("olga"), f"/about/{room.address}/"
    form = {"uses": "2", "key": "typed-once"}
    first, again = (do(olga, url, "invite", **form) for _ in range(2))
    assert first.context["link"] == again.context["link"]
    assert Invite.objects.count() == Audit.objects.filter(action="invite").count() == 1
    page = again.content.decode()
    assert re.findall(r'name="key" value="([^"]+)"', page) not in ([], ["typed-once"]), "the next form makes another"
    assert do(olga, url, "invite", uses="2", key="typed-anew").context["link"] != first.context["link"]
    assert enter(as_("vic"), first.context["link"]).status_code == 303


def enter(client: Client, link: str) -> object:
    page = client.get("/enter/")
    token = page.context["csrf_token"]
    return client.post("/enter/", {"code": link, "csrfmiddlewaretoken": str(token)})


def test_an_invitation_that_was_taken_back_lets_nobody_in(people: dict[str, Identity]) -> None:
    room = create_room("secret", owner=people["olga"])
    olga, url = as_("olga"), f"/about/{room.address}/"
    link = do(olga, url, "invite").context["link"]
    assert do(olga, url, "revoke").status_code == 303
    assert enter(as_("vic"), link).status_code == 404
    assert deeds_of(olga.get(url)).count("revoke") == 0


def test_nobody_and_who_has_nothing_to_do_with_the_room_are_the_same(
    kitchen: Room, tea: Room, people: dict[str, Identity]
) -> None:
    write([Join(tea.pk, people["vic"]), PostMessage(tea.pk, people["vic"], "k1", "elsewhere")])
    olga = as_("olga")
    pages = [olga.get(f"/about/kitchen/person/{uid}/") for uid in (people["vic"].uid, "u0", "%00")]
    assert [page.status_code for page in pages] == [404, 404, 404]
    assert len({visible(page) for page in pages}) == 1


def test_a_visitor_who_spoke_has_a_page(kitchen: Room, say: Say) -> None:
    guest = say(kitchen, "hello", name="Gus")
    page = as_("mo").get(f"/about/kitchen/person/{guest.uid}/").content.decode()
    assert "Gus" in page
    assert "visitor" in page


def test_a_moderator_mutes_bans_and_lets_in_again(kitchen: Room, people: dict[str, Identity]) -> None:
    mo, url = as_("mo"), f"/about/kitchen/person/{people['ann'].uid}/"
    do(mo, url, "mute", seconds="600", reason="noise")
    place = Membership.objects.get(person__uid=people["ann"].uid)
    assert place.muted_until
    do(mo, url, "mute", seconds="0")
    do(mo, url, "ban", seconds="", reason="spam")
    place.refresh_from_db()
    assert (place.muted_until, place.role, place.banned_until) == (0, "", FOREVER)
    page = mo.get("/about/kitchen/").content.decode()
    assert "banned for good" in page
    assert "<bdi>mo</bdi> banned <bdi>ann</bdi> for good: “<bdi>spam</bdi>”" in page.replace("</span>", "")
    assert as_("ann").get("/room/kitchen/").status_code == 403
    do(mo, "/about/kitchen/", "unban")
    assert as_("ann").get("/room/kitchen/").status_code == 200


def test_who_stands_no_lower_is_offered_to_nobody(kitchen: Room, people: dict[str, Identity]) -> None:
    mo = as_("mo")
    assert deeds_of(mo.get(f"/about/kitchen/person/{people['olga'].uid}/")) == []
    assert deeds_of(mo.get(f"/about/kitchen/person/{people['mo'].uid}/")) == []


def test_whom_the_host_lets_moderate_is_offered_what_moderators_may(
    kitchen: Room, people: dict[str, Identity], settings: Settings
) -> None:
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.UsersModerate"}
    vic = as_("vic")
    page = vic.get("/about/kitchen/").content.decode()
    assert [f'name="{name}"' in page for name in ("slow_seconds", "title", "kind")] == [True, False, False]
    url = f"/about/kitchen/person/{people['ann'].uid}/"
    assert deeds_of(vic.get(url)) == ["ban", "mute", "remove"]
    assert do(vic, url, "mute", seconds="60").status_code == 303
    for above in ("olga", "mo"):
        assert deeds_of(vic.get(f"/about/kitchen/person/{people[above].uid}/")) == []


def test_an_owner_gives_roles_and_the_only_one_cannot_go(kitchen: Room, people: dict[str, Identity]) -> None:
    olga = as_("olga")
    refused = do(olga, "/about/kitchen/", "leave")
    assert refused.status_code == 403
    assert "only owner" in refused.content.decode()
    do(olga, f"/about/kitchen/person/{people['mo'].uid}/", "role", role="owner")
    assert role(kitchen, people["mo"]) == "owner"
    assert do(olga, "/about/kitchen/", "leave").status_code == 303


def test_a_report_waits_for_moderators_until_it_is_resolved(kitchen: Room, say: Say) -> None:
    say(kitchen, "buy now", name="Gus")
    seq = Message.objects.get().seq
    thanks = do(as_("ann"), f"/about/kitchen/message/{seq}/", "report", reason="an ad")
    assert thanks.headers["Location"] == f"/about/kitchen/message/{seq}/?done"
    assert "reports waiting: 1" in as_("mo").get("/room/kitchen/").content.decode()
    assert 'class="teahouse-waiting"' not in as_("ann").get("/room/kitchen/").content.decode()
    page = as_("mo").get("/about/kitchen/").content.decode()
    assert [text in page for text in ("buy now", "an ad", "Gus")] == [True] * 3
    do(as_("mo"), "/about/kitchen/", "resolve", outcome="it is a joke")
    assert not waiting_reports(kitchen)
    assert not Message.objects.get().deleted
    assert "“<bdi>it is a joke</bdi>”" in as_("mo").get("/about/kitchen/trail/").content.decode()


def test_deleting_a_reported_message_resolves_the_report(kitchen: Room, say: Say) -> None:
    say(kitchen, "buy now", name="Gus")
    url = f"/about/kitchen/message/{Message.objects.get().seq}/"
    do(as_("ann"), url, "report")
    do(as_("mo"), "/about/kitchen/", "delete", outcome="an ad")
    assert Message.objects.get().deleted
    assert Report.objects.get().outcome == "an ad"


def test_a_message_is_deleted_by_who_wrote_it_or_moderates(kitchen: Room, people: dict[str, Identity]) -> None:
    ann = as_("ann")
    composer_of(ann.get("/room/kitchen/")).send(ann, text="mine")
    url = f"/about/kitchen/message/{Message.objects.get().seq}/"
    assert deeds_of(as_("vic").get(url)) == ["report"]
    assert deeds_of(as_("mo").get(url)) == ["delete", "report"]
    assert deeds_of(ann.get(url)) == ["delete"]
    do(ann, url, "delete")
    assert Message.objects.get().deleted


@pytest.mark.parametrize("seq", [0, 999, 10**30])
def test_a_number_that_is_no_messages_is_not_found(client: Client, tea: Room, say: Say, seq: int) -> None:
    say(tea, "one")
    assert client.get(f"/about/tea/message/{seq}/").status_code == 404


def test_writing_directly_stands_where_the_site_allows_it(
    kitchen: Room, people: dict[str, Identity], settings: Settings
) -> None:
    url = f"/about/kitchen/person/{people['ann'].uid}/"
    assert deeds_of(as_("vic").get(url)) == []
    settings.TEAHOUSE = {"POLICY": "tests.web.policies.EverybodyMakesRooms"}
    room = do(as_("vic"), url, "direct").headers["Location"]
    assert as_("ann").get(room).status_code == 200
    assert as_("mo").get(room).status_code == 404
    assert do(as_("ann"), f"/about/kitchen/person/{people['olga'].uid}/", "direct").headers["Location"] != room


def test_the_trail_goes_on_over_pages(kitchen: Room, people: dict[str, Identity]) -> None:
    olga = as_("olga")
    for number in range(60):
        keep_audit("invite", kitchen, people["olga"], invite=number)
    first = olga.get("/about/kitchen/trail/")
    second = olga.get(first.context["older_url"])
    assert "made invitation <bdi>59</bdi>" in first.content.decode()
    assert "made invitation <bdi>0</bdi>" in second.content.decode()
    assert second.context["older_url"] == ""
    assert olga.get("/about/kitchen/trail/?before=x").status_code == 400


def test_whoever_is_muted_is_told_so_and_cannot_write(kitchen: Room, people: dict[str, Identity]) -> None:
    mute(kitchen, people["ann"], seconds=600)
    page = as_("ann").get("/room/kitchen/").content.decode()
    assert re.search(
        r'class="teahouse-why">A moderator has muted you: you can read, and write again from .*\d\d\.<', page
    )
    assert '<button type="submit" disabled>' in page


def test_a_banned_person_is_told_so_everywhere(kitchen: Room, people: dict[str, Identity]) -> None:
    ban(kitchen, people["ann"])
    ann = as_("ann")
    for path in ("/room/kitchen/", "/about/kitchen/", "/about/kitchen/message/1/"):
        assert "You are banned from this room." in ann.get(path).content.decode()


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("/room/kitchen/", "web.chat_page.history"),
        ("/about/kitchen/", "web.about.members"),
        ("/about/kitchen/message/2/", "web.about.history"),
        ("/about/kitchen/person/{olga}/", "web.about.member"),
        ("/about/kitchen/trail/", "web.room_views.audit_page"),
    ],
)
def test_a_page_is_shown_to_nobody_whose_right_ended_while_it_was_read(
    kitchen: Room, people: dict[str, Identity], say: Say, monkeypatch: pytest.MonkeyPatch, path: str, read: str
) -> None:
    say(kitchen, "secret")
    client, reading = as_("mo"), import_string(f"teahouse.{read}")

    def end_and_read(*asked: Any, **bounds: Any) -> Any:
        ban(kitchen, people["mo"])
        return reading(*asked, **bounds)

    monkeypatch.setattr(f"teahouse.{read}", end_and_read)
    response = client.get(path.format(olga=people["olga"].uid))
    assert (response.status_code, "You are banned" in response.text, "secret" in response.text) == (403, True, False)


def test_names_are_never_markup(client: Client, say: Say) -> None:
    room = ensure_room("tea")
    guest = say(room, "hello", name="<b>Gus</b>")
    ban(room, guest, reason="<i>no</i>")
    user = User.objects.create_user("mo")
    write([Join(room.pk, identity_of_user(user), granted=True)])
    set_role(room, user, "owner")
    client.force_login(user)
    for path in ("", f"person/{guest.uid}/", "trail/"):
        page = client.get(f"/about/tea/{path}").content.decode()
        assert "<b>Gus" not in page
        assert "<i>no" not in page
        assert "&lt;b&gt;Gus" in page


def test_the_pages_speak_chinese(kitchen: Room, people: dict[str, Identity]) -> None:
    olga = as_("olga")
    chinese = {"Accept-Language": "zh-hans"}
    assert "关于房间" in olga.get("/about/kitchen/", headers=chinese).content.decode()


def test_forms_past_the_limit_are_refused(client: Client, kitchen: Room, settings: Settings) -> None:
    settings.TEAHOUSE = {"COMMAND_BURST": 1, "COMMANDS_PER_SECOND": 0.1}
    client.force_login(User.objects.get(username="olga"))
    statuses = [client.post("/about/kitchen/", {"do": "invite"}).status_code for _ in range(2)]
    assert statuses == [200, 429]
    assert client.post("/enter/", {"code": "i.guessed"}).status_code == 429
    assert Invite.objects.count() == 1


def test_scripts_stand_where_a_hosts_own_frame_has_them_too(
    kitchen: Room, people: dict[str, Identity], say: Say
) -> None:
    say(kitchen, "hello")
    olga, about = as_("olga"), "/about/kitchen/"
    pages = {
        "/enter/": ["enter"],
        about: ["moments"],
        f"{about}trail/": ["moments"],
        f"{about}person/{people['ann'].uid}/": ["moments"],
        f"{about}message/{Message.objects.get().seq}/": ["moments"],
    }
    for url, scripts in pages.items():
        assert scripts_in_content(olga.get(url)) == scripts, url
    assert scripts_in_content(do(olga, about, "invite")) == ["moments", "copying"]


def scripts_in_content(response: HttpResponse) -> list[str]:
    """The scripts in the block that every frame fills in, which is the main part of ours."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "<script" not in page.replace(main, "")
    return re.findall(r"page/(\w+)\.js", main)


def test_who_cannot_simply_come_back_is_told_before_leaving(kitchen: Room, people: dict[str, Identity]) -> None:
    secret = create_room("secret", owner=people["olga"], members=[people["ann"]])
    warnings = ("only by an invitation", "not be its owner")
    for name, room, told in (
        ("ann", kitchen, []),
        ("olga", kitchen, ["not be its owner"]),
        ("ann", secret, ["only by an invitation"]),
    ):
        page = as_(name).get(f"/about/{room.address}/").content.decode()
        assert [words for words in warnings if words in page] == told
        assert ("<summary" in page) == bool(told), "it takes a second press"
        assert 'value="leave"' in page


def test_whom_one_may_not_ban_one_is_not_led_to_ban(kitchen: Room, people: dict[str, Identity]) -> None:
    for name in ("olga", "mo", "ann"):
        (said,) = write([PostMessage(kitchen.pk, people[name], f"of {name}", "rude")])
        report(kitchen, said.seq, people["vic"], "rude")
    led = {
        name: [who for who in ("olga", "mo", "ann") if f"person/{people[who].uid}/#ban" in page]
        for name in ("olga", "mo")
        for page in [as_(name).get("/about/kitchen/").content.decode()]
    }
    assert led == {"olga": ["mo", "ann"], "mo": ["ann"]}


def test_into_an_archived_room_nobody_is_invited(kitchen: Room, people: dict[str, Identity]) -> None:
    olga, url = as_("olga"), "/about/kitchen/"
    do(olga, url, "invite")
    configure(kitchen, archived=True)
    assert {"invite", "revoke"} & set(deeds_of(olga.get(url))) == {"revoke"}
    do(olga, url, "revoke")
    assert 'id="invitations"' not in olga.get(url).content.decode()
