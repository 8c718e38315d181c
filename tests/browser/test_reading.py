"""Long rooms: history comes without a jump, the page stays small, and one finds what is new and what was linked."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.log_filler import fill
from tests.browser.visitor import Visitor
from tests.servers.processes import ServerProcess

LONG = 700
MOST_IN_PAGE = 310

# Scrolls near to the top, and writes down at each frame where the message stands that is then the first in view.
WATCH_ONE_MESSAGE = """
async (milliseconds) => {
  const scroller = document.querySelector(".teahouse-scroll");
  const first = () => Number(document.querySelector(".teahouse-message[data-seq]").dataset.seq);
  const before = first();
  scroller.scrollTop = 250;
  const top = scroller.getBoundingClientRect().top;
  const items = [...document.querySelectorAll(".teahouse-message")];
  const anchor = items.find((item) => item.getBoundingClientRect().bottom > top);
  const places = [anchor.getBoundingClientRect().top];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    places.push(anchor.getBoundingClientRect().top);
  }
  return { before, after: first(), moved: Math.max(...places) - Math.min(...places), connected: anchor.isConnected };
}
"""


@pytest.fixture(scope="module")
def long_room(site: ServerProcess) -> str:
    texts = [f"message {number} " + "tea " * (number % 23) for number in range(1, LONG + 1)]
    fill(site.ws_url, "long", texts)
    return "long"


def watch_one_message(visitor: Visitor) -> dict[str, Any]:
    watched: dict[str, Any] = visitor.page.evaluate(WATCH_ONE_MESSAGE, 1200)
    return watched


def scroll_to_the_beginning(visitor: Visitor) -> None:
    beginning = visitor.page.get_by_text("Here the room begins")
    while not beginning.is_visible():
        visitor.page.evaluate("document.querySelector('.teahouse-scroll').scrollTop = 0")
        visitor.page.wait_for_timeout(50)


def in_page(visitor: Visitor) -> int:
    return visitor.messages.count()


def test_history_comes_without_a_jump(visit: Visit, long_room: str) -> None:
    ann = visit("Ann")
    ann.enter(long_room)
    watched = watch_one_message(ann)
    assert watched["after"] < watched["before"], "nothing was loaded"
    assert watched["connected"]
    assert watched["moved"] < 1
    again = watch_one_message(ann)
    assert again["after"] < watched["after"]
    assert again["moved"] < 1


def test_the_page_stays_small_however_long_the_room(visit: Visit, long_room: str) -> None:
    ann = visit("Ann")
    ann.enter(long_room)
    scroll_to_the_beginning(ann)
    expect(ann.messages.first.locator(".teahouse-text")).to_have_text("message 1 tea ")
    assert in_page(ann) <= MOST_IN_PAGE
    ann.page.get_by_role("button", name="To the newest messages").click()
    expect(ann.messages.last.locator(".teahouse-text")).to_contain_text(f"message {LONG} ")
    assert in_page(ann) <= MOST_IN_PAGE


def test_scrolling_down_again_meets_every_message(visit: Visit, long_room: str) -> None:
    ann = visit("Ann")
    ann.enter(long_room)
    scroll_to_the_beginning(ann)
    met: set[int] = set()
    ann.page.locator(".teahouse-scroll").hover()
    while max(met, default=0) < LONG:
        numbers = ann.messages.evaluate_all("items => items.map((item) => Number(item.dataset.seq))")
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert not met or numbers[0] <= max(met) + 1, "messages were passed over"
        met.update(numbers)
        ann.page.mouse.wheel(0, 3000)
        ann.page.wait_for_timeout(60)


def test_who_reads_further_up_is_not_moved_and_told_what_came(visit: Visit, site: ServerProcess) -> None:
    fill(site.ws_url, "busy", [f"message {number}" for number in range(60)])
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("busy")
    ann.page.locator(".teahouse-scroll").hover()
    ann.page.mouse.wheel(0, -900)
    ann.page.wait_for_timeout(200)
    place = ann.message("message 40").bounding_box()
    for text in ("news", "more news"):
        bo.say(text)
    button = ann.page.get_by_role("button", name="New messages: 2")
    expect(button).to_be_visible()
    assert ann.message("message 40").bounding_box() == place
    button.click()
    expect(ann.message("more news")).to_be_in_viewport()
    expect(button).to_be_hidden()
    mark = ann.page.locator(".teahouse-new + .teahouse-message .teahouse-text")
    expect(mark).to_have_text("news")
    ann.say("I have read it")
    expect(ann.page.locator(".teahouse-new")).to_have_count(0)


def test_what_came_while_one_was_away_is_marked_at_the_return(visit: Visit) -> None:
    ann, bo = visit("Ann"), visit("Bo")
    for visitor in (ann, bo):
        visitor.enter("return")
    bo.say("seen")
    ann.sees("seen")
    ann.page.goto(ann.site)
    bo.say("not seen")
    bo.sees("seen", "not seen")
    ann.enter("return")
    expect(ann.page.locator(".teahouse-new + .teahouse-message .teahouse-text")).to_have_text("not seen")
    ann.page.reload()
    ann.wait_for_state("online")
    ann.sees("seen", "not seen")
    expect(ann.page.locator(".teahouse-new")).to_have_count(0)


def test_one_follows_the_end_while_messages_come(visit: Visit, site: ServerProcess) -> None:
    ann = visit("Ann")
    ann.enter("flow")
    numbers = fill(site.ws_url, "flow", [f"message {number}" for number in range(400)])
    expect(ann.messages.last.locator(".teahouse-text")).to_have_text("message 399")
    expect(ann.messages.last).to_be_in_viewport()
    assert in_page(ann) <= MOST_IN_PAGE
    assert int(ann.messages.last.get_attribute("data-seq") or 0) == numbers[-1]


def test_a_permalink_shows_its_message(visit: Visit, long_room: str) -> None:
    ann = visit("Ann")
    ann.enter(long_room, query="?around=300#m300")
    expect(ann.page.locator('[data-seq="300"]')).to_be_in_viewport()
    expect(ann.page.locator('[data-seq="300"]')).to_have_class(r"teahouse-message teahouse-continued teahouse-pointed")
    ann.page.get_by_role("button", name="To the newest messages").click()
    expect(ann.messages.last.locator(".teahouse-text")).to_contain_text(f"message {LONG} ")


def test_a_permalink_in_the_room_leads_there_and_back_does_too(visit: Visit, long_room: str) -> None:
    ann = visit("Ann")
    ann.enter(long_room, query="?around=300#m300")
    expect(ann.page.locator('[data-seq="300"]')).to_be_in_viewport()
    ann.page.locator('[data-seq="298"]').hover()
    ann.page.locator('[data-seq="298"] .teahouse-permalink').click()
    assert ann.page.url.endswith("?around=298#m298")
    expect(ann.page.locator('[data-seq="298"]')).to_have_class(r"teahouse-message teahouse-continued teahouse-pointed")
    ann.page.go_back()
    expect(ann.page.locator('[data-seq="300"]')).to_be_in_viewport()


def test_a_hash_alone_finds_its_message(visit: Visit, long_room: str) -> None:
    ann = visit("Ann")
    ann.enter(long_room, query="#m20")
    expect(ann.page.locator('[data-seq="20"]')).to_be_in_viewport()


def test_times_are_those_of_the_reader(visit: Visit, site: ServerProcess) -> None:
    fill(site.ws_url, "times", ["now"])
    shown = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        reader = visit("Ann", timezone_id=zone)
        reader.enter("times")
        time = reader.page.locator(".teahouse-message time")
        shown.append(time.text_content())
        here = "at => new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(new Date(at))"
        assert shown[-1] == reader.page.evaluate(here, time.get_attribute("datetime"))
        assert "202" in (time.get_attribute("title") or "")
    assert shown[0] != shown[1]


def test_the_title_tells_of_what_came_while_one_read_elsewhere(visit: Visit, site: ServerProcess) -> None:
    fill(site.ws_url, "title", [f"message {number}" for number in range(60)])
    ann = visit("Ann")
    ann.enter("title")
    # Until the room has begun, it leads to its end whoever looks elsewhere.
    fill(site.ws_url, "title", ["a first one"], name="Bo")
    expect(ann.page.get_by_text("a first one", exact=True)).to_be_visible()
    ann.page.evaluate("document.querySelector('.teahouse-scroll').scrollTop = 900")
    fill(site.ws_url, "title", ["one more", "and another"], name="Bo")
    expect(ann.page).to_have_title("(2) title · Teahouse")
    ann.page.get_by_role("button", name="New messages: 2").click()
    expect(ann.page).to_have_title("title · Teahouse")


JOIN = """
async (room) => {
  const { api, csrf } = document.querySelector("[data-teahouse-room]").dataset;
  const body = JSON.stringify({ type: "join", id: 1, room });
  const headers = { "X-CSRFToken": document.cookie.match(/csrftoken=([^;]*)/)?.[1] ?? csrf };
  return (await (await fetch(api, { method: "POST", headers, body })).json()).answer.role;
}
"""


def test_the_lobby_counts_what_a_member_has_not_looked_at(visit: Visit) -> None:
    ann, bob = visit("Ann"), visit("Bob")
    ann.enter("counted")
    bob.enter("counted")
    assert bob.page.evaluate(JOIN, "counted") == "member"
    bob.page.goto(bob.site)
    for text in ("one", "two"):
        ann.say(text)
        expect(ann.messages.get_by_text(text)).to_be_visible()
    expect(ann.page.locator(".teahouse-pending")).to_have_count(0)
    bob.page.goto(bob.site)
    counted = bob.page.locator(".site-room", has_text="counted").locator(".site-room-unread")
    expect(counted.locator("[aria-hidden]")).to_have_text("2")

    bob.enter("counted")
    expect(bob.messages.get_by_text("two")).to_be_visible()
    bob.page.goto(bob.site)
    for _ in range(50):  # the page said so as it left, and the lobby may have been asked for sooner
        if counted.count() > 0:
            bob.page.reload()
    expect(counted).to_have_count(0)
