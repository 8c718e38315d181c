"""Tables that were not made."""

from tests.doctor.workshop import Project


def test_tables_that_were_not_migrated_fail_every_page(teahouse_project: Project) -> None:
    teahouse_project.manage("migrate", "teahouse", "zero")
    asked = teahouse_project.python(
        "-c",
        "import web.asgi\nfrom django.test import Client\nClient().get('/chat/', headers={'host': 'localhost'})",
    )
    assert "no such table: teahouse_room" in asked.stderr

    report = teahouse_project.doctor()

    assert report.ids == ["E030"]
    assert "python manage.py migrate" in report.part("E030")
    assert report.status == 1

    teahouse_project.manage("migrate")
    assert teahouse_project.doctor().ids == []
