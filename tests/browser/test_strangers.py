"""Texts, names and rooms that are markup or script stay text, in pages whose policy forbids what would run."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

MARKUP = [
    "<script>window.caught = true</script>",
    "<img src=x onerror='window.caught = true'>",
    "</textarea></p></li></ol><svg onload=window.caught=1>",
    '"><a href="javascript:window.caught=1">click</a>',
    "{{ 7|add:7 }} {% now 'Y' %} ${7*7}",
    "javascript:window.caught=1//http://example.org",
    "</script><!--",
]


def test_texts_that_are_markup_stay_texts(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("markup")
    for text in MARKUP:
        ann.say(text)
    for visitor in (ann, bo):
        visitor.sees(*MARKUP)
        visitor.page.reload()
        visitor.wait_for_state("online")
        visitor.sees(*MARKUP)
        hrefs = visitor.page.locator(".teahouse-text a").evaluate_all("links => links.map((link) => link.href)")
        assert hrefs == ["http://example.org/"]
        assert visitor.page.evaluate("window.caught") is None


@pytest.mark.parametrize("name", ["<script>window.caught = 1</script>", "<b onclick=alert(1)>Ann"])
def test_a_nickname_that_is_markup_stays_a_name(visit: Visit, name: str) -> None:
    ann = visit(name)
    ann.enter("named")
    ann.say("hello")
    expect(ann.page.locator(".teahouse-author").last).to_have_text(name)
    expect(ann.page.locator(".teahouse-you-name")).to_have_text(name)
    assert ann.page.evaluate("window.caught") is None


@pytest.mark.parametrize("room", ["<script>alert(1)<", "a&b \"quoted\" 'too'", "{{ room }} %s %(x)s", "غرفة <i>群聊"])
def test_a_room_name_that_is_markup_stays_a_name(visit: Visit, room: str) -> None:
    ann = visit("Ann")
    ann.page.goto(ann.site)
    ann.page.locator("#room").fill(room)
    ann.page.locator(".site-open button").click()
    ann.wait_for_state("online")
    expect(ann.page.locator(".teahouse-title")).to_have_text(room)
    ann.say("here")
    ann.sees("here")
    ann.page.goto(ann.site)
    expect(ann.page.locator(".site-room-title").filter(has_text=room)).to_have_count(1)


def test_only_web_addresses_become_links_and_they_give_nothing_away(visit: Visit) -> None:
    ann = visit("Ann")
    ann.enter("links")
    ann.say("See https://example.org/tea_(drink), ftp://example.org, data:text/html,x and http://me@example.org.")
    link = ann.page.locator(".teahouse-text a")
    expect(link).to_have_count(1)
    expect(link).to_have_text("https://example.org/tea_(drink)")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")
