"""Who reads mails and looks at callbacks reads callbacks too."""

from importlib import import_module

from django.db import migrations


def extend_roles(apps, schema_editor=None):
    right = import_module("users.migrations.0008_roles").right
    new = right(apps, "deliveries.delivery", "read_delivery", "Can read the contents of callbacks")
    for app, model, holders in (("auth", "Group", "permissions"), ("users", "User", "user_permissions")):
        found = apps.get_model(app, model).objects.all()
        for codename in ("read_outgoingmail", "view_delivery"):
            found = found.filter(**{f"{holders}__codename": codename})
        for holder in found:
            getattr(holder, holders).add(new)


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0003_right_to_read_callbacks"), ("users", "0010_roles_of_callbacks")]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
