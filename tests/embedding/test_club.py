"""People in the rooms of examples/site, a site that is not ours: its pages, its users, its policy, its transactions."""

import re

import pytest
from playwright.sync_api import expect

from tests.embedding.conftest import ANN, BOB, CAT, PASSWORD, NewVisitor, StartClub
from tests.embedding.visitor import Visitor
from tests.servers.processes import ServerProcess

WALK = "/walks/1/"
SMALL_WALK = "/walks/3/"


def log_in(visitor: Visitor, club: ServerProcess, email: str, page: str = WALK, room: str | None = None) -> None:
    visitor.log_in(f"{club.url}/login/?next={page}", email, PASSWORD)
    visitor.is_in_state("online", room)


def sign_up(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Sign up").click()
    visitor.is_in_state("online")


def test_members_talk_under_their_names(club: ServerProcess, new_visitor: NewVisitor) -> None:
    ann, bob = new_visitor(), new_visitor()
    log_in(ann, club, ANN)
    log_in(bob, club, BOB)
    ann.say("Who has a flask?")
    bob.sees("Who has a flask?", author="Ann Lee")
    bob.say("<b onclick=alert(1)>I do</b>")
    ann.sees("<b onclick=alert(1)>I do</b>", author="Bob Ray")
    assert "example.org" not in ann.section().inner_text()


def test_what_the_hosts_own_view_says_appears_when_its_transaction_commits(
    club: ServerProcess, new_visitor: NewVisitor
) -> None:
    ann, bob = new_visitor(), new_visitor()
    log_in(ann, club, ANN)
    log_in(bob, club, BOB)
    sign_up(bob)
    ann.sees("I am coming along.", author="Bob Ray")
    expect(bob.page.get_by_text("You are coming along.")).to_be_visible()


def test_what_it_says_in_a_transaction_that_rolls_back_never_appears(
    club: ServerProcess, new_visitor: NewVisitor
) -> None:
    people = {email: new_visitor() for email in (ANN, BOB, CAT)}
    for email, visitor in people.items():
        log_in(visitor, club, email, SMALL_WALK)
    for visitor in people.values():
        sign_up(visitor)
    ann, cat = people[ANN], people[CAT]
    expect(cat.page.get_by_text("Avebury by moonlight is full.")).to_be_visible()
    cat.say("What a pity!")
    ann.sees("What a pity!", author="Cat Moss")
    assert ann.texts() == ["I am coming along.", "I am coming along.", "What a pity!"]


def test_a_room_of_members_is_closed_to_others_in_the_page_and_at_its_address(
    club: ServerProcess, new_visitor: NewVisitor
) -> None:
    guest = new_visitor()
    guest.page.goto(club.url + WALK)
    expect(guest.page.locator(".teahouse-refused")).to_have_text(re.compile("not open to you"))
    expect(guest.page.get_by_role("heading", name="Uffington")).to_be_visible()
    assert guest.page.goto(f"{club.url}/chat/room/uffington and the white horse/").status == 404  # type: ignore[union-attr]
    guest.complaints.remove("Failed to load resource: the server responded with a status of 404 (Not Found)")


def test_a_room_that_belongs_to_a_walk_opens_with_the_sign_up_and_closes_with_the_sign_off(
    club: ServerProcess, new_visitor: NewVisitor
) -> None:
    ann, bob = new_visitor(), new_visitor()
    for visitor, email in ((ann, ANN), (bob, BOB)):
        log_in(visitor, club, email)
        visitor.page.goto(f"{club.url}{WALK}party/")
        expect(visitor.page.locator(".teahouse-refused")).to_have_text(re.compile("not open to you"))
        visitor.page.goto(club.url + WALK)
        sign_up(visitor)
        visitor.page.get_by_role("link", name="Talk with the party").click()
        visitor.is_in_state("online")
    ann.say("We meet at the gate.")
    bob.sees("We meet at the gate.", author="Ann Lee")

    second_tab = Visitor(bob.context)
    second_tab.page.goto(club.url + WALK)
    second_tab.page.get_by_role("button", name="Sign off").click()
    expect(second_tab.page.get_by_role("button", name="Sign up")).to_be_visible()
    ann.say("The gate's code is 1234.")
    ann.sees("The gate's code is 1234.", author="Ann Lee")

    expect(bob.composer()).not_to_be_editable()
    assert "1234" not in bob.page.content()
    bob.page.reload()
    expect(bob.page.locator(".teahouse-refused")).to_have_text(re.compile("not open to you"))
    assert "1234" not in bob.page.content()


def test_only_whom_the_policy_lets_opens_a_room(club: ServerProcess, new_visitor: NewVisitor) -> None:
    for email, opened in ((BOB, False), (ANN, True)):
        visitor = new_visitor()
        log_in(visitor, club, email)
        visitor.page.goto(f"{club.url}/chat/")
        visitor.page.fill("#room", "Committee")
        visitor.page.get_by_role("button", name="Enter").click()
        if opened:
            visitor.is_in_state("online")
        else:
            expect(visitor.page.get_by_role("alert")).to_have_text(re.compile("no such room"))
            visitor.complaints.clear()  # the browser's own, about a page with status 404


def test_a_guest_takes_a_nickname_in_the_hosts_page_and_keeps_it(club: ServerProcess, new_visitor: NewVisitor) -> None:
    guest, member = new_visitor(), new_visitor()
    log_in(member, club, ANN, "/noticeboard/", "lifts")
    guest.open(f"{club.url}/noticeboard/", room="lifts")
    guest.say("Is there a seat?", "lifts")
    member.sees("Is there a seat?", author=guest.nickname("lifts"), room="lifts")
    guest.call_oneself("Gwen", "lifts")
    guest.say("From Oxford.", "lifts")
    member.sees("From Oxford.", author="Gwen", room="lifts")
    # The same guest in every page of the site, the chat's own among them.
    for page in ("/noticeboard/", "/chat/room/lifts/"):
        guest.open(club.url + page, room="lifts")
        assert guest.nickname("lifts") == "Gwen"
        expect(guest.section("lifts").locator(".teahouse-mine")).to_have_count(2)


def test_two_rooms_in_a_page_share_a_connection_and_nothing_else(club: ServerProcess, new_visitor: NewVisitor) -> None:
    ann, bob = new_visitor(), new_visitor()
    sockets: list[str] = []
    ann.page.on("websocket", lambda socket: sockets.append(socket.url))
    for visitor, email in ((ann, ANN), (bob, BOB)):
        log_in(visitor, club, email, "/noticeboard/", "noticeboard")
        visitor.is_in_state("online", "lifts")
    ann.say("A map was found.", "noticeboard")
    ann.say("I drive from Reading.", "lifts")
    bob.sees("A map was found.", room="noticeboard")
    bob.sees("I drive from Reading.", room="lifts")
    assert bob.texts("noticeboard") == ["A map was found."]
    assert bob.texts("lifts") == ["I drive from Reading."]
    assert len(sockets) == 1


def test_the_chat_speaks_the_hosts_language(club: ServerProcess, new_visitor: NewVisitor) -> None:
    for locale, words in (("zh-CN", "说点什么…"), ("en-GB", "Write a message"), ("de-DE", "Write a message")):
        visitor = new_visitor(locale=locale)
        visitor.open(f"{club.url}/noticeboard/", room="lifts")
        expect(visitor.composer("lifts")).to_have_attribute("placeholder", words)


def test_the_hosts_policy_for_content_is_in_force(club: ServerProcess, new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    response = visitor.page.goto(f"{club.url}/noticeboard/")
    assert response is not None
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "unsafe" not in response.headers["content-security-policy"]
    # What breaks it would be a complaint, and fail the test.
    visitor.is_in_state("online", "lifts")
    visitor.say("All is well.", "lifts")
    visitor.sees("All is well.", room="lifts")


def test_who_logs_in_next_neither_sees_nor_sends_what_another_wrote(
    club: ServerProcess, new_visitor: NewVisitor
) -> None:
    browser, reader = new_visitor(), new_visitor()
    log_in(reader, club, CAT)
    log_in(browser, club, ANN)
    browser.composer().fill("Ann's draft")
    # A second tab, whose line is cut: what Ann sends there waits in the browser.
    cut_tab = Visitor(browser.context)
    cut_tab.block_lines()
    cut_tab.page.goto(club.url + WALK)
    cut_tab.composer().fill("Ann's secret")
    cut_tab.composer().press("Enter")
    expect(cut_tab.message("Ann's secret")).to_have_class(re.compile("teahouse-pending"))
    cut_tab.composer().fill("Ann's draft")
    cut_tab.page.close()

    browser.log_out()
    log_in(browser, club, BOB)
    browser.say("Here is Bob.")
    reader.sees("Here is Bob.", author="Bob Ray")
    expect(browser.composer()).to_have_value("")
    assert browser.texts() == reader.texts() == ["Here is Bob."]

    browser.log_out()
    log_in(browser, club, ANN)
    reader.sees("Ann's secret", author="Ann Lee")
    expect(browser.composer()).to_have_value("Ann's draft")


def test_the_form_works_without_javascript_and_leads_back(club: ServerProcess, new_visitor: NewVisitor) -> None:
    bob, ann = new_visitor(java_script_enabled=False), new_visitor()
    log_in(ann, club, ANN)
    bob.log_in(f"{club.url}/login/?next={WALK}", BOB, PASSWORD)
    bob.composer().fill("No script here.")
    bob.section().get_by_role("button", name="Send").click()
    assert bob.page.url == f"{club.url}{WALK}#m1"
    bob.sees("No script here.", author="Bob Ray")
    ann.sees("No script here.", author="Bob Ray")


@pytest.mark.parametrize("hidden", ["CSRF_COOKIE_HTTPONLY", "CSRF_USE_SESSIONS"])
def test_the_hosts_csrf_protection_holds_where_sockets_are_blocked(
    hidden: str, start_club: StartClub, new_visitor: NewVisitor
) -> None:
    club = start_club(**{hidden: True})
    ann, bob = new_visitor(), new_visitor()
    log_in(bob, club, BOB)
    ann.block_sockets()
    ann.log_in(f"{club.url}/login/?next={WALK}", ANN, PASSWORD)
    ann.is_in_state("polling")
    ann.say("Over HTTP.")
    bob.sees("Over HTTP.", author="Ann Lee")
    refused = ann.context.request.post(f"{club.url}/chat/api/v1/", data={"type": "hello", "id": 1, "version": 1})
    assert refused.status == 403
