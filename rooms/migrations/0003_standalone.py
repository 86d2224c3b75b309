from django.db import migrations, models


def keep_rooms_without_meetings(apps, schema_editor):
    """So far nothing told a room made by itself from others: each without a meeting counts as one."""
    apps.get_model("rooms", "Room").objects.filter(events=None).update(is_standalone=True)


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0002_initial"),
        ("events", "0001_initial"),  # whose meetings are looked for
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="is_standalone",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="made without a meeting"
            ),
        ),
        migrations.RunPython(keep_rooms_without_meetings, migrations.RunPython.noop, elidable=True),
    ]
