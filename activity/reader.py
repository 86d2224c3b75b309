"""Follows the log without losing anything: a reader is never moved past a place where a row may still appear.

Positions do not tell who commits first, and neither do the ids of transactions; but once all transactions below an id
have ended, nothing can appear below it any more. So a place is a transaction and a position in it, and a reader
gets only what lies below the oldest running transaction (of the whole server: a long one delays readers).

All readers see one order. Two transactions of which the second began to write after the first had ended come in this
order; where they overlapped, the one that wrote first comes first, whichever ended first.
"""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models.lookups import GreaterThan

from activity.models import Activity


class Place(NamedTuple):
    """Where a reader stands: it has everything up to and with this activity. Kept, it survives the reader."""

    transaction_id: int = 0
    position: int = 0

    @classmethod
    def of(cls, activity: Activity) -> Self:
        return cls(activity.transaction_id, activity.position)


START = Place()


class OldestRunning(models.Func):
    """PostgreSQL's oldest transaction that has not ended, in the eyes of the same statement; none on SQLite."""

    template = "9223372036854775807"
    output_field = models.BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


class Row(models.Func):
    """A row value: two of them are compared by one range of the index, which the same said with OR is not."""

    template = "(%(expressions)s)"
    output_field = models.Field()


def settled() -> models.QuerySet[Activity]:
    """Activities below which nothing can appear any more, in the order of places."""
    return Activity.objects.filter(transaction_id__lt=OldestRunning()).order_by("transaction_id", "position")


def after(place: Place, *, limit: int = 500, user_id: uuid.UUID | None = None) -> Sequence[Activity]:
    """The next activities in order, for everybody or for one person's eyes."""
    follows = GreaterThan(Row("transaction_id", "position"), Row(*map(models.Value, place)))
    rows = settled().filter(follows)
    if user_id is not None:
        rows = rows.filter(audience__user_id=user_id)
    return list(rows[:limit])
