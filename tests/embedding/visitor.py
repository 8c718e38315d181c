"""A person before a real browser, in a room that stands in a host's page; used by the tests of this folder."""

import re

from playwright.sync_api import BrowserContext, Locator, Page, expect

PATIENCE_MILLISECONDS = 15_000
_A_NUMBER = re.compile(r"^\d+$")


class Visitor:
    """One browser window. `room` chooses one of several rooms in the page."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        # What the page's script, or the browser itself (a policy, a missing file), had to complain about.
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def section(self, room: str | None = None) -> Locator:
        return self.page.locator(f'[data-teahouse-room="{room}"]' if room else "[data-teahouse-room]")

    def open(self, url: str, *, state: str = "online", room: str | None = None) -> None:
        """Go to a page, and wait until its room stands in `state`: online, or polling where sockets are blocked."""
        self.page.goto(url)
        self.is_in_state(state, room)

    def is_in_state(self, state: str, room: str | None = None) -> None:
        status = self.section(room).locator(".teahouse-status")
        expect(status).to_have_attribute("data-state", state, timeout=PATIENCE_MILLISECONDS)

    def log_in(self, url: str, email: str, password: str) -> None:
        """Log in by a host's form, as a person does, and go where that leads."""
        self.page.goto(url)
        self.page.fill("input[name=username]", email)
        self.page.fill("input[name=password]", password)
        self.page.click("main button")

    def log_out(self) -> None:
        self.page.get_by_role("button", name="Log out").click()
        expect(self.page.get_by_role("link", name="Log in").first).to_be_visible()

    def say(self, text: str, room: str | None = None) -> None:
        composer = self.composer(room)
        composer.fill(text)
        composer.press("Enter")

    def composer(self, room: str | None = None) -> Locator:
        return self.section(room).locator(".teahouse-composer textarea")

    def nickname(self, room: str | None = None) -> str:
        return self.section(room).locator(".teahouse-you-name").inner_text()

    def call_oneself(self, name: str, room: str | None = None) -> None:
        """Take a nickname, as a guest."""
        you = self.section(room).locator(".teahouse-you")
        you.locator("summary").click()
        you.locator("input[name=name]").fill(name)
        you.get_by_role("button").click()
        expect(you.locator(".teahouse-you-name")).to_have_text(name)
        self.is_in_state("online", room)

    def block_sockets(self) -> None:
        """From now on no socket of the page gets through, as in some offices."""
        self.page.route_web_socket("**/chat/ws/", lambda socket: socket.close())

    def block_lines(self) -> None:
        """Neither does anything else that the chat says."""
        self.block_sockets()
        self.page.route("**/chat/api/v1/", lambda route: route.abort())

    def sees(self, text: str, *, author: str | None = None, room: str | None = None) -> None:
        """Wait until a message stands there, sent and not only on its way."""
        message = self.message(text, room)
        expect(message).to_be_visible(timeout=PATIENCE_MILLISECONDS)
        expect(message).to_have_attribute("data-seq", _A_NUMBER, timeout=PATIENCE_MILLISECONDS)
        if author is not None:
            # Of several messages in a row only the first shows the name; the others keep it for screen readers.
            expect(message.locator(".teahouse-author")).to_have_text(author)

    def message(self, text: str, room: str | None = None) -> Locator:
        return self.section(room).locator(".teahouse-message").filter(has=self.page.get_by_text(text, exact=True))

    def texts(self, room: str | None = None) -> list[str]:
        return self.section(room).locator(".teahouse-message .teahouse-text").all_inner_texts()
