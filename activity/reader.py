"""Reads the log without missing rows: a cursor never moves past a position where a row may still appear.

Positions do not tell who commits first, and neither do the ids of transactions; but once all transactions below an id
have ended, nothing can appear below it any more. So a cursor is a transaction and a position in it, and a reader gets
only what lies below the oldest running transaction (of the whole server: a long one delays readers).

All readers see one order. Two transactions of which the second began to write after the first had ended come in this
order; where they overlapped, the one that wrote first comes first, whichever ended first.

Each stream is one range of one index: everything, a tenant's, and a person's, whose rows repeat the transaction.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models.lookups import GreaterThan, LessThan

from activity.models import Activity, Audience
from database.rows import plain_rows


class Cursor(NamedTuple):
    """The position of a reader, which has read everything up to and including this activity. It can be stored."""

    transaction_id: int = 0
    position: int = 0

    @classmethod
    def of(cls, row: Activity | Audience) -> Self:
        return cls(row.transaction_id, row.activity_id if isinstance(row, Audience) else row.position)


START = Cursor()


class OldestRunning(models.Func):
    """PostgreSQL's oldest running transaction, as seen by the same statement."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = models.BigIntegerField()


class Row(models.Func):
    """A row value: two of them are compared by one range of the index, which the same said with OR is not."""

    template = "(%(expressions)s)"
    output_field = models.Field()


def now() -> Cursor:
    """Beyond it lies all that is committed from now on, and what was committed beside a transaction that still runs."""
    if connection.vendor == "sqlite":
        return Cursor(0, _newest_position())
    return Cursor(_snapshot("min"), 0)


def settled() -> models.QuerySet[Activity]:
    """Activities below which no new rows can appear, in the order of cursors."""
    return Activity.objects.filter(_is_settled()).order_by("transaction_id", "position")


def after(cursor: Cursor, *, tenant_id: uuid.UUID | None = None, limit: int = 500) -> Sequence[Activity]:
    """The next activities in order, of all tenants or of one."""
    rows = _activities().filter(_is_settled(), _is_beyond(cursor, "position"))
    if tenant_id is not None:
        rows = rows.filter(tenant_id=tenant_id)
    return list(rows[:limit])


@cache
def _activities() -> models.QuerySet[Any, Activity]:
    """Each process that has streams reads them at each wake-up."""
    ordered = Activity.objects.order_by("transaction_id", "position")
    return plain_rows(ordered, lambda activity: activity, {"": Activity})


def seen_by(user_id: uuid.UUID, cursor: Cursor, *, limit: int = 500) -> Sequence[Audience]:
    """The next rows of a person's stream in order, each with its activity."""
    rows = Audience.objects.filter(_is_settled(), _is_beyond(cursor, "activity_id"), user_id=user_id)
    return list(rows.select_related("activity").order_by("transaction_id", "activity_id")[:limit])


def newest_seen_by(user_id: uuid.UUID, before: Cursor | None = None) -> models.QuerySet[Audience]:
    """A person's stream backwards, from the newest row that readers can see, or from before the cursor."""
    rows = Audience.objects.filter(_is_settled(), user_id=user_id)
    if before is not None:
        rows = rows.filter(_is_beyond(before, "activity_id", is_backwards=True))
    return rows.order_by("-transaction_id", "-activity_id")


def is_of_this_log(cursor: Cursor) -> bool:
    """Whether the log has come as far; a cursor from before a restored backup may lie in a future of its own."""
    if connection.vendor == "sqlite":
        return cursor.transaction_id == 0 and cursor.position <= _newest_position()
    return cursor.transaction_id <= _snapshot("max")  # the same is `now` where no transaction runs


def hidden_since() -> datetime | None:
    """When the oldest activity was written that readers do not get yet, because of a transaction that still runs."""
    if connection.vendor == "sqlite":
        return None
    hidden = Activity.objects.order_by().filter(transaction_id__gte=OldestRunning())
    found: datetime | None = hidden.aggregate(since=models.Min("occurred_at"))["since"]
    return found


def _newest_position() -> int:
    return Activity.objects.order_by().aggregate(last=models.Max("position"))["last"] or 0


def _snapshot(end: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_snapshot_x{end}(pg_current_snapshot())::text::bigint")
        row: tuple[int] = cursor.fetchone()
    return row[0]


def horizon() -> int:
    """For `until`: what is settled now."""
    return _newest_position() if connection.vendor == "sqlite" else _snapshot("min")


def until(seen: int) -> models.Q:
    """What was settled when `horizon` returned `seen`: the same rows for ever, until they are removed."""
    if connection.vendor == "sqlite":
        return models.Q(position__lte=seen)
    return models.Q(transaction_id__lt=seen)


# SQLite has one writer at a time and no ids of transactions; nor does it take a row value for a range of an index that
# ends with the row id.
def _is_settled() -> models.Q:
    if connection.vendor == "sqlite":
        return models.Q(transaction_id=0)
    return models.Q(transaction_id__lt=OldestRunning())


def _is_beyond(cursor: Cursor, position: str, *, is_backwards: bool = False) -> GreaterThan | LessThan | models.Q:
    if connection.vendor == "sqlite":
        return models.Q((f"{position}__{'lt' if is_backwards else 'gt'}", cursor.position))
    compared = LessThan if is_backwards else GreaterThan
    return compared(Row("transaction_id", position), Row(*map(models.Value, cursor)))
