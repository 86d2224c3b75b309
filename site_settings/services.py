"""Use case: staff change the site's settings."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.changes import in_json
from activity.kinds import SettingsUpdated
from activity.log import record
from site_settings.models import ONLY, SiteSettings
from site_settings.values import COLUMNS, forget_at_commit, in_force

NAMES = {column.partition("__")[0]: name for name, column in COLUMNS.items()}


@transaction.atomic
def change_settings(*, actor: Actor, columns: dict[str, Any]) -> SiteSettings:
    """`columns` are those of SiteSettings; "" or None goes back to the environment's. The log has what was in force."""
    SiteSettings.objects.get_or_create(pk=ONLY)
    row = SiteSettings.objects.select_for_update(of=("self",)).select_related("default_tariff").get(pk=ONLY)
    columns = {name: value for name, value in columns.items() if getattr(row, name) != value}
    before = {name: in_force(row, NAMES[name]) for name in columns}
    for name, value in columns.items():
        setattr(row, name, value)
    if columns:
        row.save(update_fields=list(columns))
        changes = {name: (before[name], in_force(row, NAMES[name])) for name in columns}
        record(SettingsUpdated(), actor=actor, subject=row, changes=in_json(changes))
        forget_at_commit()
    return row
