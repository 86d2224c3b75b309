from django.db import migrations, models

from database.folding import folded

SEARCHED = ("display_name", "first_name", "last_name", "email")


def fill(apps, schema_editor):
    User = apps.get_model("users", "User")
    for row in User.objects.only(*SEARCHED).iterator():
        row.search_text = folded(*(getattr(row, name) for name in SEARCHED))
        row.save(update_fields=["search_text"])


class Migration(migrations.Migration):

    dependencies = [
        ("users", "0002_sessions_ended_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
