"""The club as docs/embedding.md puts it into production: behind nginx, which ends TLS and serves static files."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.embedding.conftest import ANN, BOB, PASSWORD, NewVisitor, StartClub, club_environment, manage
from tests.embedding.nginx import Nginx
from tests.servers.processes import ServerProcess

PRODUCTION: dict[str, Any] = {
    "DEBUG": False,
    "ALLOWED_HOSTS": ["localhost"],
    "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    },
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nginx's worker may enter: pytest's own are closed to other users."""
    made = Path(tempfile.mkdtemp(prefix="teahouse-nginx-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def production(folder: Path, club_database: Path) -> dict[str, Any]:
    """The settings, with static files collected."""
    settings = {**PRODUCTION, "STATIC_ROOT": str(folder / "static")}
    environment = club_environment(club_database, CLUB_SETTINGS=json.dumps(settings))
    manage(environment, "collectstatic", "--noinput", "--verbosity=0")
    return settings


@pytest.fixture
def start_nginx(folder: Path) -> Iterator[Callable[..., Nginx]]:
    started: list[Nginx] = []

    def start(upstream: ServerProcess, **parts: Any) -> Nginx:
        nginx = Nginx(folder, folder / "static", **parts)
        nginx.write(upstream.port)
        started.append(nginx)
        nginx.start()
        return nginx

    yield start
    for nginx in started:
        nginx.kill()
        print(nginx.log)


@pytest.mark.parametrize(
    ("prefix", "cut_prefix", "arguments", "more"),
    [
        ("", False, (), {}),
        ("/club", True, ("--root-path", "/club"), {}),
        ("/club", True, (), {"FORCE_SCRIPT_NAME": "/club"}),
        ("/club", False, (), {"FORCE_SCRIPT_NAME": "/club"}),
    ],
    ids=["at the root", "root_path", "script name, prefix cut off", "script name, prefix left"],
)
def test_members_talk_over_tls(
    prefix: str,
    cut_prefix: bool,
    arguments: tuple[str, ...],
    more: dict[str, Any],
    production: dict[str, Any],
    start_club: StartClub,
    start_nginx: Callable[..., Nginx],
    new_visitor: NewVisitor,
) -> None:
    site = start_nginx(start_club(arguments=arguments, **production, **more), prefix=prefix, cut_prefix=cut_prefix).site
    ann, bob = new_visitor(ignore_https_errors=True), new_visitor(ignore_https_errors=True)
    sockets: list[str] = []
    ann.page.on("websocket", lambda socket: sockets.append(socket.url))
    for visitor, email in ((ann, ANN), (bob, BOB)):
        # Without the club's own socket: Channels' routers know nothing of FORCE_SCRIPT_NAME.
        visitor.log_in(f"{site}/login/?next={prefix}/noticeboard/", email, PASSWORD)
        visitor.is_in_state("online", "noticeboard")
    ann.say("Is it muddy?", "noticeboard")
    bob.sees("Is it muddy?", author="Ann Lee", room="noticeboard")
    assert sockets == [f"{site.replace('https', 'wss')}/chat/ws/"]
    assert all(cookie["secure"] for cookie in ann.context.cookies())


def test_the_hosts_own_socket_passes_too(
    production: dict[str, Any], start_club: StartClub, start_nginx: Callable[..., Nginx], new_visitor: NewVisitor
) -> None:
    club = start_club(arguments=("--root-path", "/club"), **production)
    site = start_nginx(club, prefix="/club", cut_prefix=True).site
    ann, bob = new_visitor(ignore_https_errors=True), new_visitor(ignore_https_errors=True)
    for visitor, email in ((ann, ANN), (bob, BOB)):
        visitor.log_in(f"{site}/login/?next=/club/walks/1/", email, PASSWORD)
        visitor.is_in_state("online")
    bob.page.get_by_role("button", name="Sign up").click()
    ann.sees("I am coming along.", author="Bob Ray")
    expect(ann.page.locator(".places")).to_have_text("11")


def test_a_guest_is_remembered_by_a_secure_cookie(
    production: dict[str, Any], start_club: StartClub, start_nginx: Callable[..., Nginx], new_visitor: NewVisitor
) -> None:
    site = start_nginx(start_club(**production)).site
    guest = new_visitor(ignore_https_errors=True)
    guest.open(f"{site}/noticeboard/", room="lifts")
    (cookie,) = [cookie for cookie in guest.context.cookies() if cookie["name"] == "teahouse_guest"]
    assert cookie["secure"]
