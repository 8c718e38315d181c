"""ASGI_APPLICATION: every way in which it is wrong, what `runserver` says, and what the doctor says."""

import httpx
import pytest

from tests.doctor.workshop import Project
from tests.servers.asgi import ServerStarter

SETTING = 'ASGI_APPLICATION = "web.asgi.application"'


def write(project: Project, value: str) -> None:
    project.replace("web/settings.py", SETTING, f"ASGI_APPLICATION = {value!r}")


def runserver(project: Project) -> str:
    """What `runserver` prints before it ends, for a project that it cannot serve."""
    return project.manage("runserver", "--noreload", "127.0.0.1:0")


def line_of_setting(project: Project) -> str:
    return f"web/settings.py:{project.line_of('web/settings.py', 'ASGI_APPLICATION')}"


def assert_mended(project: Project, value: str) -> None:
    project.replace("web/settings.py", f"ASGI_APPLICATION = {value!r}", SETTING)
    assert project.doctor().ids == []


def test_an_application_that_is_not_set_keeps_runserver_from_starting(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", SETTING, "")
    assert "You have not set ASGI_APPLICATION, which is needed to run the server." in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E001"]
    assert "  web/settings.py\n" in report.part("E001")
    assert SETTING in report.part("E001")
    assert report.status == 1
    channels_project.append("web/settings.py", SETTING)
    assert channels_project.doctor().ids == []


def test_an_application_without_a_dot_is_not_found(channels_project: Project) -> None:
    write(channels_project, "web")
    assert "Cannot find ASGI_APPLICATION setting." in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E001"]
    assert line_of_setting(channels_project) in report.part("E001")
    assert SETTING in report.part("E001")
    assert_mended(channels_project, "web")


def test_an_application_with_a_colon_is_not_found(channels_project: Project) -> None:
    write(channels_project, "web.asgi:application")
    assert "Cannot find 'asgi:application' in ASGI_APPLICATION module web" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E001"]
    assert line_of_setting(channels_project) in report.part("E001")
    assert SETTING in report.part("E001")
    assert_mended(channels_project, "web.asgi:application")


@pytest.mark.parametrize("value", ["MSF.asgi.application", "web.asg.application"])
def test_a_module_that_is_not_there_is_named_with_the_one_that_is(channels_project: Project, value: str) -> None:
    write(channels_project, value)
    said = f"Cannot import ASGI_APPLICATION module {value.rpartition('.')[0]!r}"
    assert said in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E002"]
    assert said in report.part("E002")
    assert line_of_setting(channels_project) in report.part("E002")
    assert SETTING in report.part("E002")
    assert_mended(channels_project, value)


def test_an_error_inside_is_quoted_with_its_own_line(channels_project: Project) -> None:
    """The true one, which Channels hides behind the same words as a module that is not there."""
    right = "from talk.models import Word"
    channels_project.replace("talk/consumers.py", right, "from talk.modells import Word")
    assert "Cannot import ASGI_APPLICATION module 'web.asgi'" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E003"]
    assert "ModuleNotFoundError: No module named 'talk.modells'" in report.part("E003")
    assert f"talk/consumers.py:{channels_project.line_of('talk/consumers.py', 'modells')}" in report.part("E003")
    assert report.part("E003").endswith("Write:\n      from talk.models import Word")
    channels_project.replace("talk/consumers.py", "from talk.modells import Word", right)
    assert channels_project.doctor().ids == []


def test_a_name_that_cannot_be_imported_is_told_with_the_right_one(channels_project: Project) -> None:
    right, wrong = "from talk.models import Word", "from talk.models import Words"
    channels_project.replace("talk/consumers.py", right, wrong)
    said = runserver(channels_project)
    assert "ImportError: cannot import name 'Words' from 'talk.models'" in said
    assert "Cannot import ASGI_APPLICATION module 'web.asgi'" in said

    report = channels_project.doctor()

    assert report.ids == ["E003"]
    assert "cannot import name 'Words'" in report.part("E003")
    assert f"talk/consumers.py:{channels_project.line_of('talk/consumers.py', wrong)}" in report.part("E003")
    assert report.part("E003").endswith(f"Write:\n      {right}")
    channels_project.replace("talk/consumers.py", wrong, right)
    assert channels_project.doctor().ids == []


def test_an_application_of_a_project_without_the_file_is_told_what_to_write_there(channels_project: Project) -> None:
    text = (channels_project.folder / "web" / "asgi.py").read_text()
    (channels_project.folder / "web" / "asgi.py").unlink()
    assert "Cannot import ASGI_APPLICATION module 'web.asgi'" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E002"]
    assert "# and a file web/asgi.py, for there is none:" in report.part("E002")
    channels_project.write("web/asgi.py", text)
    assert channels_project.doctor().ids == []


def test_an_error_of_another_kind_inside_is_quoted_too(channels_project: Project) -> None:
    channels_project.append("web/routing.py", "undefined_name")
    assert "NameError: name 'undefined_name' is not defined" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E003"]
    assert f"web/routing.py:{channels_project.line_of('web/routing.py', 'undefined_name')}" in report.part("E003")
    channels_project.replace("web/routing.py", "undefined_name\n", "")
    assert channels_project.doctor().ids == []


def test_a_database_asked_at_import_is_a_warning_that_migrate_survives(channels_project: Project) -> None:
    line = "words = list(Word.objects.all())"
    channels_project.manage("migrate", "talk", "zero")
    channels_project.append("talk/consumers.py", line)
    assert "no such table: talk_word" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["W036"]
    assert f"talk/consumers.py:{channels_project.line_of('talk/consumers.py', line)}" in report.part("W036")
    channels_project.replace("talk/consumers.py", line, "")
    assert channels_project.doctor().ids == []


def test_a_name_that_is_not_in_the_module_is_told_with_those_that_are(channels_project: Project) -> None:
    write(channels_project, "web.asgi.app")
    assert "Cannot find 'app' in ASGI_APPLICATION module web.asgi" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E004"]
    assert "it has application" in report.part("E004")
    assert line_of_setting(channels_project) in report.part("E004")
    assert SETTING in report.part("E004")
    assert_mended(channels_project, "web.asgi.app")


def test_a_module_as_application_answers_every_request_with_500(
    channels_project: Project, start_server: ServerStarter
) -> None:
    """The cure that goes round for "Cannot import ASGI_APPLICATION module"."""
    write(channels_project, "web.settings")
    server = start_server.runserver(
        folder=channels_project.folder, environment={"DJANGO_SETTINGS_MODULE": "web.settings"}
    )
    assert httpx.get(server.url, trust_env=False).status_code == 500
    assert "TypeError: 'module' object is not callable" in server.log

    report = channels_project.doctor()

    assert report.ids == ["E005"]
    assert "'module' object is not callable" in report.part("E005")
    assert line_of_setting(channels_project) in report.part("E005")
    assert SETTING in report.part("E005")
    assert_mended(channels_project, "web.settings")


def test_a_module_that_nobody_imported_is_not_found(channels_project: Project) -> None:
    write(channels_project, "web.asgi")
    assert "Cannot find 'asgi' in ASGI_APPLICATION module web" in runserver(channels_project)

    report = channels_project.doctor()

    assert report.ids == ["E005"]
    assert SETTING in report.part("E005")
    assert_mended(channels_project, "web.asgi")


def test_a_wsgi_application_is_told_apart(channels_project: Project, start_server: ServerStarter) -> None:
    channels_project.write(
        "web/wsgi.py", "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n"
    )
    write(channels_project, "web.wsgi.application")
    server = start_server.runserver(
        folder=channels_project.folder, environment={"DJANGO_SETTINGS_MODULE": "web.settings"}
    )
    assert httpx.get(server.url, trust_env=False).status_code == 500
    assert "TypeError" in server.log

    report = channels_project.doctor()

    assert report.ids == ["E005"]
    assert "which is a WSGI application" in report.part("E005")
    assert SETTING in report.part("E005")
    assert_mended(channels_project, "web.wsgi.application")


@pytest.mark.parametrize(
    ("old", "error", "line"),
    [
        (
            "from django.conf.urls import url",
            "ImportError: cannot import name 'url' from 'django.conf.urls'",
            "from django.urls import re_path as url",
        ),
        (
            "from channels.http import AsgiHandler",
            "ModuleNotFoundError: No module named 'channels.http'",
            "from django.core.asgi import get_asgi_application",
        ),
    ],
)
def test_what_an_old_tutorial_imports_is_told_with_what_took_its_place(
    channels_project: Project, old: str, error: str, line: str
) -> None:
    channels_project.replace(
        "web/routing.py", "from django.urls import re_path\n", f"from django.urls import re_path\n{old}\n"
    )
    assert error in channels_project.handshake()

    report = channels_project.doctor()

    assert report.ids == ["E003"]
    assert error in report.part("E003")
    assert f"web/routing.py:{channels_project.line_of('web/routing.py', old)}" in report.part("E003")
    assert line in report.part("E003")
    assert "pip install" not in report.part("E003")
    channels_project.replace("web/routing.py", old, line)
    assert channels_project.doctor().ids == []
