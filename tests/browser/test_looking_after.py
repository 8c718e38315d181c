"""Rooms that are looked after: private ones, their invitations, and what moderators do, by mouse, keyboard and form."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.test_looks import assert_all_can_be_read
from tests.browser.visitor import Visitor


def open_room(visitor: Visitor, title: str, *, private: bool = False) -> str:
    """Open a room in the lobby, as one owns it; return its address in the site."""
    visitor.page.goto(visitor.site)
    visitor.page.get_by_label("Name of the room").fill(title)
    if private:
        visitor.page.get_by_label("A new private room").check()
    visitor.page.get_by_role("button", name="Enter").click()
    expect(visitor.page.locator(".teahouse-title")).to_have_text(title)
    return visitor.page.url


def about(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="About this room").click()
    expect(visitor.page.locator(".site-is")).to_be_visible()


def invitation(visitor: Visitor) -> str:
    about(visitor)
    visitor.page.get_by_role("button", name="Make a link").click()
    return visitor.page.locator(".site-link").input_value()


def accept(visitor: Visitor, link: str) -> None:
    visitor.page.goto(link)
    visitor.page.locator(".site-enter button").click()


def go(visitor: Visitor, url: str, state: str | None = "online") -> None:
    visitor.page.goto(url)
    if state:
        visitor.wait_for_state(state)


def person_page(visitor: Visitor, name: str) -> None:
    """From the room to the page about who wrote something there."""
    visitor.page.locator("a.teahouse-author[href]", has_text=name).first.click()
    expect(visitor.page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_private_room_is_entered_by_its_link_and_by_nobody_else(visit: Visit, scripts: bool) -> None:
    ann, bo, cy = (visit(name, java_script_enabled=scripts) for name in ("Ann", "Bo", "Cy"))
    room = open_room(ann, f"Secret kitchen {scripts}", private=True)
    link = invitation(ann)
    cy.expected.append("404")
    cy.page.goto(room)
    expect(cy.page.get_by_text("There is no such room, or it is not open to you.")).to_be_visible()
    if scripts:
        bo.page.goto(link)
        assert "#" not in bo.page.url
        bo.page.locator(".site-enter button").click()
    else:
        bo.page.goto(link.partition("#")[0])
        bo.page.locator("input[name=code]").fill(link)
        bo.page.locator(".site-enter button").click()
    expect(bo.page.locator(".teahouse-title")).to_have_text(f"Secret kitchen {scripts}")
    bo.page.goto(bo.site)
    listed = bo.page.locator(".site-room", has_text=f"Secret kitchen {scripts}")
    expect(listed.locator(".site-sign")).to_have_text("private")
    cy.page.goto(cy.site)
    expect(cy.page.locator(".site-room", has_text=f"Secret kitchen {scripts}")).to_have_count(0)
    ann.page.goto(room)
    about(ann)
    expect(ann.page.locator("#invitations li")).to_have_count(1)
    expect(ann.page.locator(".site-link")).to_have_count(0)


def test_a_banned_visitor_is_told_at_once_and_hears_nothing_more(visit: Visit) -> None:
    ann, bo, cy = visit("Ann"), visit("Bo"), visit("Cy")
    room = open_room(ann, "ban")
    for visitor in (bo, cy):
        go(visitor, room)
    bo.say("hello")
    ann.wait_for_state("online")
    ann.sees("hello")
    person_page(ann, "Bo")
    ann.page.locator("#ban-reason").fill("spam")
    ann.page.get_by_label("Ban for").select_option("an hour")
    ann.page.get_by_role("button", name="Ban", exact=True).click()
    expect(bo.page.get_by_text("You are banned from this room.")).to_be_visible()
    expect(bo.page.get_by_role("button", name="Send")).to_be_disabled()
    cy.say("is Bo gone?")
    cy.sees("hello", "is Bo gone?")
    bo.sees("hello")
    bo.expected += ["403", "404"]
    bo.page.reload()
    expect(bo.page.get_by_text("You are banned from this room.")).to_be_visible()
    go(ann, room)
    about(ann)
    ann.page.get_by_role("button", name="Let in again").click()
    go(bo, room)
    bo.say("back")
    cy.sees("hello", "is Bo gone?", "back")


def test_a_muted_one_reads_and_is_told_until_when(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "mute")
    go(bo, room)
    bo.say("la la la")
    bo.write("la")
    ann.wait_for_state("online")
    person_page(ann, "Bo")
    ann.page.get_by_role("button", name="10 minutes").click()
    why = bo.page.locator(".teahouse-why")
    expect(why).to_contain_text(re.compile(r"muted you: you can read, and write again from \d"))
    expect(bo.page.get_by_role("button", name="Send")).to_be_disabled()
    expect(bo.field).to_have_value("la")
    bo.page.reload()
    expect(why).to_contain_text("muted you")
    ann.page.get_by_role("button", name="Let speak again").click()
    expect(why).to_be_hidden()
    bo.say("sorry")
    bo.sees("la la la", "sorry")


def test_a_report_shows_to_a_moderator_who_comes_back_to_the_open_page(visit: Visit) -> None:
    ann, bo, cy = visit("Ann"), visit("Bo"), visit("Cy")
    room = open_room(ann, "report count")
    for visitor in (ann, bo, cy):
        go(visitor, room)
    bo.say("buy pots")
    cy.sees("buy pots")
    cy.message("buy pots").focus()
    cy.page.get_by_role("button", name="Report").click()
    cy.page.keyboard.press("Enter")
    expect(cy.page.locator(".teahouse-told")).to_contain_text("Thank you")
    for visitor in (ann, cy):
        visitor.look_again()
    expect(ann.page.get_by_role("link", name="reports waiting: 1")).to_be_visible()
    expect(cy.page.locator(".teahouse-waiting")).to_have_count(0)


def test_times_about_a_room_stand_in_ones_own_zone(visit: Visit) -> None:
    ann, bo = visit("Ann", timezone_id="Asia/Kathmandu"), visit("Bo")
    room = open_room(ann, "zones")
    go(bo, room)
    bo.say("hello")
    go(ann, room)
    person_page(ann, "Bo")
    ann.page.get_by_role("button", name="10 minutes").click()
    until = ann.page.locator(".site-signs time")
    moment = datetime.fromisoformat(str(until.get_attribute("datetime"))).astimezone(ZoneInfo("Asia/Kathmandu"))
    in_words = re.compile(rf"^(.* )?{moment:%H:%M}$")
    expect(until).to_have_text(in_words)
    ann.page.goto(room)
    about(ann)
    expect(ann.page.locator("#trail li").first.locator("time").last).to_have_text(in_words)


def settings(visitor: Visitor) -> Locator:
    return visitor.page.locator("#settings")


def test_a_locked_room_says_so_live_and_opens_again(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "lock")
    go(bo, room)
    about(ann)
    settings(ann).get_by_role("button", name="Lock the room").click()
    expect(bo.page.locator(".teahouse-why")).to_contain_text("This room is locked")
    expect(bo.page.get_by_role("button", name="Send")).to_be_disabled()
    expect(ann.page.locator(".site-signs")).to_contain_text("locked")
    settings(ann).get_by_role("button", name="Unlock the room").click()
    expect(bo.page.locator(".teahouse-why")).to_be_hidden()
    bo.say("open again")
    bo.sees("open again")
    settings(ann).get_by_label("Title").fill("Lock and key")
    settings(ann).get_by_role("button", name="Save").click()
    expect(bo.page.locator(".teahouse-title")).to_have_text("Lock and key")


def test_slow_mode_counts_down_and_lets_the_next_one_out(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "slow")
    go(bo, room)
    about(ann)
    settings(ann).get_by_label("Seconds between").fill("4")
    settings(ann).get_by_role("button", name="Save").click()
    expect(ann.page.locator(".site-signs")).to_contain_text("slow")
    bo.say("one")
    why = bo.page.locator(".teahouse-why")
    expect(why).to_contain_text("your next message can go out in")
    bo.write("two")
    bo.field.press("Enter")
    expect(bo.field).to_have_value("two")
    bo.sees("one")
    expect(why).to_be_hidden(timeout=10_000)
    bo.field.press("Enter")
    bo.sees("one", "two")


def test_what_a_slow_room_refuses_waits_and_goes_out_by_itself(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "slow queue")
    about(ann)
    settings(ann).get_by_label("Seconds between").fill("3")
    settings(ann).get_by_role("button", name="Save").click()
    go(bo, room)
    bo.context.set_offline(True)
    for text in ("one", "two"):
        bo.say(text)
    bo.context.set_offline(False)
    bo.look_again()
    bo.sees("one", "two")


def test_a_report_reaches_the_moderator_who_deletes_the_message(visit: Visit) -> None:
    ann, bo, cy = visit("Ann"), visit("Bo"), visit("Cy")
    room = open_room(ann, "reports")
    for visitor in (bo, cy):
        go(visitor, room)
    bo.say("buy now")
    cy.sees("buy now")
    cy.message("buy now").focus()
    cy.page.keyboard.press("Tab")
    report = cy.page.get_by_role("button", name="Report")
    while not report.evaluate("button => button === document.activeElement"):
        cy.page.keyboard.press("Tab")
    cy.page.keyboard.press("Enter")
    expect(cy.page.get_by_label("What is wrong with it?")).to_be_focused()
    cy.page.keyboard.type("an ad")
    cy.page.keyboard.press("Enter")
    expect(cy.page.get_by_text("Thank you.")).to_be_visible()
    go(ann, room)
    expect(ann.page.get_by_text("reports waiting: 1")).to_have_count(1)
    about(ann)
    reports = ann.page.locator("#reports")
    expect(reports).to_contain_text("an ad")
    reports.get_by_label("What came of it").fill("deleted as an ad")
    reports.get_by_role("button", name="Delete the message").click()
    expect(reports).to_have_count(0)
    for visitor in (bo, cy):
        visitor.sees("This message was deleted.")
    expect(ann.page.locator("#trail")).to_contain_text("deleted a message of Bo")


def test_a_moderator_deletes_from_the_message_itself(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "delete")
    go(bo, room)
    bo.say("nonsense")
    ann.wait_for_state("online")
    ann.message("nonsense").hover()
    expect(ann.page.get_by_role("button", name="Report")).to_have_count(0)
    ann.page.get_by_role("button", name="Delete").click()
    ann.page.get_by_role("button", name="Delete").click()
    bo.sees("This message was deleted.")


def test_thinking_better_of_a_report_leaves_everything_as_it_was(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "no report")
    go(bo, room)
    ann.say("hello")
    bo.message("hello").hover()
    bo.page.get_by_role("button", name="Report").click()
    bo.page.keyboard.type("on second thought")
    bo.page.keyboard.press("Escape")
    expect(bo.page.get_by_label("What is wrong with it?")).to_have_count(0)
    expect(bo.page.get_by_role("button", name="Report")).to_be_visible()
    ann.page.reload()
    expect(ann.page.get_by_text("reports waiting")).to_have_count(0)


def test_a_moderator_made_live_gets_the_means_at_once(visit: Visit) -> None:
    ann, bo, cy = visit("Ann"), visit("Bo"), visit("Cy")
    room = open_room(ann, "promotion")
    for visitor in (bo, cy):
        go(visitor, room)
    cy.say("to be deleted")
    about(bo)
    bo.page.get_by_role("button", name="Join the room").click()
    go(bo, room)
    bo.message("to be deleted").hover()
    expect(bo.page.get_by_role("button", name="Report")).to_be_visible()
    about(ann)
    ann.page.locator("#members").get_by_role("link", name="Bo").click()
    ann.page.get_by_role("button", name="Make a moderator").click()
    expect(bo.page.get_by_role("button", name="Delete")).to_be_visible()
    bo.page.get_by_role("button", name="Delete").click()
    bo.page.get_by_role("button", name="Delete").click()
    cy.sees("This message was deleted.")


def test_who_is_removed_from_a_private_room_is_out_at_once(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "removal", private=True)
    accept(bo, invitation(ann))
    bo.wait_for_state("online")
    go(ann, room)
    about(ann)
    ann.page.locator("#members").get_by_role("link", name="Bo").click()
    ann.page.get_by_role("button", name="Remove from the room").click()
    expect(bo.page.get_by_text("There is no such room, or it is not open to you.")).to_be_visible()
    go(ann, room)
    ann.say("among ourselves")
    ann.sees("among ourselves")
    expect(bo.messages).to_have_count(0)


def test_two_people_write_directly(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    room = open_room(ann, "directly")
    go(bo, room)
    bo.say("hello")
    ann.wait_for_state("online")
    person_page(ann, "Bo")
    ann.page.get_by_role("button", name="Write directly").click()
    ann.wait_for_state("online")
    ann.say("just you and me")
    bo.page.goto(bo.site)
    bo.page.locator(".site-room", has=bo.page.get_by_text("direct", exact=True)).click()
    bo.sees("just you and me")


def test_without_scripts_everything_is_done_by_forms(visit: Visit) -> None:
    ann, bo = visit("Ann", java_script_enabled=False), visit("Bo", java_script_enabled=False)
    room = open_room(ann, "plain care")
    bo.page.goto(room)
    bo.write("buy now")
    bo.page.get_by_role("button", name="Send").click()
    ann.page.goto(room)
    ann.write("mine")
    ann.page.get_by_role("button", name="Send").click()
    bo.page.goto(room)
    bo.page.get_by_role("link", name="Report").click()
    bo.page.get_by_label("What is wrong with it?").fill("boring")
    bo.page.get_by_role("button", name="Report").click()
    expect(bo.page.get_by_text("Thank you.")).to_be_visible()
    ann.page.goto(room)
    about(ann)
    ann.page.locator("#reports").get_by_label("What came of it").fill("it is not")
    ann.page.get_by_role("button", name="Resolve").click()
    expect(ann.page.locator("#reports")).to_have_count(0)
    expect(ann.page.locator("#trail")).to_contain_text("it is not")
    settings(ann).get_by_role("button", name="Lock the room").click()
    bo.page.goto(room)
    expect(bo.page.get_by_text("This room is locked: nobody writes in it now.")).to_be_visible()
    expect(bo.page.get_by_role("button", name="Send")).to_be_disabled()
    ann.page.get_by_role("link", name="Back to the room").click()
    person_page(ann, "Bo")
    ann.page.get_by_role("button", name="Ban", exact=True).click()
    bo.expected += ["403"]
    bo.page.reload()
    expect(bo.page.get_by_text("You are banned from this room.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_control_has_a_name_and_every_text_stands_out(visit: Visit, scheme: str) -> None:
    ann, bo = visit("Ann", color_scheme=scheme), visit("Bo")
    room = open_room(ann, f"names {scheme}")
    go(bo, room)
    bo.say("hello")
    ann.wait_for_state("online")
    ann.sees("hello")
    person_page(ann, "Bo")
    assert_named_and_readable(ann)
    ann.page.get_by_role("button", name="10 minutes").click()
    go(ann, room)
    about(ann)
    ann.page.get_by_role("button", name="Make a link").click()
    expect(ann.page.locator(".site-link")).to_be_visible()
    assert_named_and_readable(ann)


def assert_named_and_readable(visitor: Visitor) -> None:
    visitor.page.wait_for_load_state("load")  # and with it the style
    assert_all_can_be_read(visitor)
    assert visitor.page.evaluate(UNNAMED) == []
    levels = visitor.page.evaluate("[...document.querySelectorAll('h1, h2')].map((title) => title.tagName)")
    assert levels[0] == "H1"
    assert levels.count("H1") == 1


UNNAMED = """
() => [...document.querySelectorAll("main :is(input:not([type=hidden]), select, textarea, button, a)")]
  .filter((control) => control.checkVisibility())
  .filter((control) => !(control.labels?.length || control.ariaLabel || control.textContent.trim()))
  .map((control) => control.outerHTML)
"""
