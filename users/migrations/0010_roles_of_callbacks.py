"""What the roles may do with callbacks and Smart Invites, which came after them."""

from importlib import import_module

from django.db import migrations

roles = import_module("users.migrations.0008_roles")
VIEW = ("view",)
LOOKS = {
    "deliveries.endpoint": VIEW,
    "deliveries.delivery": VIEW,
    "cronofy.application": VIEW,
    "cronofy.smartinvite": VIEW,
}
MORE = {
    "Support": LOOKS,
    "Tenant administrator": LOOKS
    | {
        "deliveries.endpoint": ("view", "change"),
        "deliveries.delivery": ("view", "change"),
        "cronofy.application": ("view", "add", "change"),
    },
    "Privacy officer": LOOKS,
}


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for path, actions in MORE[role.name].items():
            for action in actions:
                name = f"Can {action} {roles.words(apps, path)}"
                role.permissions.add(roles.right(apps, path, f"{action}_{path.partition('.')[2]}", name))


class Migration(migrations.Migration):
    dependencies = [
        ("cronofy", "0001_initial"),
        ("deliveries", "0001_initial"),
        ("users", "0009_right_to_incoming_mails"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
