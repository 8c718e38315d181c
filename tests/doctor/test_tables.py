"""Tables that were not made."""

from tests.doctor.workshop import Project


def test_tables_that_were_not_migrated_fail_every_page(teahouse_project: Project) -> None:
    teahouse_project.manage("migrate", "teahouse", "zero")
    assert "no such table: teahouse_room" in teahouse_project.page("/chat/")

    report = teahouse_project.doctor()

    assert report.ids == ["E030"]
    assert "python manage.py migrate" in report.part("E030")
    assert report.status == 1

    teahouse_project.manage("migrate")
    assert teahouse_project.doctor().ids == []
