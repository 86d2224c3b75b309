"""Pages of a tenant's events, the newest first.

The order is that of the time and position of the activities. A listing goes on among the rows that were settled when
its first page was read (`activity.reader.horizon`), so that its pages stay put while others write.

Of each kind that may give the wanted events one range of one index is read, and the ranges are merged: a page costs
about as many rows as it shows and the kinds there are, however long the log is and however rare they are. Where a kind
gives the wanted event only sometimes, a page reads at most SCAN more rows; then it is short, and the next goes on.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from django.db import connection
from django.db.models import Q, Value

from activity.models import Activity, ByTime
from activity.reader import horizon, until
from integrations.webex import ids
from integrations.webex.events import MOST_EVENTS, Made, activities_of, made_of
from integrations.webex.formats import is_wanted, kinds_of

SCAN = 1000
LONGEST_CURSOR = 90
ORDER = ("-at", "-position")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(\d{1,19})\.(-?\d{1,18})\.(\d{1,19})\.(\d)", re.ASCII)
_MOST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Filters:
    """ "" and None are any. From `start` on, before `end`."""

    resource: str = ""
    type: str = ""
    actor_id: uuid.UUID | None = None
    start: datetime | None = None
    end: datetime | None = None


class Cursor(NamedTuple):
    """Where a listing goes on: at this activity, of whose events so many were shown; and how far it may see."""

    seen: int
    at: datetime
    position: int
    shown: int

    def written(self) -> str:
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.seen}.{micros}.{self.position}.{self.shown}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        seen, micros, position, shown = map(int, found.groups())
        try:
            at = _EPOCH + timedelta(microseconds=micros)
        except OverflowError:
            return None
        return cls(seen, at, position, shown) if max(seen, position) <= _MOST else None


@dataclass(frozen=True)
class Page:
    events: list[Made]
    next: Cursor | None


def page(tenant_id: uuid.UUID, filters: Filters, *, maximum: int, cursor: Cursor | None = None) -> Page:
    seen = cursor.seen if cursor else horizon()
    kinds = kinds_of(filters.resource, filters.type)
    events: list[Made] = []
    # What is wanted is mostly there at the first try; the second is for kinds that give it only sometimes.
    for limit in (maximum + 2, SCAN) if kinds else ():
        positions = _positions(tenant_id, filters, kinds, seen, cursor, limit)
        rows = _rows(positions)
        for made in _wanted(rows, filters, cursor):
            if len(events) == maximum:
                return Page(events, _at(seen, events[-1]))
            events.append(made)
        if len(positions) < limit:
            return Page(events, None)
        if rows:
            cursor = Cursor(seen, rows[-1].occurred_at, rows[-1].position, shown=MOST_EVENTS)
    return Page(events, cursor if kinds else None)


def find(tenant_id: uuid.UUID, event_id: uuid.UUID) -> Made | None:
    """Only what a listing could show."""
    numbers = activities_of(event_id)
    rows = list(Activity.objects.filter(id__in=numbers, tenant_id=tenant_id))
    for made in made_of(rows):
        if made.event.is_listed and made.number == numbers[made.told.activity.id]:
            return made
    return None


def _at(seen: int, last: Made) -> Cursor:
    activity = last.told.activity
    return Cursor(seen, activity.occurred_at, activity.position, last.number + 1)


def _wanted(rows: Sequence[Activity], filters: Filters, cursor: Cursor | None) -> Iterator[Made]:
    for made in made_of(rows):
        was_shown = cursor is not None and made.told.activity.position == cursor.position and made.number < cursor.shown
        if is_wanted(made.event, filters.resource, filters.type) and not was_shown:
            yield made


def _positions(
    tenant_id: uuid.UUID, filters: Filters, kinds: Sequence[str], seen: int, cursor: Cursor | None, limit: int
) -> list[int]:
    """In the order of the listing, the cursor's own first. Rows are wide, so only those that are shown are read."""
    found = Activity.objects.annotate(at=ByTime("occurred_at")).order_by()
    found = found.filter(_asked(filters), until(seen), tenant_id=tenant_id)
    if cursor is not None:
        at = ByTime(Value(cursor.at))
        found = found.filter(Q(at__lt=at) | Q(position__lte=cursor.position), at__lte=at)
    ranges = [found.filter(kind=kind).values_list("at", "position") for kind in kinds]
    if len(ranges) > 1 and connection.features.supports_slicing_ordering_in_compound:
        # PostgreSQL merges only what is in order by itself; SQLite sees to that, and takes it in no other way.
        ranges = [one.order_by(*ORDER)[:limit] for one in ranges]
    merged = ranges[0].union(*ranges[1:], all=True) if len(ranges) > 1 else ranges[0]
    return [position for _when, position in merged.order_by(*ORDER)[:limit]]


def _rows(positions: Sequence[int]) -> list[Activity]:
    """Some may have been removed meanwhile, because they are old."""
    rows = Activity.objects.in_bulk(positions)
    return [rows[position] for position in positions if position in rows]


def _asked(filters: Filters) -> Q:
    asked = Q()
    if filters.actor_id is not None:
        # Who has no id of its own is the system.
        asked &= Q(actor_id=None) if filters.actor_id == ids.SYSTEM else Q(actor_id=filters.actor_id)
    if filters.start is not None:
        asked &= Q(at__gte=ByTime(Value(filters.start)))
    if filters.end is not None:
        asked &= Q(at__lt=ByTime(Value(filters.end)))
    return asked
