from django.db import migrations, models

from database.folding import folded

SEARCHED = ("title", "description")


def fill(apps, schema_editor):
    Event = apps.get_model("events", "Event")
    for row in Event.objects.only(*SEARCHED).iterator():
        row.search_text = folded(*(getattr(row, name) for name in SEARCHED))
        row.save(update_fields=["search_text"])


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0003_agenda_intervals"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
