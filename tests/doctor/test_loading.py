"""Settings, apps and URLs that do not load."""

import pytest

from tests.doctor.workshop import Project


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("import environ_that_is_not_there", "ModuleNotFoundError: No module named 'environ_that_is_not_there'"),
        ("raise SystemExit('no configuration')", "SystemExit: no configuration"),
        ("DEBUG = undefined_name", "NameError: name 'undefined_name' is not defined"),
        ("DEBUG = = True", "SyntaxError: invalid syntax"),
        ("import os; KEY = os.environ['A_KEY_THAT_NOBODY_SET']", "KeyError: 'A_KEY_THAT_NOBODY_SET'"),
    ],
)
def test_settings_that_do_not_load_are_told_with_the_line(channels_project: Project, line: str, text: str) -> None:
    channels_project.append("web/settings.py", line)
    assert text.split(": ", 1)[1] in channels_project.manage("migrate")

    report = channels_project.doctor()

    assert report.ids == ["E026"]
    assert text in report.part("E026")
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', line)}" in report.part("E026")
    assert ("pip install environ_that_is_not_there" if "import environ" in line else line) in report.part("E026")
    assert "Could not look at the settings" in report.text
    assert report.status == 1
    channels_project.replace("web/settings.py", line, "")
    assert channels_project.doctor().ids == []


def test_settings_without_a_key_are_told_how_to_get_one(teahouse_project: Project) -> None:
    line = 'SECRET_KEY = "only-for-a-test-and-for-nothing-else-that-anybody-could-reach"'
    teahouse_project.replace("web/settings.py", line, 'SECRET_KEY = ""')
    assert "ImproperlyConfigured: The SECRET_KEY setting must not be empty." in teahouse_project.page("/chat/")

    report = teahouse_project.doctor()

    assert report.ids == ["E037"]
    assert "web/settings.py:1\n" in report.part("E037")
    assert 'SECRET_KEY = os.environ["SECRET_KEY"]' in report.part("E037")
    teahouse_project.replace("web/settings.py", 'SECRET_KEY = ""', 'import os\nSECRET_KEY = os.environ["SECRET_KEY"]')
    assert teahouse_project.doctor(SECRET_KEY="k" * 60).ids == []


def test_settings_that_are_not_there_are_told_with_those_that_are(channels_project: Project) -> None:
    channels_project.replace("manage.py", '"web.settings"', '"web.setings"')
    assert "No module named 'web.setings'" in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["E026"]
    line = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web.settings")'
    assert ("pip install environ_that_is_not_there" if "import environ" in line else line) in report.part("E026")
    channels_project.replace("manage.py", '"web.setings"', '"web.settings"')
    assert channels_project.doctor().ids == []


def test_an_app_that_is_not_there_is_told_with_the_one_that_is_meant(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", '    "talk",', '    "tallk",')
    assert "ModuleNotFoundError: No module named 'tallk'" in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["E027"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'tallk')}" in report.part("E027")
    assert '"talk"' in report.part("E027")
    channels_project.replace("web/settings.py", '    "tallk",', '    "talk",')
    assert channels_project.doctor().ids == []


def test_models_that_do_not_load_are_told_with_their_line(channels_project: Project) -> None:
    channels_project.append("talk/models.py", "Broken = models.TextFeld()")
    assert "has no attribute 'TextFeld'" in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["E027"]
    assert f"talk/models.py:{channels_project.line_of('talk/models.py', 'TextFeld')}" in report.part("E027")
    channels_project.replace("talk/models.py", "Broken = models.TextFeld()", "")
    assert channels_project.doctor().ids == []


def test_urls_that_do_not_load_are_told_with_their_line(channels_project: Project) -> None:
    channels_project.replace("web/urls.py", "from django.urls import path", "from django.urls import paths as path")
    assert "ImportError: cannot import name 'paths'" in channels_project.page("/")

    report = channels_project.doctor()

    assert report.ids == ["E033"]
    assert f"web/urls.py:{channels_project.line_of('web/urls.py', 'paths')}" in report.part("E033")
    channels_project.replace("web/urls.py", "from django.urls import paths as path", "from django.urls import path")
    assert channels_project.doctor().ids == []
