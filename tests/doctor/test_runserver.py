"""`runserver` that serves no sockets."""

import json

import httpx
import pytest

from tests.doctor.workshop import Project
from tests.servers.asgi import ServerStarter

UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "web.settings"}


@pytest.mark.parametrize(
    ("left", "files"),
    [
        ("", {"Makefile": "run:\n\tpython manage.py runserver 4000\n"}),
        # Until Channels 4 its own app brought that `runserver`, as every older tutorial has it.
        ('    "channels",\n', {}),
    ],
    ids=["runserver is used", "the app of channels"],
)
def test_djangos_own_runserver_answers_sockets_with_404(
    channels_project: Project, start_server: ServerStarter, left: str, files: dict[str, str]
) -> None:
    channels_project.replace("web/settings.py", '    "daphne",\n', left)
    for name, text in files.items():
        channels_project.write(name, text)
    server = start_server.runserver(folder=channels_project.folder, environment=ENVIRONMENT)
    assert httpx.get(f"{server.url}/ws/tea/", headers=UPGRADE, trust_env=False).status_code == 404
    assert "Not Found: /ws/tea/" in server.log

    report = channels_project.doctor()

    assert report.ids == ["W023"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'INSTALLED_APPS')}" in report.part("W023")
    assert 'INSTALLED_APPS = ["daphne", …]' in report.part("W023")
    channels_project.replace("web/settings.py", "INSTALLED_APPS = [\n", 'INSTALLED_APPS = [\n    "daphne",\n')
    assert channels_project.doctor().ids == []


def test_a_server_that_serves_sockets_needs_no_daphne_also_when_a_file_above_starts_it(
    channels_project: Project,
) -> None:
    channels_project.replace("web/settings.py", '    "daphne",\n', '    "channels",\n')
    (channels_project.folder / "backend").mkdir()
    for name in ("web", "talk", "manage.py"):
        (channels_project.folder / name).rename(channels_project.folder / "backend" / name)
    assert channels_project.doctor().ids == ["W023"]
    assert "  backend/web/settings.py:" in channels_project.doctor().part("W023")

    channels_project.write("requirements.txt", "channels\nuvicorn[standard]>=0.30\n")
    assert channels_project.doctor().ids == []
    channels_project.write("requirements.txt", "channels\n# uvicorn, some day\n")
    assert channels_project.doctor().ids == ["W023"]

    command = "uvicorn web.asgi:application --ws-per-message-deflate false"
    channels_project.write("docker-compose.yml", f"services:\n  web:\n    command: {command}\n")

    assert channels_project.doctor().ids == []


def test_daphne_below_another_app_with_a_runserver_serves_no_sockets(channels_project: Project) -> None:
    """Daphne's own check tells it, as long as nobody silences that: then it is Django's that runs."""
    channels_project.replace("web/settings.py", '    "daphne",\n', "")
    channels_project.replace("web/settings.py", '    "talk",\n', '    "talk",\n    "daphne",\n')
    which = channels_project.python("-c", WHICH_RUNSERVER, DJANGO_SETTINGS_MODULE="web.settings").stdout
    assert json.loads(which) == "django.contrib.staticfiles.management.commands.runserver"

    report = channels_project.doctor()

    assert report.ids == ["W023"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'daphne')}" in report.part("W023")
    channels_project.replace("web/settings.py", '    "talk",\n    "daphne",\n', '    "talk",\n')
    channels_project.replace("web/settings.py", "INSTALLED_APPS = [\n", 'INSTALLED_APPS = [\n    "daphne",\n')
    assert channels_project.doctor().ids == []


WHICH_RUNSERVER = """
import django, json
django.setup()
from django.core.management import get_commands, load_command_class
print(json.dumps(load_command_class(get_commands()["runserver"], "runserver").__class__.__module__))
"""
