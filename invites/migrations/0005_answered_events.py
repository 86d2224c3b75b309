"""Answers that are there get the names of what they answered."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Reply = apps.get_model("invites", "Reply")
    for model, name, address in (("EventInvite", "event_invite", "invitee__email"), ("EmailInvite", "email_invite", "email")):
        invites = apps.get_model("invites", model).objects.filter(pk=OuterRef(name))
        Reply.objects.filter(event_id=None).exclude(**{name: None}).update(
            event_id=Subquery(invites.values("event")[:1]), invited_address=Subquery(invites.values(address)[:1])
        )


class Migration(migrations.Migration):
    dependencies = [("invites", "0004_answers_outlive_events")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
