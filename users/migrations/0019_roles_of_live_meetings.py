"""Who looks at meetings sees the live ones; a tenant's administrator ends them; a privacy officer reads kept chats."""

from importlib import import_module

from django.db import migrations

LOOKS = {"signaling.roomsession": ("view",)}
MORE = {
    "Support": LOOKS,
    "Mail operator": LOOKS,
    "Tenant administrator": {"signaling.roomsession": ("view", "change")},
    "Privacy officer": LOOKS,
}
READERS = ("Privacy officer",)
READ_CHAT = ("signaling.roomsession", "read_chat", "Can read the chat of live meetings")


def extend_roles(apps, schema_editor=None):
    """Those that are the shipped ones by a right that no page asked for before; a namesake was left alone."""
    roles = import_module("users.migrations.0008_roles")
    for role in apps.get_model("auth", "Group").objects.filter(
        name__in=MORE, permissions__codename="view_emailinvite"
    ):
        for path, actions in MORE[role.name].items():
            for action in actions:
                name = f"Can {action} {roles.words(apps, path)}"
                role.permissions.add(roles.right(apps, path, f"{action}_{path.partition('.')[2]}", name))
        if role.name in READERS:
            role.permissions.add(roles.right(apps, *READ_CHAT))


class Migration(migrations.Migration):
    dependencies = [
        ("signaling", "0006_staff"),
        ("users", "0018_sign_in"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
