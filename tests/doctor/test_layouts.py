"""Right projects whose files lie elsewhere than `startproject` puts them, and right files of other encodings."""

import shutil

import pytest

from tests.doctor.workshop import Project

NAMED = '"web.settings"'


def move(project: Project, folder: str, *names: str) -> None:
    (project.folder / folder).mkdir(parents=True)
    for name in names:
        shutil.move(project.folder / name, project.folder / folder / name)


def test_modules_in_src_are_found_as_manage_py_finds_them(channels_project: Project) -> None:
    move(channels_project, "src", "web", "talk")
    lines = "from pathlib import Path\n\nsys.path.insert(0, str(Path(__file__).parent / 'src'))\n"
    channels_project.replace("manage.py", "import sys\n", f"import sys\n{lines}")
    assert "no issues" in channels_project.manage("check")

    report = channels_project.doctor()

    assert "Nothing is wrong." in report.text
    assert f"{channels_project.folder}/src, settings web.settings" in report.text
    assert "Could not look at" not in report.text


def test_modules_in_src_are_found_where_they_were_installed_from(channels_project: Project) -> None:
    """`pip install -e .` puts the folder on Python's path, of which manage.py says nothing."""
    move(channels_project, "src", "web", "talk")
    src = str(channels_project.folder / "src")
    assert "no issues" in channels_project.python("manage.py", "check", PYTHONPATH=src).stdout

    assert "Nothing is wrong." in channels_project.doctor().text


def test_apps_in_a_folder_that_manage_py_adds_are_found(channels_project: Project) -> None:
    move(channels_project, "apps", "talk")
    line = "sys.path.append(os.path.join(os.path.dirname(__file__), 'apps'))\n"
    channels_project.replace("manage.py", "import sys\n", f"import sys\n{line}")
    assert "no issues" in channels_project.manage("check")

    assert "Nothing is wrong." in channels_project.doctor().text


def test_a_project_whose_package_begins_further_up_is_found(channels_project: Project) -> None:
    """A library's example is named from the top of its repository, and imported from there."""
    move(channels_project, "tests/site", "web", "manage.py")
    for name in ("tests/site/manage.py", "tests/site/web/asgi.py"):
        channels_project.replace(name, NAMED, '"tests.site.web.settings"')
    for name in ("settings.py", "asgi.py"):
        text = (channels_project.folder / "tests/site/web" / name).read_text()
        for module in ("web.urls", "web.asgi", "web.routing"):
            text = text.replace(module, f"tests.site.{module}")
        channels_project.write(f"tests/site/web/{name}", text)
    top = str(channels_project.folder)
    assert "no issues" in channels_project.python("tests/site/manage.py", "check", PYTHONPATH=top).stdout

    assert "Nothing is wrong." in channels_project.doctor().text
    assert "Nothing is wrong." in channels_project.doctor("tests/site").text


def test_an_asgi_py_beside_its_settings_is_found(channels_project: Project) -> None:
    (channels_project.folder / "manage.py").unlink()
    for file in (channels_project.folder / "web").glob("*.py"):
        channels_project.write(file.name, file.read_text().replace("web.", ""))
    shutil.rmtree(channels_project.folder / "web")
    (channels_project.folder / "__init__.py").unlink()

    report = channels_project.doctor()

    assert "Nothing is wrong." in report.text
    assert "settings settings, application asgi.application" in report.text
    assert "Could not look at" not in report.text


@pytest.mark.parametrize(
    "line",
    [
        'os.environ["DJANGO_SETTINGS_MODULE"] = "web.settings"',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", os.getenv("SITE_SETTINGS", "web.settings"))',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", os.environ.get("SITE_SETTINGS") or "web.settings")',
    ],
)
def test_settings_are_found_in_whatever_way_they_are_named(channels_project: Project, line: str) -> None:
    (channels_project.folder / "web/asgi.py").rename(channels_project.folder / "web/served.py")
    channels_project.replace("web/settings.py", "web.asgi.application", "web.served.application")
    channels_project.replace("manage.py", f'os.environ.setdefault("DJANGO_SETTINGS_MODULE", {NAMED})', line)
    assert "no issues" in channels_project.manage("check")

    assert "Nothing is wrong." in channels_project.doctor().text


def test_where_settings_cannot_be_read_off_those_that_are_there_are_told(channels_project: Project) -> None:
    for name in ("manage.py", "web/asgi.py"):
        channels_project.replace(name, NAMED, 'os.environ["SITE_SETTINGS"]')
    done = channels_project.python("manage.py", "check", SITE_SETTINGS="web.settings")
    assert "no issues" in done.stdout

    report = channels_project.doctor()

    assert report.status == 2
    assert "with --settings (there is web.settings)" in report.text
    assert (
        "Nothing is wrong." in channels_project.doctor("--settings", "web.settings", SITE_SETTINGS="web.settings").text
    )


def test_files_are_read_in_the_encoding_that_python_reads_them_in(channels_project: Project) -> None:
    """Editors on Windows write a mark before the text, and Chinese ones may write GBK, which then is declared."""
    for name in ("manage.py", "web/settings.py", "web/asgi.py", "web/routing.py"):
        file = channels_project.folder / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    consumers = channels_project.folder / "talk/consumers.py"
    text = consumers.read_text().replace('f"hello ', 'f"你好 ')
    consumers.write_bytes(f"# -*- coding: gbk -*-\n{text}".encode("gbk"))
    assert "websocket.accept" in channels_project.handshake()
    assert "Nothing is wrong." in channels_project.doctor().text

    channels_project.replace("web/settings.py", "ALLOWED_HOSTS = []", 'ALLOWED_HOSTS = ["*"]')
    place = f"web/settings.py:{channels_project.line_of('web/settings.py', 'ALLOWED_HOSTS')}"
    assert place in channels_project.doctor().part("W013")
