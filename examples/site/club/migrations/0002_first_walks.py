from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import migrations

LONDON = ZoneInfo("Europe/London")
WALKS = [
    {
        "title": "Uffington and the White Horse",
        "starts_at": datetime(2027, 4, 10, 9, 30, tzinfo=LONDON),
        "meeting_point": "Woolstone Hill car park",
        "kilometres": 14,
        "places": 12,
        "about": "Up past the horse to the castle, along the old road to Wayland's Smithy, and back below the scarp.",
    },
    {
        "title": "Ivinghoe Beacon",
        "starts_at": datetime(2027, 4, 24, 10, 0, tzinfo=LONDON),
        "meeting_point": "Tring station",
        "kilometres": 19,
        "places": 8,
        "about": "Over Pitstone Hill to the end of the trail. Steep for an hour, then the best view of the spring.",
    },
    {
        "title": "Avebury by moonlight",
        "starts_at": datetime(2027, 5, 21, 19, 0, tzinfo=LONDON),
        "meeting_point": "The Red Lion",
        "kilometres": 9,
        "places": 2,
        "about": "Through the stones and up Windmill Hill. Bring a lamp, and something warm for the way home.",
    },
]


def plan(apps, schema_editor):
    Walk = apps.get_model("club", "Walk")
    Walk.objects.bulk_create(Walk(**walk) for walk in WALKS)


class Migration(migrations.Migration):
    dependencies = [("club", "0001_initial")]
    operations = [migrations.RunPython(plan, migrations.RunPython.noop)]
