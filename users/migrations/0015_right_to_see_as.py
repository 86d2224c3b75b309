"""Who answers questions about meetings may look at what a person sees of them; each look is in the log."""

from importlib import import_module

from django.db import migrations

HOLDERS = ("Support", "Tenant administrator", "Privacy officer")


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    right = import_module("users.migrations.0008_roles").right
    new = right(apps, "users.user", "see_as_user", "Can see what a person sees")
    roles = apps.get_model("auth", "Group").objects
    for role in roles.filter(name__in=HOLDERS, permissions__codename="view_emailinvite"):
        role.permissions.add(new)


class Migration(migrations.Migration):
    dependencies = [("users", "0014_right_to_export")]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": ["display_name", "id"],
                "permissions": (("see_as_user", "Can see what a person sees"),),
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.RunPython(extend_roles, migrations.RunPython.noop),
    ]
