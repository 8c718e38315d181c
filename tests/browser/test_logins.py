"""Who one is in an open page: a link makes one a guest, and another tab's password or logout is noticed at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.servers.asgi import ServerStarter
from tests.servers.processes import ServerProcess


def teahouse(data: Path, *arguments: str) -> str:
    """What one of the site's commands prints."""
    program = str(Path(sys.executable).with_name("teahouse"))
    environment = {**os.environ, "TEAHOUSE_DATA": str(data), "DJANGO_SUPERUSER_PASSWORD": "secret"}
    done = subprocess.run(
        [program, *arguments], env=environment, check=True, timeout=60, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def site(start_server: ServerStarter, data: Path) -> ServerProcess:
    teahouse(data, "createsuperuser", "--noinput", "--username", "root", "--email", "")
    return start_server.teahouse(data)


def link(site: ServerProcess, data: Path, name: str) -> str:
    made = f"import teahouse; print(teahouse.guest_link({name!r}, room='tea'))"
    return site.url + teahouse(data, "shell", "--no-imports", "-c", made).splitlines()[-1]


def authors(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".teahouse-author").all_inner_texts()


def test_a_link_makes_one_the_guest_that_it_names(visit: Visit, site: ServerProcess, data: Path) -> None:
    bo = visit("Bo", at=site)
    bo.enter("tea")
    ann = visit(at=site)
    url = link(site, data, "Ann 茶")
    ann.page.goto(url)
    expect(ann.page.locator(".site-told")).to_contain_text("Ann 茶")
    expect(ann.page.locator(".site-told")).to_contain_text("tea")
    assert ann.page.url == f"{site.url}/enter/", "the code stands in no address that is kept or shown"
    ann.page.get_by_role("button", name="Enter").click()
    ann.wait_for_state("online")
    ann.say("hello")
    bo.sees("hello")
    assert authors(bo) == ["Ann 茶"]
    code = url.partition("#")[2]
    assert code not in site.log
    assert code.split(":")[0] not in site.log


def test_without_scripts_the_link_is_pasted(visit: Visit, site: ServerProcess, data: Path) -> None:
    bo = visit("Bo", at=site)
    bo.enter("tea")
    ann = visit(at=site, java_script_enabled=False)
    url = link(site, data, "Ann")
    ann.page.goto(url)
    expect(ann.page.locator(".site-told")).to_be_hidden()
    ann.page.get_by_label("The code").fill(url)
    ann.page.get_by_role("button", name="Enter").click()
    ann.write("by hand")
    ann.page.get_by_role("button", name="Send").click()
    bo.sees("by hand")
    assert authors(bo) == ["Ann"]


def root_in_tea(visit: Visit, site: ServerProcess) -> Visitor:
    """The site's owner, logged in, in a room that is made by it."""
    root = visit(at=site)
    page = root.page
    page.goto(f"{site.url}/accounts/login/")
    page.fill("#id_username", "root")
    page.fill("#id_password", "secret")
    page.locator("#id_password").press("Enter")
    page.locator("#room").fill("tea")
    page.locator(".site-open button").click()
    root.wait_for_state("online")
    return root


def log_out_in_another_tab(visitor: Visitor) -> None:
    tab = visitor.context.new_page()
    tab.goto(visitor.site)
    tab.get_by_role("button", name="Log out").click()
    expect(tab.locator("#nickname")).to_be_visible()


def test_what_was_being_written_beside_an_edit_is_not_left_to_the_next_person(
    visit: Visit, site: ServerProcess
) -> None:
    root = root_in_tea(visit, site)
    root.say("posted")
    root.sees("posted")
    root.write("a draft of root")
    root.begin_edit("posted")
    root.write("half an edit")
    log_out_in_another_tab(root)
    expect(root.page.locator(".teahouse-mine")).to_have_count(0)
    expect(root.field).to_have_value("")


def test_another_password_renews_the_page_and_a_logout_makes_it_a_guests(visit: Visit, site: ServerProcess) -> None:
    root = root_in_tea(visit, site)
    page = root.page
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    root.say("as root")
    root.sees("as root")

    tab = root.context.new_page()
    tab.goto(f"{site.url}/admin/password_change/")
    tab.fill("#id_old_password", "secret")
    tab.fill("#id_new_password1", "another and longer one")
    tab.fill("#id_new_password2", "another and longer one")
    tab.click("input[type=submit]")
    expect(tab.locator("#content")).to_contain_text("changed")
    expect_sockets(root, sockets, 1)
    root.say("still root")
    root.sees("as root", "still root")

    log_out_in_another_tab(root)
    expect_sockets(root, sockets, 2)
    root.say("as a guest")
    root.sees("as root", "still root", "as a guest")
    first, second, third = authors(root)
    assert (first, second) == ("root", "root")
    assert third.startswith("Guest ")


def expect_sockets(visitor: Visitor, sockets: list[str], count: int) -> None:
    """Wait until the page opened so many sockets more, and the last one stands."""
    for _ in range(100):
        if len(sockets) >= count:
            break
        visitor.page.wait_for_timeout(100)
    assert len(sockets) == count
    visitor.wait_for_state("online")
