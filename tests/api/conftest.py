"""A caller of the HTTP edge, for its tests."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from teahouse.chat.making import ensure_room
from teahouse.models import Room


@dataclass
class Caller:
    """Sends commands as a script without cookies does, or as a page's script does with its CSRF token."""

    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, body: bytes | str | dict[str, Any]) -> HttpResponse:
        raw = json.dumps(body) if isinstance(body, dict) else body
        return self.client.post("/api/v1/", raw, content_type="application/json", headers=self.headers)

    def ask(self, **command: Any) -> dict[str, Any]:
        """The answer to one command."""
        answer: dict[str, Any] = self.send({"id": 1, **command}).json()["answer"]
        return answer

    def say_hello(self, name: str = "Ann") -> dict[str, Any]:
        """Become a guest, known by the token from then on."""
        answer = self.ask(type="hello", version=1, name=name)
        self.headers["Authorization"] = f"Bearer {answer['token']}"
        return answer


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.fixture
def new_caller() -> Callable[[], Caller]:
    return Caller


@pytest.fixture
def page_script(tea: Room) -> Caller:
    """A script on a page of this site, which has the cookies and the CSRF token of its page."""
    script = Caller()
    page = script.client.get("/room/tea/")
    script.headers["X-CSRFToken"] = str(page.context["csrf_token"])
    script.headers["Origin"] = "http://testserver"
    return script


@pytest.fixture
def tea(db: None) -> Room:
    return ensure_room("tea")
