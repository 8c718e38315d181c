from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def begin_where_they_joined(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Who is a member already has read nothing since the last entry about them, as far as anybody knows."""
    memberships = apps.get_model("teahouse", "Membership").objects.using(schema_editor.connection.alias)
    memberships.update(read=F("changed"))


class Migration(migrations.Migration):
    dependencies = [
        ("teahouse", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="read",
            field=models.BigIntegerField(default=0, help_text="Number up to which the person has read the room."),
        ),
        migrations.RunPython(begin_where_they_joined, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="log",
            index=models.Index(fields=["at"], name="teahouse_liveliest"),
        ),
    ]
