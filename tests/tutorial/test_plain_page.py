"""A beginner's page, served from the same origin, is as it stands a client of Teahouse at both its addresses."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.servers.processes import ServerProcess, python_path
from tests.tutorial.conftest import SERVERS, without_traceback
from tests.tutorial.test_teahouse import ADDRESSES

LEFT = re.compile(r"\[closed 100[05]\]")


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, shared_server: Callable[..., ServerProcess]) -> Iterator[ServerProcess]:
    """The tutorial's project with a beginner's page in it, under each server in turn."""
    here = python_path(Path(__file__).parent)
    yield from without_traceback(shared_server(request.param, DJANGO_SETTINGS_MODULE="plain_settings", PYTHONPATH=here))


def open_plain_page(context: BrowserContext, server: ServerProcess, address: str, room: str) -> Page:
    """The page in a window of its own, connected."""
    page = context.new_page()
    page.goto(f"{server.url}/plain/{address}/{room}/")
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
    # A bare close() has no code; uvicorn echoes that, daphne answers 1000.
    expect(bob.locator("#log p").last).to_have_text(LEFT)
    ann.fill("#words", "alone")
    ann.click("#say")

    expect(ann.locator("#log p")).to_have_text(["[open]", "<i>喝茶吗</i>", "alone"])
    expect(bob.locator("#log p")).to_have_text(["[open]", "<i>喝茶吗</i>", LEFT])


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


def test_a_beginners_page_and_teahouses_own_page_are_in_one_room(
    server: ServerProcess, context: BrowserContext
) -> None:
    beginner, page = open_plain_page(context, server, "ws", "own page"), context.new_page()
    page.goto(f"{server.url}/room/own page/")

    page.fill(".teahouse-composer textarea", "你好 from the room's page")
    page.press(".teahouse-composer textarea", "Enter")
    expect(beginner.locator("#log p").last).to_have_text("你好 from the room's page")
    beginner.fill("#words", "and back")
    beginner.click("#say")

    expect(page.locator(".teahouse-text").last).to_have_text("and back")
