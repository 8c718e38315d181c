"""The four ways to be told: the command, the management command, Django's checks, and the start of a server."""

import subprocess
import sys

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.doctor.workshop import TEAHOUSE_URLS, Project
from tests.servers.asgi import ServerStarter
from tests.servers.processes import wait_until

URLS = '    path("chat/", include("teahouse.urls")),\n'
# uvicorn compresses each connection unless told otherwise, of which the doctor tells.
BY_SERVER = {"DJANGO_SETTINGS_MODULE": "web.settings", "UVICORN_WS_PER_MESSAGE_DEFLATE": "false"}
SAID = "teahouse.E028 (web/urls.py:3) INSTALLED_APPS has"


@pytest.fixture
def project(teahouse_project: Project) -> Project:
    """A project with one error (E028)."""
    teahouse_project.replace("web/urls.py", URLS, "")
    return teahouse_project


def test_the_management_command_says_what_teahouse_doctor_says(project: Project) -> None:
    by_command = project.doctor()
    done = project.python("manage.py", "teahouse", "doctor")

    assert done.returncode == 1
    assert done.stdout == by_command.text
    assert by_command.ids == ["E028"]
    assert project.python("-m", "django", "teahouse", "doctor", DJANGO_SETTINGS_MODULE="web.settings").returncode == 1

    project.replace("web/urls.py", "urlpatterns = [\n", f"urlpatterns = [\n{URLS}")
    assert project.python("manage.py", "teahouse", "doctor").returncode == 0


def test_djangos_checks_have_the_finding_with_the_line_to_write(project: Project) -> None:
    done = project.python("manage.py", "check", "--tag", "async_support")

    assert done.returncode == 1
    assert "(teahouse.E028) web/urls.py:3: INSTALLED_APPS has" in done.stderr
    assert 'urlpatterns = [path("chat/", include("teahouse.urls")), …]' in done.stderr

    project.replace("web/urls.py", "urlpatterns = [\n", f"urlpatterns = [\n{URLS}")
    assert project.python("manage.py", "check").returncode == 0


def test_what_was_wrong_before_teahouse_came_stops_no_command_of_djangos(teahouse_project: Project) -> None:
    teahouse_project.replace("web/settings.py", '    "teahouse",\n', '    "teahouse",\n    "rest_framework",\n')
    teahouse_project.append("web/settings.py", 'REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSESS": []}')

    done = teahouse_project.python("manage.py", "check")

    assert (done.returncode, "(teahouse.E015)" in done.stderr) == (0, True)
    assert teahouse_project.doctor().ids == ["E015"]
    assert teahouse_project.doctor().status == 1


