"""Nothing is wrong with what is right: the doctor says so, and says nothing else."""

from tests.doctor.workshop import FOREIGN_PAGE, Project


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


def test_a_folder_without_a_project_cannot_be_looked_at(channels_project: Project) -> None:
    (channels_project.folder / "empty").mkdir()

    report = channels_project.doctor("empty")

    assert report.status == 2
    assert "neither a manage.py nor an asgi.py" in report.text
