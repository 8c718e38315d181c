"""The pages of the stages in Chromium: talking, and the exit button that leaves cleanly."""

import re

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.servers.processes import ServerProcess, wait_until
from tests.tutorial.conftest import PASSWORD, USERNAME
from tests.tutorial.visitors import GREETING

PAGES = ["/", "/echo/", "/list/", "/groups/群聊/", "/teahouse/ws/群聊/", "/account/"]


def test_no_page_needs_inline_script_and_all_forbid_it(server: ServerProcess) -> None:
    for path in PAGES:
        response = httpx.get(server.url + path, trust_env=False)

        assert response.status_code == 200
        assert response.headers["Content-Security-Policy"] == "default-src 'self'"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=", response.text)


@pytest.mark.parametrize(("path", "stage"), [("/echo/", "echo"), ("/list/", "list"), ("/groups/群聊/", "groups")])
def test_the_exit_button_leaves_cleanly_on_both_sides(server: ServerProcess, page: Page, path: str, stage: str) -> None:
    left = f"{stage}: left with 1000"
    before = server.log.count(left)
    page.goto(server.url + path)
    expect(page.locator("#state")).to_contain_text("Connected")

    page.click("#leave")

    expect(page.locator("#state")).to_contain_text("You have left")
    expect(page.locator("#send")).to_be_disabled()
    wait_until(lambda: server.log.count(left) == before + 1, left)


def test_the_echo_page_shows_greeting_and_answer_as_text(server: ServerProcess, page: Page) -> None:
    page.goto(server.url + "/echo/")
    page.fill("#text", "<img src=x onerror=alert(1)>")
    page.click("#send")

    expect(page.locator("#messages div")).to_have_text([GREETING, "You said: <img src=x onerror=alert(1)>"])


def test_two_browsers_talk_in_a_group(server: ServerProcess, context: BrowserContext) -> None:
    ann, bob = context.new_page(), context.new_page()
    for page in (ann, bob):
        page.goto(server.url + "/groups/群聊/")
        expect(page.locator("#messages")).to_contain_text(GREETING)

    ann.fill("#text", "喝茶吗")
    ann.press("#text", "Enter")

    expect(bob.locator("#messages div")).to_have_text([GREETING, "喝茶吗"])


def test_the_account_page_logs_in_and_out(server: ServerProcess, page: Page) -> None:
    page.goto(server.url + "/account/")
    answers = page.locator("#answers")
    page.click("#me")
    expect(answers).to_contain_text("GET /api/v1/me/ 401")
    page.fill("[name=username]", USERNAME)
    page.fill("[name=password]", PASSWORD)
    page.click("#login button")
    expect(answers).to_contain_text('POST /api/v1/token/login/ 200 {"token":"…"}')
    page.click("#me")
    expect(answers).to_contain_text(f'GET /api/v1/me/ 200 {{"username":"{USERNAME}"}}')
    page.click("#logout")
    expect(answers).to_contain_text("POST /api/v1/token/logout/ 200")
    page.click("#me")
    expect(answers).to_contain_text(re.compile(r"200[^\n]*\n[^\n]*me/ 401"))
