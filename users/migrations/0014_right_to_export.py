"""Who may take lists out of the admin: a right of its own, because a file goes where no rule of ours does."""

from importlib import import_module

from django.db import migrations

HOLDERS = ("Mail operator", "Tenant administrator", "Privacy officer")


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    right = import_module("users.migrations.0008_roles").right
    new = right(apps, "users.tenant", "export_lists", "Can export lists as files")
    roles = apps.get_model("auth", "Group").objects
    for role in roles.filter(name__in=HOLDERS, permissions__codename="view_emailinvite"):
        role.permissions.add(new)


class Migration(migrations.Migration):
    dependencies = [("users", "0013_name_of_groups")]

    operations = [
        migrations.AlterModelOptions(
            name="tenant",
            options={
                "ordering": ["external_id"],
                "permissions": (
                    ("see_every_tenant", "Can see every tenant, not the own one alone"),
                    ("export_lists", "Can export lists as files"),
                ),
                "verbose_name": "tenant",
                "verbose_name_plural": "tenants",
            },
        ),
        migrations.RunPython(extend_roles, migrations.RunPython.noop),
    ]
