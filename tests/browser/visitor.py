"""One person at a real browser: enters rooms, speaks, reads, and notes all that went wrong in the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

PHONE = {"width": 390, "height": 844}
# What the browser itself says of a line that a test cuts is no fault of the page's.
OF_CUT_LINES = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED", "ERR_FAILED", "WebSocket connection to")


class Visitor:
    """A browser window with cookies and storage of its own."""

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        self.site = site
        self.context = browser.new_context(**{"locale": "en-GB", **options})
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.expected = list(OF_CUT_LINES)
        self.reachable = True
        self.page.on("console", lambda message: message.type == "error" and self._trouble(message.text))
        self.page.on("pageerror", lambda error: self._trouble(str(error)))
        self.page.on("dialog", lambda dialog: (self._trouble(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _trouble(self, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.troubles.append(text)

    def call_oneself(self, name: str) -> None:
        """Choose a nickname in the lobby."""
        self.page.goto(self.site)
        self.page.locator("#nickname").fill(name)
        with self.page.expect_navigation():
            self.page.locator(".site-you button").click()

    def enter(self, room: str, *, state: str | None = "online", query: str = "") -> None:
        """Go to a room's page, and wait until its line stands."""
        self.page.goto(f"{self.site}/room/{quote(room, safe='')}/{query}")
        if state is not None:
            self.wait_for_state(state)

    def wait_for_state(self, state: str) -> None:
        expect(self.page.locator(".teahouse-status")).to_have_attribute("data-state", state, timeout=30_000)

    def write(self, text: str) -> None:
        self.field.fill(text)

    def say(self, text: str) -> None:
        """Write it and press Enter; it may be on its way afterwards."""
        self.write(text)
        self.field.press("Enter")

    def begin_edit(self, text: str) -> None:
        """Press Edit beside the one message with exactly this text."""
        self.message(text).hover()
        self.page.get_by_role("button", name="Edit").click()

    def block_lines(self) -> None:
        """From now on nothing of the page reaches the server, until `reachable` is set again."""
        self.reachable = False
        self.page.route_web_socket("**/ws/", self._socket)
        self.page.route("**/api/v1/", lambda route: route.continue_() if self.reachable else route.abort())

    def block_sockets(self) -> None:
        """Sockets close as they open, as behind a proxy that knows none; requests pass."""
        self.reachable = False
        self.page.route_web_socket("**/ws/", self._socket)

    def _socket(self, socket: WebSocketRoute) -> None:
        if self.reachable:
            socket.connect_to_server()
        else:
            socket.close()

    def look_again(self) -> None:
        """What coming back to the page does."""
        self.page.evaluate("window.dispatchEvent(new Event('focus'))")

    @property
    def field(self) -> Locator:
        return self.page.locator(".teahouse-composer textarea")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".teahouse-message")

    @property
    def texts(self) -> Locator:
        return self.page.locator(".teahouse-text")

    def message(self, text: str) -> Locator:
        """The one message with exactly this text."""
        exact = self.page.get_by_text(text, exact=True)
        return self.messages.filter(has=self.page.locator(".teahouse-text").and_(exact))

    def sees(self, *texts: str) -> None:
        """Wait until the room shows these texts and no others, in this order, all of them in the log."""
        expect(self.texts).to_have_text(list(texts), timeout=20_000)
        expect(self.page.locator(".teahouse-pending, .teahouse-failed")).to_have_count(0)

    def close(self) -> None:
        self.context.close()
