import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invites", "0014_code_apart")]

    operations = [
        migrations.AlterField(
            model_name="invitecode",
            name="code",
            field=models.UUIDField(verbose_name="guest code", default=uuid.uuid4, unique=True, editable=False),
        ),
    ]
