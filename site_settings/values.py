"""What a setting is now: as staff have chosen it, else as the environment says.

Each process remembers the row for FRESH_SECONDS, so it costs one statement now and then, and what one process saves
the others follow within that time.
"""

import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.constants import LOOKUP_SEP

from site_settings.models import SiteSettings

FRESH_SECONDS = 5
# By the names of settings.py. Of the tariff everybody wants the name.
COLUMNS = {
    "MAIL_SUPPORT_ADDRESS": "support_address",
    "MAIL_IMPRINT_URL": "imprint_url",
    "MAIL_DATA_PROTECTION_URL": "data_protection_url",
    "EVENT_INVITE_EXTERNAL": "invites_outsiders",
    "DEFAULT_USER_LANGUAGE": "default_language",
    "TARIFF_DEFAULT": "default_tariff__name",
    "STAFF_SECOND_FACTOR": "second_factor",
    "MAIL_TENANT_DAILY_QUOTA": "mail_daily_quota",
    "MAIL_BODY_DAYS": "mail_body_days",
}
NOTHING = (None, "")


class _Memory:
    """Replaced as a whole, so that threads need no lock."""

    def __init__(self) -> None:
        self.known: tuple[float, dict[str, Any]] | None = None

    def row(self) -> dict[str, Any]:
        if self.known is None or self.known[0] <= time.monotonic():
            row = SiteSettings.objects.values(*COLUMNS.values()).first() or {}
            self.known = (time.monotonic() + FRESH_SECONDS, row)
        return self.known[1]


_memory = _Memory()


def present(name: str) -> Any:
    """`name` is that of the environment's setting; the type is the same."""
    chosen = _memory.row().get(COLUMNS[name])
    return getattr(settings, name) if chosen in NOTHING else chosen


def in_force(row: SiteSettings, name: str) -> Any:
    """What the setting is with this row, saved or not."""
    chosen: Any = row
    for part in COLUMNS[name].split(LOOKUP_SEP):
        chosen = getattr(chosen, part) if chosen is not None else None
    return getattr(settings, name) if chosen in NOTHING else chosen


def forget() -> None:
    """The next reader of this process asks the database."""
    _memory.known = None


def forget_at_commit() -> None:
    transaction.on_commit(forget)


def assume_nothing_chosen() -> None:
    """For tests that are not about it: no statement, until `forget`."""
    _memory.known = (float("inf"), {})
