from django.db import migrations, models

from database.folding import folded

SEARCHED = ("first_name", "last_name", "email")


def fill(apps, schema_editor):
    EmailInvite = apps.get_model("invites", "EmailInvite")
    for row in EmailInvite.objects.only(*SEARCHED).iterator():
        row.search_text = folded(*(getattr(row, name) for name in SEARCHED))
        row.save(update_fields=["search_text"])


class Migration(migrations.Migration):

    dependencies = [
        ("invites", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="emailinvite",
            name="search_text",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
