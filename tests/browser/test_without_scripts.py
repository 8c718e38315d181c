"""A browser without JavaScript reads, turns pages, and posts."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.log_filler import fill
from tests.browser.visitor import Visitor
from tests.servers.processes import ServerProcess


def test_without_scripts_one_reads_and_posts(visit: Visit) -> None:
    ann, bo = visit("Ann", java_script_enabled=False), visit("Bo")
    bo.enter("plain")
    ann.enter("plain", state=None)
    ann.write("by the form\nin two lines")
    ann.page.get_by_role("button", name="Send").click()
    bo.sees("by the form\nin two lines")
    bo.say("seen")
    bo.sees("by the form\nin two lines", "seen")
    ann.page.reload()
    expect(ann.texts).to_have_text(["by the form\nin two lines", "seen"])
    expect(ann.page.locator(".teahouse-mine .teahouse-text")).to_have_text(["by the form\nin two lines"])
    expect(ann.field).to_have_value("")


def test_without_scripts_one_turns_pages(visit: Visit, site: ServerProcess) -> None:
    fill(site.ws_url, "plain pages", [f"message {number}" for number in range(1, 121)])
    ann = visit("Ann", java_script_enabled=False)
    ann.enter("plain pages", state=None)
    expect(ann.texts.last).to_have_text("message 120")
    expect(ann.texts.last).to_be_in_viewport()
    for first in (21, 1):
        ann.page.get_by_role("link", name="Older messages").click()
        expect(ann.texts.first).to_have_text(f"message {first}")
    expect(ann.page.get_by_role("link", name="Older messages")).to_have_count(0)
    ann.page.get_by_role("link", name="Newest messages").click()
    expect(ann.texts.last).to_have_text("message 120")


@pytest.mark.parametrize("scripts", [False, True])
def test_one_goes_to_a_day_by_its_date(visit: Visit, site: ServerProcess, scripts: bool) -> None:
    room = f"days {scripts}"
    fill(site.ws_url, room, [f"message {number}" for number in range(1, 121)])
    ann = visit("Ann", java_script_enabled=scripts)
    ann.enter(room, state="online" if scripts else None)
    expect(ann.texts.last).to_have_text("message 120")
    go_to_day(ann, "2020-01-01")
    expect(ann.texts.first).to_have_text("message 1")
    expect(ann.texts.first).to_be_in_viewport()
    go_to_day(ann, "2199-12-31")
    expect(ann.texts.last).to_have_text("message 120")
    expect(ann.texts.last).to_be_in_viewport()


def go_to_day(visitor: Visitor, day: str) -> None:
    visitor.page.locator(".teahouse-day summary").click()
    visitor.page.locator(".teahouse-day input").fill(day)
    visitor.page.locator(".teahouse-day button").click()


def test_without_scripts_one_chooses_a_nickname_in_the_room(visit: Visit) -> None:
    ann = visit("Ann", java_script_enabled=False)
    ann.enter("plain names", state=None)
    ann.page.locator(".teahouse-you summary").click()
    ann.page.locator(".teahouse-you input[name=name]").fill("Anna")
    ann.page.locator(".teahouse-you form button").click()
    expect(ann.page.locator(".teahouse-title")).to_have_text("plain names")
    expect(ann.page.locator(".teahouse-you-name")).to_have_text("Anna")
