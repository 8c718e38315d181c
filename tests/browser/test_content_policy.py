"""The strict policy in a real browser: nothing that the site's own pages need is blocked, and what is injected is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess


@pytest.fixture
def server(start_server: ServerStarter, tmp_path: Path) -> ServerProcess:
    data = tmp_path / "data"
    program = [str(Path(sys.executable).with_name("teahouse")), "createsuperuser", "--noinput", "--username", "root"]
    environment = {**os.environ, "TEAHOUSE_DATA": str(data), "DJANGO_SUPERUSER_PASSWORD": "secret"}
    subprocess.run([*program, "--email", ""], env=environment, check=True, timeout=60)
    return start_server.teahouse(data)


@pytest.fixture
def blocked(page: Page) -> list[str]:
    """What the browser says that a policy forbade."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_the_admin_works_under_the_policy(page: Page, server: ServerProcess, blocked: list[str]) -> None:
    page.goto(f"{server.url}/admin/")
    page.fill("#id_username", "root")
    page.fill("#id_password", "secret")
    page.click("input[type=submit]")
    for path in (
        "/admin/",
        "/admin/teahouse/message/",
        "/admin/teahouse/room/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
    ):
        page.goto(server.url + path)
        assert page.locator("#header").evaluate("bar => getComputedStyle(bar).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert blocked == []


def test_the_lobby_the_room_and_the_login_work_under_the_policy(
    page: Page, server: ServerProcess, blocked: list[str]
) -> None:
    for path in ("/", "/room/lobby/", "/room/a/b/", "/accounts/login/", "/nowhere/"):
        page.goto(server.url + path)
    assert blocked == []


def test_what_somebody_brings_into_a_page_does_not_run(page: Page, server: ServerProcess, blocked: list[str]) -> None:
    page.goto(server.url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.caught = true\">')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.caught = true'}))"
    )
    page.wait_for_function("() => document.images[0].complete")
    assert page.evaluate("window.caught") is None
    assert blocked
