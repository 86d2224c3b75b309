"""Who looks at people's rooms sees what became of uploads; a tenant's administrator lets them be converted again."""

from importlib import import_module

from django.db import migrations

LOOKS = ("view",)
MORE = {
    "Support": LOOKS,
    "Mail operator": LOOKS,
    "Tenant administrator": ("view", "change"),
    "Privacy officer": LOOKS,
}


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    roles = import_module("users.migrations.0008_roles")
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for action in MORE[role.name]:
            name = f"Can {action} {roles.words(apps, 'objects.content')}"
            role.permissions.add(roles.right(apps, "objects.content", f"{action}_content", name))


class Migration(migrations.Migration):
    dependencies = [
        ("objects", "0002_uploads_and_files"),
        ("users", "0020_right_to_compliance"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
