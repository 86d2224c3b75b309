"""The roles of staff: groups with their rights, made once. Afterwards superusers change them as they like."""

from django.db import migrations

VIEW = ("view",)
# What answers questions about people and their meetings; the exceptions and reminders are part of an event's page.
MEETINGS = {
    "users.user": VIEW,
    "users.tenant": VIEW,
    "users.group": VIEW,
    "rooms.room": VIEW,
    "events.event": VIEW,
    "events.eventexception": VIEW,
    "events.reminder": VIEW,
    "invites.eventinvite": VIEW,
    "invites.emailinvite": VIEW,
    "activity.activity": VIEW,
    "mailer.outgoingmail": VIEW,
}
WHOLE_SITE = {
    "users.tariff": VIEW,
    "mailer.mailbranding": VIEW,
    "mailer.suppressedaddress": VIEW,
    "mailer.helddomain": VIEW,
    "events.folderdeletion": VIEW,
    "operations.jobrun": VIEW,
}
ALL = ("view", "add", "change", "delete")
# Names of rights of their own, beside the four that each model has.
SEE_EVERY_TENANT = ("users.tenant", "see_every_tenant", "Can see every tenant, not the own one alone")
READ_MAILS = ("mailer.outgoingmail", "read_outgoingmail", "Can read the contents of mails")
ROLES = {
    "Support": (MEETINGS | WHOLE_SITE, (SEE_EVERY_TENANT,)),
    "Mail operator": (
        MEETINGS
        | WHOLE_SITE
        | {
            "mailer.mailbranding": ALL,
            "mailer.outgoingmail": ("view", "change"),
            "mailer.mailtemplate": ("view", "change"),
            "mailer.suppressedaddress": ("view", "add", "change"),
            "mailer.helddomain": ("view", "delete"),
        },
        (SEE_EVERY_TENANT, READ_MAILS),
    ),
    "Tenant administrator": (
        MEETINGS
        | {
            "users.user": ("view", "add", "change"),
            "users.group": ALL,
            "mailer.mailbranding": ALL,
            "events.event": ("view", "change", "delete"),
            "mailer.outgoingmail": ("view", "change"),
            "mailer.mailtemplate": ("view", "change"),
        },
        (),
    ),
    "Privacy officer": (
        MEETINGS
        | WHOLE_SITE
        | {"rooms.asset": VIEW, "mailer.suppressedaddress": ("view", "add", "change")},
        (SEE_EVERY_TENANT, READ_MAILS),
    ),
}


def create_roles(apps, schema_editor=None):
    """Leaves a group alone that has the name of a role already: its members must not gain rights by an upgrade."""
    Group = apps.get_model("auth", "Group")
    keep_reach(apps)
    for name, (models, own) in ROLES.items():
        role, is_new = Group.objects.get_or_create(name=name)
        if not is_new:
            continue
        rights = [
            right(apps, path, f"{action}_{path.partition('.')[2]}", f"Can {action} {words(apps, path)}")
            for path, actions in models.items()
            for action in actions
        ]
        role.permissions.set([*rights, *(right(apps, *names) for names in own)])


def keep_reach(apps):
    """Whoever has rights already, by group or person, saw every tenant until now, and the contents of mails in view."""
    Group, User = apps.get_model("auth", "Group"), apps.get_model("users", "User")
    others = Group.objects.exclude(name__in=ROLES)
    see, read = (right(apps, *names) for names in (SEE_EVERY_TENANT, READ_MAILS))
    for group in others.filter(permissions__isnull=False).distinct():
        group.permissions.add(see)
    for group in others.filter(permissions__codename="view_outgoingmail"):
        group.permissions.add(read)
    for user in User.objects.filter(is_staff=True, user_permissions__isnull=False).distinct():
        user.user_permissions.add(see)
    for user in User.objects.filter(is_staff=True, user_permissions__codename="view_outgoingmail"):
        user.user_permissions.add(read)


def right(apps, path, codename, name):
    """The permission's row, which Django itself would make only when all migrations have run."""
    app, model = path.split(".")
    kind, _is_new = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
    permissions = apps.get_model("auth", "Permission").objects
    return permissions.get_or_create(content_type=kind, codename=codename, defaults={"name": name})[0]


def words(apps, path):
    return apps.get_model(path)._meta.verbose_name_raw


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0003_audience_streams"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("events", "0009_reminders"),
        ("invites", "0006_answers_of_others"),
        ("mailer", "0008_right_to_read_mails"),
        ("operations", "0001_initial"),
        ("rooms", "0002_initial"),
        ("users", "0007_rights_of_staff"),
    ]

    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
