"""A tenant's administrator brings lists of people, and looks at what became of them; who looks at all data, at those."""

from importlib import import_module

from django.db import migrations

MORE = {"Tenant administrator": ("view", "add"), "Privacy officer": ("view",)}


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    roles = import_module("users.migrations.0008_roles")
    words = roles.words(apps, "imports.import")
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for action in MORE[role.name]:
            role.permissions.add(roles.right(apps, "imports.import", f"{action}_import", f"Can {action} {words}"))


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("users", "0016_roles_at_the_door")]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
