"""Who looks at objects sees which services report of them; a tenant's administrator binds services to objects."""

from importlib import import_module

from django.db import migrations

LOOKS = {"producer": ("view",), "binding": ("view",)}
MORE = {
    "Support": LOOKS,
    "Tenant administrator": {"producer": ("view",), "binding": ("view", "add", "delete")},
    "Privacy officer": LOOKS,
}


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    roles = import_module("users.migrations.0008_roles")
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for model, actions in MORE[role.name].items():
            for action in actions:
                name = f"Can {action} {roles.words(apps, f'producers.{model}')}"
                role.permissions.add(roles.right(apps, f"producers.{model}", f"{action}_{model}", name))


class Migration(migrations.Migration):
    dependencies = [
        ("producers", "0002_livekit"),
        ("users", "0024_roles_of_cospace"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
