"""A browser without JavaScript reads, turns pages, and posts."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.log_filler import fill
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


def test_without_scripts_one_chooses_a_nickname_in_the_room(visit: Visit) -> None:
    ann = visit("Ann", java_script_enabled=False)
    ann.enter("plain names", state=None)
    ann.page.locator(".teahouse-you summary").click()
    ann.page.locator(".teahouse-you input[name=name]").fill("Anna")
    ann.page.locator(".teahouse-you form button").click()
    expect(ann.page.locator(".teahouse-title")).to_have_text("plain names")
    expect(ann.page.locator(".teahouse-you-name")).to_have_text("Anna")
