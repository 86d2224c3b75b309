"""The occurrences that a person sees: of one event by id, of all their events by time."""

import heapq
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from calendars import recurrence
from calendars.patterns import Series
from calendars.recurrence import Occurrence
from calendars.times import parse_instance_id
from events import access
from events.access import Entries, SortKey
from events.models import Agenda, EventException, series_of
from events.rows import AgendaRow, Entry, ExceptionRow
from rest.errors import NotFound


@dataclass(frozen=True)
class Window:
    """Both ends inclusive; None is open. Cancelled occurrences count unless they are not wanted."""

    time_min: datetime | None
    time_max: datetime | None
    with_cancelled: bool = True


# --- of one event ---


def of_event(row: AgendaRow, window: Window, *, beyond: datetime | None, count: int) -> list[Occurrence]:
    """At most `count`, by original start; `beyond` is the last one that was seen. Needs access.with_exceptions."""
    series = series_of(row.event)
    if series is None:
        return []
    overrides = [exception.as_override() for exception in row.exceptions]
    found = recurrence.by_original_start(
        series, beyond=beyond, after=window.time_min, before=window.time_max, overrides=overrides
    )
    return list(islice((item for item in found if window.with_cancelled or not item.is_cancelled), count))


def one_of_event(series: Series | None, exceptions: Iterable[EventException | ExceptionRow], name: str) -> Occurrence:
    """By instance id, cancelled ones too. Raises NotFound."""
    try:
        original_starts_at = parse_instance_id(name)
    except ValueError:
        raise NotFound from None
    if series is None or not recurrence.is_occurrence(series, original_starts_at):
        raise NotFound
    return recurrence.named(series, original_starts_at, (exception.as_override() for exception in exceptions))


# --- of all events ---

# The start of an occurrence, then what makes the order of equal starts: the event's creation, the event, its own name.
Key = tuple[datetime, datetime, uuid.UUID, datetime]


@dataclass(frozen=True)
class Found:
    """An occurrence of an agenda entry's event; None for an event without time."""

    row: AgendaRow
    key: Key
    occurrence: Occurrence | None

    @property
    def event_id(self) -> uuid.UUID:
        return self.key[2]


def page(
    entries: Entries, window: Window, *, cursor: list[Any] | None, count: int
) -> tuple[list[Found], list[str] | None]:
    """The first `count` occurrences in `entries`, by start, and the cursor of the next page, None on the last.

    Costs what runs at the page's beginning plus `count` events, however many others there are. Raises BadRequest.
    """
    beyond = _read(cursor)
    candidates, horizon = _candidates(entries, window, beyond, count)
    streams = (_occurrences(row, window, beyond) for row in access.with_exceptions(candidates))
    found = heapq.merge(*streams, key=lambda item: item.key)
    shown = list(islice(takewhile(lambda item: horizon is None or item.key[:3] <= horizon, found), count + 1))
    if len(shown) > count:
        return shown[:count], _written(shown[count - 1].key)
    # Up to the horizon all was shown; beyond it nobody has looked.
    return shown, None if horizon is None else _written((*horizon, Agenda.NO_END))


def _candidates(
    entries: Entries, window: Window, beyond: Key | None, count: int
) -> tuple[list[AgendaRow], SortKey | None]:
    """Entries that may have an occurrence on the page, and the sort key up to which there are no others."""
    if window.time_min or window.time_max:
        entries = access.with_time(entries)
    if window.time_max:
        entries = entries.filter(sort_at__lte=window.time_max)
    since = beyond[0] if beyond else window.time_min
    running = list(access.running(entries, since)) if since else []
    coming = entries
    if beyond is not None:
        coming = access.beyond(entries, beyond[:3])
    elif since is not None:
        coming = entries.filter(sort_at__gt=since)
    rows = list(coming[: count + 1])
    horizon = _sort_key(rows[-1].entry) if len(rows) > count else None
    return list({row.entry.event_id: row for row in (*running, *rows)}.values()), horizon


def _sort_key(entry: Entry) -> SortKey:
    return entry.sort_at, entry.created_at, entry.event_id


def _occurrences(row: AgendaRow, window: Window, beyond: Key | None) -> Iterator[Found]:
    """Those of one entry that come after the cursor."""
    found: Iterable[Found]
    series, entry = series_of(row.event), row.entry
    overrides = [exception.as_override() for exception in row.exceptions]
    if series is None:
        found = [Found(row, (*_sort_key(entry), entry.sort_at), None)]
    else:
        after = max((time for time in (window.time_min, beyond and beyond[0]) if time), default=None)
        found = (
            Found(row, (item.starts_at, entry.created_at, entry.event_id, item.original_starts_at), item)
            for item in recurrence.occurrences(series, after=after, before=window.time_max, overrides=overrides)
            if window.with_cancelled or not item.is_cancelled
        )
    return (item for item in found if beyond is None or item.key > beyond)


def _written(key: Key) -> list[str]:
    starts_at, created_at, event_id, original_starts_at = key
    return [starts_at.isoformat(), created_at.isoformat(), str(event_id), original_starts_at.isoformat()]


def _read(cursor: list[Any] | None) -> Key | None:
    if cursor is None:
        return None
    return *access.read_key(cursor[:-1]), access.read_instant(cursor[-1])
