"""What opens the door becomes a column of its own, and each row gets a new id, which staff may see.

Two steps: PostgreSQL alters no table whose foreign keys still wait to be checked.
"""

from django.db import migrations, models
from django.db.models import F, Func, OuterRef, Subquery

HOLDERS = (("invites", "EventInvite"), ("invites", "EmailInvite"), ("signaling", "Ticket"))


class NewId(Func):
    """Another one for each row of an UPDATE."""

    output_field = models.UUIDField()
    template = "gen_random_uuid()"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="lower(hex(randomblob(16)))", **context)


def separate(apps, schema_editor):
    codes = apps.get_model("invites", "InviteCode").objects
    codes.update(code=F("id"))
    codes.update(id=NewId())
    ids = codes.filter(code=OuterRef("invite_code_id")).values("pk")[:1]
    for name in HOLDERS:
        apps.get_model(*name).objects.filter(invite_code__isnull=False).update(invite_code=Subquery(ids))


def join(apps, schema_editor):
    codes = apps.get_model("invites", "InviteCode").objects
    known = codes.filter(pk=OuterRef("invite_code_id")).values("code")[:1]
    for name in HOLDERS:
        apps.get_model(*name).objects.filter(invite_code__isnull=False).update(invite_code=Subquery(known))
    codes.update(id=F("code"))


class Migration(migrations.Migration):
    dependencies = [("invites", "0013_verdict_labels"), ("signaling", "0002_plain_labels")]

    operations = [
        migrations.AddField(
            model_name="invitecode",
            name="code",
            field=models.UUIDField(verbose_name="guest code", null=True, unique=True, editable=False),
        ),
        migrations.RunPython(separate, join),
    ]
