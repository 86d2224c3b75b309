"""A privacy officer may read the log by the Webex API."""

from importlib import import_module

from django.db import migrations

HOLDERS = ("Privacy officer",)
READ_LOG = ("activity.activity", "view_compliance", "Can read the log by the Webex API")


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    right = import_module("users.migrations.0008_roles").right
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=HOLDERS, permissions__codename="view_emailinvite"
    ):
        role.permissions.add(right(apps, *READ_LOG))


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0006_compliance"),
        ("users", "0019_roles_of_live_meetings"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
