"""Follows the log without losing anything: no position is handed out while an older transaction may still add one."""

import uuid
from collections.abc import Sequence

from django.db import connection, models

from activity.models import Activity


def settled() -> models.QuerySet[Activity]:
    """Activities below which no new position can appear any more.

    PostgreSQL gives a row its position before its transaction commits; a reader that took the highest visible one would
    skip those that commit later. So only rows of transactions older than the oldest running one count.
    """
    if connection.vendor != "postgresql":
        return Activity.objects.all()
    return Activity.objects.extra(where=["transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"])


def after(position: int, *, limit: int = 500, user_id: uuid.UUID | None = None) -> Sequence[Activity]:
    """The next activities in order, for everybody or for one person's eyes."""
    rows = settled().filter(position__gt=position)
    if user_id is not None:
        rows = rows.filter(audience__user_id=user_id)
    return list(rows.order_by("position")[:limit])
