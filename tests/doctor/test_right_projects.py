"""Nothing is wrong with what is right: the doctor says so, and says nothing else."""

import shutil
from pathlib import Path

import pytest

from tests.doctor.workshop import FOREIGN_PAGE, Project, WarmTeahouse
from tests.embedding.fresh_project import FreshProject
from tests.servers.asgi import ROOT


def test_a_right_project_with_channels_has_no_findings(channels_project: Project) -> None:
    assert "hello AnonymousUser, 0 words" in channels_project.handshake()
    assert "hello" not in channels_project.handshake("/ws/tea/", FOREIGN_PAGE)

    report = channels_project.doctor()

    assert report.ids == []
    assert "Nothing is wrong." in report.text
    assert "Could not look at" not in report.text
    assert report.status == 0


def test_a_right_project_with_teahouse_has_no_findings(teahouse_project: Project) -> None:
    report = teahouse_project.doctor()

    assert report.ids == []
    assert "Nothing is wrong." in report.text
    assert report.status == 0


@pytest.mark.parametrize("name", ["site", "tutorial"])
def test_the_examples_have_no_findings(tmp_path: Path, teahouse: WarmTeahouse, name: str) -> None:
    kept_out = shutil.ignore_patterns("*.sqlite3*", "venv", "__pycache__")
    shutil.copytree(ROOT / "examples" / name, tmp_path / "project", ignore=kept_out)
    project = Project(tmp_path / "project", {}, teahouse)
    assert project.manage("migrate", "--verbosity=0") == ""

    report = project.doctor()

    assert report.ids == []
    assert "Nothing is wrong." in report.text
    assert "Could not look at" not in report.text
    assert "no issues" in project.manage("check")


def test_a_fresh_project_with_the_three_lines_has_no_findings(tmp_path: Path, teahouse: WarmTeahouse) -> None:
    """`startproject` leaves SQLite as it comes, which is told of when it is in earnest."""
    project = Project(tmp_path / "project", {"README": ""}, teahouse)
    fresh = FreshProject(project.folder)
    fresh.add_three_lines()
    fresh.manage("migrate", "--verbosity=0")

    report = project.doctor()

    assert report.ids == []
    assert "Could not look at" not in report.text
    assert {"E050", "E051", "E052", "W042", "W043", "W044"} <= set(project.doctor("--deploy").ids)


def test_the_ready_site_has_no_findings_and_is_found_where_its_data_are(tmp_path: Path, teahouse: WarmTeahouse) -> None:
    project = Project(tmp_path / "project", {"README": ""}, teahouse)
    assert project.doctor().status == 2
    assert list(project.folder.iterdir()) == [project.folder / "README"]
    assert project.python("-m", "teahouse_site", "migrate", "--verbosity=0").stderr == ""

    report = project.doctor()

    assert report.ids == []
    assert "application teahouse_site.asgi.application" in report.text
    assert "Could not look at" not in report.text


def test_the_ready_site_is_told_of_commands_that_it_has(tmp_path: Path, teahouse: WarmTeahouse) -> None:
    project = Project(tmp_path / "project", {"README": ""}, teahouse)
    project.python("-m", "teahouse_site", "help")  # makes the data folder, and no tables
    report = project.doctor()
    assert report.ids == ["E030"]
    assert "teahouse serve" in report.part("E030")
    assert "manage.py" not in report.text


def test_a_plain_django_project_without_any_sockets_has_no_errors(tmp_path: Path, teahouse: WarmTeahouse) -> None:
    project = Project(tmp_path / "project", {"README": ""}, teahouse)
    FreshProject(project.folder)

    report = project.doctor()

    assert [finding for finding in report.ids if finding.startswith("E")] == []
    assert "Could not look at" not in report.text


def test_of_several_projects_one_must_be_named(channels_project: Project) -> None:
    for name in ("one", "two"):
        shutil.copytree(channels_project.folder / "web", channels_project.folder / "all" / name / "web")
        shutil.copytree(channels_project.folder / "talk", channels_project.folder / "all" / name / "talk")
        shutil.copy(channels_project.folder / "manage.py", channels_project.folder / "all" / name)

    report = channels_project.doctor("all")

    assert report.status == 2
    assert "there are several projects in" in report.text
    assert "one, two; name one" in report.text
    assert channels_project.doctor("all/one").ids == []


def test_a_project_is_found_in_a_folder_below(channels_project: Project) -> None:
    (channels_project.folder / "deep").mkdir()
    for name in ("web", "talk", "manage.py"):
        (channels_project.folder / name).rename(channels_project.folder / "deep" / name)

    report = channels_project.doctor()

    assert report.ids == []
    assert f"{channels_project.folder}/deep, settings web.settings" in report.text


def test_a_folder_without_a_project_cannot_be_looked_at(channels_project: Project) -> None:
    (channels_project.folder / "empty").mkdir()

    report = channels_project.doctor("empty")

    assert report.status == 2
    assert "neither a manage.py nor an asgi.py" in report.text


def test_looking_leaves_nothing_behind(channels_project: Project) -> None:
    """Somebody else may look, whose files the project's owner could not even delete."""
    before = sorted(channels_project.folder.rglob("*"))

    done = channels_project.python("-m", "teahouse_site", "doctor", PYTHONDONTWRITEBYTECODE="")

    assert "Nothing is wrong." in done.stdout

    assert sorted(channels_project.folder.rglob("*")) == before