def test_a_route_that_never_matched_stops_no_command_of_djangos_either(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", '    "talk",\n', '    "talk",\n    "teahouse",\n')
    channels_project.replace("web/routing.py", "re_path(r", "path(r")
    channels_project.replace("web/routing.py", "import re_path", "import path")
    channels_project.write("web/urls.py", TEAHOUSE_URLS)
    channels_project.append(
        "web/asgi.py", "from teahouse.routing import with_chat\n\napplication = with_chat(application)"
    )

    done = channels_project.python("manage.py", "check")

    assert (done.returncode, "(teahouse.E065)" in done.stderr) == (0, True)


def test_a_silenced_finding_is_silent_in_all_ways_and_counted(project: Project) -> None:
    project.append("web/settings.py", 'SILENCED_SYSTEM_CHECKS = ["teahouse.E028"]')

    report = project.doctor()

    assert report.ids == []
    assert "Silenced by SILENCED_SYSTEM_CHECKS: 1." in report.text
    assert report.status == 0
    assert project.python("manage.py", "check").returncode == 0


def test_migrate_runs_before_there_are_tables(teahouse_project: Project) -> None:
    teahouse_project.manage("migrate", "teahouse", "zero")

    assert teahouse_project.python("manage.py", "migrate", "--verbosity=0").returncode == 0


@pytest.mark.parametrize("program", ["uvicorn", "daphne"])
def test_a_server_logs_one_line_for_each_finding_once(
    project: Project, start_server: ServerStarter, program: str
) -> None:
    """Servers never run Django's checks. Daphne says nothing at its start, so it is told at the first connection."""
    start = {"uvicorn": start_server.uvicorn, "daphne": start_server.daphne}[program]
    server = start("web.asgi:application", folder=project.folder, environment=BY_SERVER)
    if program == "daphne":
        with pytest.raises(InvalidStatus), connect(f"{server.ws_url}/chat/ws/", proxy=None):
            pass
    wait_until(lambda: SAID in server.log, "the finding in the log")
    for _ in range(3):
        assert httpx.get(server.url, trust_env=False).status_code == 200

    (line,) = [line for line in server.log.splitlines() if "teahouse.E" in line]
    assert line.endswith("(`teahouse doctor` says more)")


def test_runserver_says_it_by_djangos_checks_and_not_twice(project: Project, start_server: ServerStarter) -> None:
    project.replace("web/settings.py", '    "teahouse",\n', '    "daphne",\n    "teahouse",\n')
    project.append("web/settings.py", 'ASGI_APPLICATION = "web.asgi.application"')
    with pytest.raises(RuntimeError, match=r"\(teahouse\.E028\) web/urls\.py:3"):
        start_server.runserver(folder=project.folder, environment=BY_SERVER)

    # A warning lets it start.
    project.replace("web/urls.py", "urlpatterns = [\n", f"urlpatterns = [\n{URLS}")
    project.replace("web/asgi.py", "with_chat(get_asgi_application())", "get_asgi_application()")
    server = start_server.runserver(folder=project.folder, environment=BY_SERVER)
    assert httpx.get(f"{server.url}/chat/", trust_env=False).status_code == 200
    assert server.log.count("teahouse.W029") == 1


def test_an_application_of_another_name_is_not_imported_twice(
    teahouse_project: Project, start_server: ServerStarter
) -> None:
    teahouse_project.append("web/settings.py", LOGGING)
    served = (teahouse_project.folder / "web" / "asgi.py").read_text()
    teahouse_project.write("served.py", f'print("imported")\n{served}')
    teahouse_project.append("web/asgi.py", 'print("imported")')
    server = start_server.uvicorn("served:application", folder=teahouse_project.folder, environment=BY_SERVER)

    wait_until(lambda: "nothing is wrong" in server.log, "the end of the look")
    assert server.log.count("imported") == 1


def test_a_server_is_told_of_missing_tables_by_their_name(
    teahouse_project: Project, start_server: ServerStarter
) -> None:
    teahouse_project.manage("migrate", "teahouse", "zero")
    server = start_server.uvicorn("web.asgi:application", folder=teahouse_project.folder, environment=BY_SERVER)

    wait_until(lambda: "teahouse.E030" in server.log, "the finding in the log")


def test_a_server_of_a_right_project_logs_nothing(teahouse_project: Project, start_server: ServerStarter) -> None:
    teahouse_project.append("web/settings.py", LOGGING)
    server = start_server.uvicorn("web.asgi:application", folder=teahouse_project.folder, environment=BY_SERVER)

    wait_until(lambda: "nothing is wrong" in server.log, "the end of the look")
    assert "teahouse.E" not in server.log
    assert "teahouse.W" not in server.log


READS_A_QUEUE = """
import threading
import time

from django.apps import AppConfig


class TalkConfig(AppConfig):
    name = "talk"

    def ready(self):
        threading.Thread(target=lambda: [time.sleep(1) for _ in iter(int, 1)]).start()
"""


def test_a_project_that_starts_a_thread_for_ever_does_not_hold_the_doctor(channels_project: Project) -> None:
    """Its own commands never end either; the doctor does, with its status."""
    channels_project.write("talk/apps.py", READS_A_QUEUE)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=channels_project.folder,
            env=channels_project.environment,
            timeout=4,
            check=False,
        )

    done = channels_project.python("-m", "teahouse_site", "doctor")

    assert (done.returncode, "Nothing is wrong." in done.stdout) == (0, True)


LOGGING = """
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"teahouse.doctor": {"handlers": ["console"], "level": "INFO"}},
}
"""


@pytest.mark.parametrize("colour", [False, True])
def test_colour_is_for_terminals_only(project: Project, colour: bool) -> None:
    words = ["-m", "teahouse_site", "doctor"]
    code = f"import pty, sys; sys.exit(pty.spawn([sys.executable, *{words}]) >> 8)"
    done = project.python("-c", code) if colour else project.python(*words)

    assert ("\x1b[" in done.stdout) == colour
    assert "E028" in done.stdout


def test_the_level_that_fails_is_chosen(channels_project: Project) -> None:
    channels_project.replace("web/routing.py", "[a-z]+)/$", "[a-z]+)/")

    assert channels_project.doctor().status == 0
    assert channels_project.doctor("--fail-level", "warning").status == 1


def test_a_check_that_fails_is_told_and_others_go_on(channels_project: Project) -> None:
    """Settings may be of any type; a guess about them may be wrong, and must not hide what else is found."""
    channels_project.append("web/settings.py", "CHANNEL_LAYERS = 5")
    channels_project.replace("web/routing.py", "[a-z]+)/$", "[a-z]+)/")

    report = channels_project.doctor()

    assert "W010" in report.ids
    assert "Could not look at the_layer_that_consumers_use_is_there (AttributeError" in report.text
