"""Packages of another time than Django."""

from tests.doctor.workshop import Project


def pretend(project: Project, package: str, version: str) -> None:
    """Make Python believe that a version is installed: the project's folder comes before all others."""
    for old in project.folder.glob(f"{package}-*.dist-info"):
        (old / "METADATA").unlink()
        old.rmdir()
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    project.write(f"{package}-{version}.dist-info/METADATA", metadata)


def test_channels_of_before_django_5_does_not_import(channels_project: Project) -> None:
    # The line that channels.auth has up to version 3.
    said = channels_project.shell("from django.utils.translation import LANGUAGE_SESSION_KEY")
    assert "ImportError: cannot import name 'LANGUAGE_SESSION_KEY'" in said
    channels_project.write("requirements.txt", "Django==5.0.3\nchannels-redis==3.0.0\nchannels==3.0.2\n")
    pretend(channels_project, "channels", "3.0.2")

    report = channels_project.doctor()

    assert report.ids == ["E020"]
    assert "requirements.txt:3\n" in report.part("E020")
    assert 'pip install "channels>=4.3,<5" "daphne>=4.2.2,<5"' in report.part("E020")
    pretend(channels_project, "channels", "4.3.2")
    assert channels_project.doctor().ids == []


def test_daphne_without_a_limit_for_messages_is_told(channels_project: Project) -> None:
    pretend(channels_project, "daphne", "3.0.2")
    assert channels_project.doctor().ids == ["E020"]
    pretend(channels_project, "daphne", "4.2.1")
    assert channels_project.doctor().ids == ["E020"]
    pretend(channels_project, "daphne", "4.2.2")
    assert channels_project.doctor().ids == []
