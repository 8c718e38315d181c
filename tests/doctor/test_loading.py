"""Settings, apps and URLs that do not load."""

import pytest

from tests.doctor.workshop import Project


@pytest.mark.parametrize(
    ("line", "text", "mend"),
    [
        (
            "import environ_of_nobody",
            "ModuleNotFoundError: No module named 'environ_of_nobody'",
            "pip install environ_",
        ),
        ("raise SystemExit('no configuration')", "SystemExit: no configuration", "raise SystemExit"),
        ("DEBUG = undefined_name", "NameError: name 'undefined_name' is not defined", "DEBUG = undefined_name"),
        ("DEBUG = = True", "SyntaxError: invalid syntax", "DEBUG = = True"),
        ("import os; KEY = os.environ['SHOP_KEY']", "KeyError: 'SHOP_KEY'", "export SHOP_KEY=…"),
    ],
)
def test_settings_that_do_not_load_are_told_with_the_line(
    channels_project: Project, line: str, text: str, mend: str
) -> None:
    channels_project.append("web/settings.py", line)
    assert text.split(": ", 1)[1] in channels_project.manage("migrate")

    report = channels_project.doctor()

    assert report.ids == ["E026"]
    assert text in report.part("E026")
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', line)}" in report.part("E026")
    assert mend in report.part("E026")
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
    assert line in report.part("E026")
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


def test_all_apps_that_are_not_there_are_told_at_once_by_the_packages_to_install(channels_project: Project) -> None:
    apps = '    "configurations_of_nobody",\n    "corsheaders_of_nobody.apps.Config",\n'
    channels_project.replace("web/settings.py", '    "talk",\n', f'    "talk",\n{apps}')
    assert "ModuleNotFoundError: No module named 'configurations_of_nobody'" in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["E027"]
    assert "pip install configurations_of_nobody corsheaders_of_nobody\n" in report.part("E027")
    channels_project.replace("web/settings.py", apps, "")
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


def test_a_folder_for_logs_that_is_not_there_is_to_be_made(channels_project: Project) -> None:
    """It is in nobody's repository, and Django fails in a line of Python's own."""
    channels_project.append("web/settings.py", LOGGING)
    assert "ValueError: Unable to configure handler 'file'" in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["E027"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'filename')}" in report.part("E027")
    assert f"mkdir -p {channels_project.folder}/logs" in report.part("E027")
    (channels_project.folder / "logs").mkdir()
    assert channels_project.doctor().ids == []


def test_a_database_without_its_driver_is_told_with_the_package_to_install(channels_project: Project) -> None:
    engine = '"ENGINE": "django.db.backends.sqlite3",'
    channels_project.replace("web/settings.py", engine, '"ENGINE": "django.db.backends.mysql",')
    assert "ImproperlyConfigured: Error loading MySQLdb module." in channels_project.manage("check")

    report = channels_project.doctor()

    assert report.ids == ["E027"]
    assert f"web/settings.py:{channels_project.line_of('web/settings.py', 'ENGINE')}" in report.part("E027")
    assert "pip install mysqlclient" in report.part("E027")
    channels_project.replace("web/settings.py", '"ENGINE": "django.db.backends.mysql",', engine)
    assert channels_project.doctor().ids == []


def test_settings_without_pages_are_looked_at(channels_project: Project) -> None:
    channels_project.replace("web/settings.py", 'ROOT_URLCONF = "web.urls"\n', "")

    report = channels_project.doctor()

    assert report.ids == []
    assert "Could not look at" not in report.text


LOGGING = """
LOGGING = {
    "version": 1,
    "handlers": {
        "file": {
            "class": "logging.FileHandler",
            "filename": "logs/debug.log",
        },
    },
    "root": {"handlers": ["file"]},
}
"""
