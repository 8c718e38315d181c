"""Limits that are off, and names that do not fit."""

from tests.doctor.test_databases import use_postgresql
from tests.doctor.workshop import Project
from tests.servers.postgres import PostgresDatabase

MAKE_ROOM = "import teahouse\nteahouse.ensure_room('e\\u0323\\u0302' * 86)\nprint('made')"
NICKNAME = """
from teahouse.models import Person
Person.objects.create(uid="guest-1", kind="guest", name="x" * 151)
"""


def test_limits_that_are_off_are_told_as_often_as_somebody_asks(teahouse_project: Project) -> None:
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"LIMITS": False}')

    report = teahouse_project.doctor()

    assert report.ids == ["W046"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'LIMITS')}\n" in report.part("W046")
    assert report.status == 0
    teahouse_project.replace("web/settings.py", "False}", "True}")
    assert teahouse_project.doctor().ids == []


def test_names_longer_than_their_columns_are_errors_on_postgresql(
    teahouse_project: Project, postgres_database: PostgresDatabase
) -> None:
    teahouse_project.append("web/settings.py", 'TEAHOUSE = {"MAX_ROOM_NAME_LENGTH": 86, "MAX_NICKNAME_LENGTH": 151}')
    assert "made" in teahouse_project.shell(MAKE_ROOM)
    assert teahouse_project.doctor().ids == []
    use_postgresql(teahouse_project, postgres_database, '"OPTIONS": {}')
    assert teahouse_project.manage("migrate", "--verbosity=0", "--skip-checks") == ""
    assert "DataError: value too long for type character varying(255)" in teahouse_project.shell(MAKE_ROOM)
    assert "DataError: value too long for type character varying(150)" in teahouse_project.shell(NICKNAME)

    report = teahouse_project.doctor()

    assert report.ids == ["E047", "E047"]
    assert f"web/settings.py:{teahouse_project.line_of('web/settings.py', 'TEAHOUSE =')}\n" in report.part("E047")
    assert '"MAX_ROOM_NAME_LENGTH": 85,' in report.text
    assert '"MAX_NICKNAME_LENGTH": 150,' in report.text
    teahouse_project.replace("web/settings.py", "86", "85")
    teahouse_project.replace("web/settings.py", "151", "150")
    assert teahouse_project.doctor().ids == []
