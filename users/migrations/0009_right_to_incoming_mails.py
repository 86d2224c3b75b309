"""Whoever sees the mails that left sees those that came in, and who sends mails again may process them again."""

from importlib import import_module

from django.db import migrations


def extend_roles(apps, schema_editor=None):
    right = import_module("users.migrations.0008_roles").right
    path = "invites.inboundmail"
    for action in ("view", "change"):
        new = right(apps, path, f"{action}_inboundmail", f"Can {action} incoming mail")
        for model in ("Group", "User"):
            app, holders = ("auth", "permissions") if model == "Group" else ("users", "user_permissions")
            found = apps.get_model(app, model).objects.filter(**{f"{holders}__codename": f"{action}_outgoingmail"})
            for holder in found.distinct():
                getattr(holder, holders).add(new)


class Migration(migrations.Migration):
    dependencies = [("invites", "0009_inbound_mails"), ("users", "0008_roles")]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
