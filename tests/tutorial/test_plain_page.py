"""A beginner's page, served from the same origin, is as it stands a client of Teahouse at both its addresses."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.servers.processes import ServerProcess
from tests.tutorial.test_teahouse import ADDRESSES

PLAIN_PAGE = Path(__file__).with_name("plain_page.html").read_text()


def open_plain_page(context: BrowserContext, server: ServerProcess, address: str, room: str) -> Page:
    """The page in a window of its own, as if the tutorial's site served it."""
    host = server.url.removeprefix("http://")
    html = PLAIN_PAGE.replace("HOST", host).replace("ADDRESS", address).replace("ROOM", room)
    page = context.new_page()
    page.route("**/plain-page/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(server.url + "/plain-page/")
    expect(page.locator("#log p").first).to_have_text("[open]")
    return page


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_beginners_page_talks_through_teahouse_and_leaves(
    server: ServerProcess, context: BrowserContext, address: str
) -> None:
    ann = open_plain_page(context, server, address, "beginners")
    bob = open_plain_page(context, server, address, "beginners")

    ann.fill("#words", "<i>喝茶吗</i>")
    ann.click("#say")
    expect(bob.locator("#log p")).to_have_text(["[open]", "<i>喝茶吗</i>"])
    bob.click("#quit")
    expect(bob.locator("#log p").last).to_have_text("[closed 1005]")
    ann.fill("#words", "alone")
    ann.click("#say")

    expect(ann.locator("#log p")).to_have_text(["[open]", "<i>喝茶吗</i>", "alone"])
    expect(bob.locator("#log p")).to_have_text(["[open]", "<i>喝茶吗</i>", "[closed 1005]"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_stages_own_page_talks_through_teahouse(
    server: ServerProcess, context: BrowserContext, address: str
) -> None:
    page, beginner = context.new_page(), open_plain_page(context, server, address, "群聊")
    page.goto(f"{server.url}/teahouse/{address}/群聊/")
    expect(page.locator("#state")).to_contain_text("Connected")

    page.fill("#text", "你好")
    page.press("#text", "Enter")

    expect(page.locator("#messages div")).to_have_text(["你好"])
    expect(beginner.locator("#log p")).to_have_text(["[open]", "你好"])
    page.click("#leave")
    expect(page.locator("#state")).to_contain_text("You have left")
