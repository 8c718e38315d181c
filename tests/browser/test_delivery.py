"""Lines that break: what was sent arrives once, what was not is kept, and the page says how it stands."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.servers.processes import ServerProcess

PASSWORD = "two leaves and a bud"


def test_a_restart_of_the_server_loses_nothing(visit: Visit, own_site: ServerProcess) -> None:
    ann, bo = visit("Ann", at=own_site), visit("Bo", at=own_site)
    for visitor in (ann, bo):
        visitor.enter("restart")
    ann.say("before")
    bo.sees("before")
    own_site.kill()
    ann.wait_for_state("waiting")
    ann.say("meanwhile")
    expect(ann.page.locator(".teahouse-pending .teahouse-text")).to_have_text("meanwhile")
    own_site.start()
    for visitor in (ann, bo):
        visitor.look_again()
        visitor.wait_for_state("online")
        visitor.sees("before", "meanwhile")
    bo.say("after")
    ann.sees("before", "meanwhile", "after")


def test_what_is_sent_offline_is_pending_and_goes_out_when_back(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("offline")
    ann.context.set_offline(True)
    for text in ("first", "second"):
        ann.say(text)
    expect(ann.page.locator(".teahouse-pending .teahouse-text")).to_have_text(["first", "second"])
    expect(ann.page.locator(".teahouse-status")).to_contain_text("You are offline.", timeout=15_000)
    expect(ann.field).to_have_value("")
    ann.context.set_offline(False)
    for visitor in (ann, bo):
        visitor.sees("first", "second")
    ann.wait_for_state("online")


def test_what_waits_to_be_sent_outlives_a_reload(visit: Visit) -> None:
    ann = visit("Ann")
    ann.block_lines()
    ann.enter("patience", state="waiting")
    ann.say("written before the reload")
    ann.page.reload()
    expect(ann.page.locator(".teahouse-pending .teahouse-text")).to_have_text("written before the reload")
    ann.reachable = True
    ann.look_again()
    ann.sees("written before the reload")
    ann.page.reload()
    ann.wait_for_state("online")
    ann.sees("written before the reload")


def test_a_page_whose_sockets_are_blocked_says_so_polls_and_posts(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    ann.block_sockets()
    ann.enter("blocked", state="polling")
    expect(ann.page.locator(".teahouse-status")).to_contain_text("The live connection is blocked here.")
    bo.enter("blocked")
    ann.say("through the letter box")
    bo.sees("through the letter box")
    bo.say("and back")
    ann.sees("through the letter box", "and back")
    ann.reachable = True
    ann.look_again()
    ann.wait_for_state("online")
    bo.say("live again")
    ann.sees("through the letter box", "and back", "live again")


@pytest.fixture(scope="module")
def users(site: ServerProcess) -> None:
    for name in ("alice", "bert"):
        subprocess.run(
            [str(Path(sys.executable).with_name("teahouse")), "createsuperuser", "--noinput", "--username", name],
            env={**os.environ, **site.environment, "DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DJANGO_SUPERUSER_EMAIL": ""},
            check=True,
            capture_output=True,
            timeout=60,
        )


def log_in(visitor: Visitor, name: str) -> None:
    visitor.page.goto(f"{visitor.site}/accounts/login/")
    visitor.page.locator("input[name=username]").fill(name)
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.locator("main form button").click()
    expect(visitor.page.locator(".site-person")).to_have_text(name)


def log_out(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Log out").click()
    expect(visitor.page.get_by_role("link", name="Log in")).to_be_visible()


@pytest.mark.usefixtures("users")
def test_what_one_login_left_unsent_is_not_shown_or_sent_under_another(visit: Visit) -> None:
    window = visit()
    window.block_lines()
    log_in(window, "alice")
    window.enter("shared computer", state="waiting")
    window.say("from alice alone")
    window.write("a draft of alice")
    log_out(window)
    window.reachable = True

    log_in(window, "bert")
    window.enter("shared computer")
    expect(window.messages).to_have_count(0)
    expect(window.field).to_have_value("")
    window.say("from bert")
    window.sees("from bert")
    log_out(window)

    log_in(window, "alice")
    window.enter("shared computer")
    window.sees("from bert", "from alice alone")
    expect(window.message("from alice alone").locator(".teahouse-author")).to_have_text("alice")
    expect(window.field).to_have_value("a draft of alice")


def say_what_cannot_be_stored(visitor: Visitor) -> None:
    """Half a character: only a script can type it."""
    visitor.field.evaluate("field => { field.value = 'half \\ud83c'; field.dispatchEvent(new Event('input')) }")
    visitor.field.press("Enter")
    expect(visitor.page.locator(".teahouse-failed")).to_contain_text("holds characters that cannot be stored")


def test_a_message_that_the_server_refuses_can_be_changed_and_sent(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("refused")
    say_what_cannot_be_stored(ann)
    ann.page.get_by_role("button", name="Send again").click()
    expect(ann.page.locator(".teahouse-failed")).to_contain_text("not sent")
    ann.write("what was being written meanwhile")
    ann.page.get_by_role("button", name="Change it").click()
    expect(ann.field).to_have_value(re.compile("half .+\nwhat was being written meanwhile"))
    ann.say("whole")
    ann.sees("whole")


def test_a_message_that_the_server_refuses_can_be_discarded(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("discarded")
    say_what_cannot_be_stored(ann)
    ann.page.reload()
    ann.wait_for_state("online")
    expect(ann.page.locator(".teahouse-failed")).to_have_count(1)
    ann.page.get_by_role("button", name="Discard").click()
    expect(ann.messages).to_have_count(0)
    ann.page.reload()
    ann.wait_for_state("online")
    expect(ann.page.get_by_text("It is quiet here.")).to_be_visible()
    expect(ann.messages).to_have_count(0)


def test_the_next_try_can_be_made_at_once(visit: Visit) -> None:
    ann = visit("Ann")
    ann.block_lines()
    ann.enter("impatience", state="waiting")
    expect(ann.page.locator(".teahouse-status")).to_contain_text("Trying again in")
    ann.reachable = True
    ann.page.get_by_role("button", name="Connect now").click()
    ann.wait_for_state("online")


def lines_of(visitor: Visitor) -> list[WebSocketRoute]:
    """The lines that a visitor opens from now on: they reach the server, and the test can speak for it."""
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    visitor.page.route_web_socket("**/ws/", through)
    return lines


def test_who_may_watch_no_more_is_told_and_keeps_the_draft(visit: Visit) -> None:
    ann = visit("Ann")
    lines = lines_of(ann)
    ann.enter("closing time")
    ann.write("one more thing")
    ended = {"type": "ended", "room": "closing time", "code": "not_allowed", "text": "you may not watch this room"}
    lines[-1].send(json.dumps(ended))
    expect(ann.page.get_by_text("You may not do this.")).to_be_visible()
    expect(ann.field).to_have_value("one more thing")
    expect(ann.page.get_by_role("button", name="Send")).to_be_disabled()


def test_a_line_that_shall_not_come_back_says_why_and_comes_back_when_asked(visit: Visit) -> None:
    ann = visit("Ann")
    lines = lines_of(ann)
    ann.enter("refused line")
    lines[-1].close(code=4003, reason="not_allowed")
    ann.wait_for_state("stopped")
    expect(ann.page.locator(".teahouse-status")).to_contain_text("Not connected. You may not do this.")
    ann.say("kept")
    ann.page.get_by_role("button", name="Connect now").click()
    ann.wait_for_state("online")
    ann.sees("kept")
