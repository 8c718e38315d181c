"""What every page has around its view, whichever it is."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from teahouse.models import Room
from teahouse.urls import urlpatterns
from tests.web.conftest import Say

PAGES = [pattern for pattern in urlpatterns if pattern.name != "commands"]


@pytest.fixture(autouse=True)
def room(tea: Room, say: Say) -> Room:
    say(tea, "hello")
    return tea


@pytest.mark.parametrize("page", PAGES, ids=[str(pattern.name) for pattern in PAGES])
def test_each_page_is_kept_by_no_cache_stands_in_no_transaction_and_takes_no_forged_form(
    page: Any, client: Client, browser_client: Client, settings: Settings
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
    path = "/" + str(page.pattern)
    for name, value in {"<teahouse_room:name>": "tea", "<str:uid>": "g1", "<int:seq>": "1"}.items():
        path = path.replace(name, value)
    assert "no-store" in client.get(path).headers["Cache-Control"]
    assert client.put(path).status_code == 405
    assert browser_client.post(path).status_code == 403
    assert page.callback._non_atomic_requests == {"default"}
