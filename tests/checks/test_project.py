"""Tests of `teahouse.checks.project`: where things stand in a project's files."""

from tests.checks.conftest import Written


def test_a_setting_stands_where_it_was_assigned_last(written: Written) -> None:
    project = written({"web/settings.py": "A = 1\nA = 2\n"})
    place = project.place_of("A")
    assert place is not None
    assert place.below(project.folder) == "web/settings.py:2"


def test_a_setting_is_found_in_the_file_that_the_settings_take_all_from(written: Written) -> None:
    files = {"web/settings/dev.py": "from .base import *\nB = 1\n", "web/settings/base.py": "\nA = 1\n"}
    project = written(files, settings="web.settings.dev")
    place = project.place_of("A")
    assert place is not None
    assert place.below(project.folder) == "web/settings/base.py:2"


def test_a_key_stands_on_its_own_line_inside_the_value(written: Written) -> None:
    project = written({"web/settings.py": 'A = {\n    "outer": {\n        "inner": 1,\n    },\n}\n'})
    place = project.place_of("A", "outer", "inner")
    assert place is not None
    assert place.line == 3


def test_a_key_that_is_not_written_so_stands_where_the_setting_does(written: Written) -> None:
    project = written({"web/settings.py": "\nA = dict(key=1)\n"})
    place = project.place_of("A", "key")
    assert place is not None
    assert place.line == 2


def test_a_setting_that_nobody_wrote_stands_nowhere(written: Written) -> None:
    assert written({"web/settings.py": ""}).place_of("A") is None


def test_the_application_is_looked_for_beside_the_settings_and_above(written: Written) -> None:
    project = written({"conf/asgi.py": "", "conf/settings/dev.py": ""}, settings="conf.settings.dev")
    assert project.application_path == "conf.asgi.application"


def test_settings_without_a_module_lead_to_no_application(written: Written) -> None:
    assert written({"asgi.py": ""}, settings="").application_path == ""


def test_what_the_application_imports_is_followed_through_the_project(written: Written) -> None:
    files = {
        "web/settings.py": "",
        "web/asgi.py": "import os\nfrom web.routing import patterns\n",
        "web/routing.py": "def late():\n    from talk import consumers\n",
        "talk/__init__.py": "",
        "talk/consumers.py": "import web.asgi\n",
        "talk/alone.py": "",
    }
    found = [source.module for source in written(files).socket_sources]
    assert found[0] == "web.asgi"
    assert sorted(found) == ["talk", "talk.consumers", "web.asgi", "web.routing"]


def test_consumers_to_which_nothing_leads_are_socket_sources_too(written: Written) -> None:
    files = {
        "web/settings.py": "",
        "web/asgi.py": "",
        "talk/consumers.py": "from talk import words",
        "talk/words.py": "",
    }
    found = [source.module for source in written(files).socket_sources]
    assert found == ["web.asgi", "talk.consumers", "talk.words"]


def test_files_are_the_projects_own(written: Written) -> None:
    files = dict.fromkeys(("a/x.py", "venv/pyvenv.cfg", "venv/x.py", "node_modules/x.py", ".git/x.py", "x.py"), "")
    project = written({**files, "a/b/c/x.py": "", "a/b/c/d/x.py": ""})
    found = [str(path.relative_to(project.folder)) for path in project.files("x.py")]
    assert found == ["x.py", "a/x.py", "a/b/c/x.py"]
    assert project.files("y.*") == []


def test_a_project_below_is_another_one(written: Written) -> None:
    project = written(
        {"manage.py": "", "web/views.py": "", "examples/other/manage.py": "", "examples/other/views.py": ""}
    )
    assert [path.parent.name for path in project.files("views.py")] == ["web"]


def test_a_link_to_nowhere_is_no_file(written: Written) -> None:
    project = written({"web/views.py": ""})
    (project.folder / "Makefile").symlink_to(project.folder / "gone")
    assert project.files("Makefile") == []
