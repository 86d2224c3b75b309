"""Who looks at people sees their cospace sessions; a tenant's administrator ends them."""

from importlib import import_module

from django.db import migrations

LOOKS = ("view",)
MORE = {"Support": LOOKS, "Tenant administrator": ("view", "change"), "Privacy officer": LOOKS}


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    roles = import_module("users.migrations.0008_roles")
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for action in MORE[role.name]:
            name = f"Can {action} {roles.words(apps, 'cospace.session')}"
            role.permissions.add(roles.right(apps, "cospace.session", f"{action}_session", name))


class Migration(migrations.Migration):
    dependencies = [
        ("cospace", "0001_sessions"),
        ("users", "0023_roles_of_devices"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
