"""The host's style sheet and the chat's in one page: neither reaches into the other."""

import re

import pytest
from playwright.sync_api import Page

from tests.embedding.conftest import ANN, BOB, PASSWORD, NewVisitor
from tests.embedding.visitor import Visitor
from tests.servers.processes import ServerProcess

# How each element of ours, or each of the host's, is drawn; sizes follow from these and from the room there is.
COMPUTED = """
ours => {
  const drawn = [
    "background-color", "background-image", "border-radius", "border-top", "border-bottom", "box-shadow", "color",
    "display", "font-family", "font-size", "font-style", "font-weight", "letter-spacing", "line-height", "list-style",
    "margin-top", "margin-bottom", "opacity", "padding", "position", "text-align", "text-decoration", "text-indent",
    "text-transform", "visibility", "white-space", "word-spacing",
  ];
  const look = (element, part) => {
    const style = getComputedStyle(element, part);
    if (part && style.content === "none") return "";
    return drawn.map(property => `${property}: ${style.getPropertyValue(property)}`).join("; ");
  };
  const name = element => {
    const words = element.textContent.trim().slice(0, 20);
    return `${element.tagName} ${element.getAttribute("class") ?? ""} "${words}"`;
  };
  const of = element => [null, "::before", "::after"].map(part => `${name(element)} ${part}: ${look(element, part)}`);
  return [...document.querySelectorAll("body *:not(script, link)")]
    .filter(element => Boolean(element.closest(".teahouse")) === ours)
    .flatMap(of);
}
"""


def drawn(page: Page, *, ours: bool) -> list[str]:
    found: list[str] = page.evaluate(COMPUTED, ours)
    assert len(found) > 30
    return found


@pytest.fixture
def ann(club: ServerProcess, new_visitor: NewVisitor) -> Visitor:
    """Ann, in a room with messages of both, and the nicknames and forms that a guest sees beside it."""
    ann, bob = new_visitor(), new_visitor()
    for visitor, email in ((bob, BOB), (ann, ANN)):
        visitor.log_in(f"{club.url}/login/?next=/walks/1/", email, PASSWORD)
        visitor.is_in_state("online")
    bob.say("Here is a map: https://example.org/")
    bob.say("And a second line.")
    ann.sees("And a second line.")
    ann.say("Thank you.")
    ann.sees("Thank you.")
    return ann


def without(visitor: Visitor, style_sheet: str, url: str, room: str | None = None) -> Page:
    """The page in a second window of the same person, which gets that style sheet empty."""
    other = Visitor(visitor.context)
    other.page.route(re.compile(style_sheet), lambda route: route.fulfill(body="", content_type="text/css"))
    other.open(url, room=room)
    return other.page


def test_the_hosts_rules_end_at_the_chats_door(club: ServerProcess, ann: Visitor) -> None:
    ann.page.reload()
    ann.is_in_state("online")
    plain = without(ann, "club/club.css", f"{club.url}/walks/1/")
    assert drawn(ann.page, ours=True) == drawn(plain, ours=True)


def test_the_chats_rules_stay_in_the_chat(club: ServerProcess, ann: Visitor) -> None:
    ann.page.reload()
    ann.is_in_state("online")
    plain = without(ann, "teahouse/css/", f"{club.url}/walks/1/")
    assert drawn(ann.page, ours=False) == drawn(plain, ours=False)


def test_they_end_there_for_guests_too_with_their_nickname_form(club: ServerProcess, new_visitor: NewVisitor) -> None:
    guest = new_visitor()
    guest.open(f"{club.url}/noticeboard/", room="lifts")
    plain = without(guest, "club/club.css", f"{club.url}/noticeboard/", "lifts")
    for page in (guest.page, plain):
        page.locator(".teahouse-you summary").first.click()
    assert drawn(guest.page, ours=True) == drawn(plain, ours=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_window(club: ServerProcess, new_visitor: NewVisitor, width: int) -> None:
    visitor = new_visitor(viewport={"width": width, "height": 844})
    for path in ("/", "/walks/1/", "/noticeboard/", "/chat/", "/chat/room/lifts/"):
        visitor.page.goto(club.url + path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, path
