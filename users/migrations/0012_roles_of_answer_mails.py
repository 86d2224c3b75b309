"""Who looks at meetings sees how often their organizers are mailed about answers; a tenant's administrator sets it."""

from importlib import import_module

from django.db import migrations

MORE = {
    "Support": ("view",),
    "Mail operator": ("view",),
    "Tenant administrator": ("view", "add", "change"),
    "Privacy officer": ("view",),
}


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    roles = import_module("users.migrations.0008_roles")
    words = roles.words(apps, "events.digest")
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for action in MORE[role.name]:
            role.permissions.add(roles.right(apps, "events.digest", f"{action}_digest", f"Can {action} {words}"))


class Migration(migrations.Migration):
    dependencies = [("events", "0012_digests"), ("users", "0011_right_to_read_callbacks")]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
