"""Keeps the agenda correct: the only writer of Agenda rows, which are derived from events, invitations and favourites.

Reminders depend on the same, and are planned with them.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from calendars import recurrence
from events import reminders
from events.intervals import node_of
from events.models import Agenda, Event, EventException, Favorite
from invites.models import EventInvite, Status

WRITTEN = [
    "role", "sort_at", "last_end_at", "created_at", "is_favorite", "invite_status", "is_adhoc", "interval_node",
]  # fmt: skip


def sync(event: Event, *, users: Iterable[uuid.UUID] | None = None) -> None:
    """Writes the rows of an event: of `users`, or of everybody in it. Constant statements, whatever their number.

    Call it in the transaction that changed the event, an invitation or a favourite.
    """
    only = None if users is None else set(users)
    rows = {row.user_id: row for row in expected([event], only)}
    stored = Agenda.objects.filter(event=event)
    stale = stored.exclude(user_id__in=rows) if only is None else stored.filter(user_id__in=only - rows.keys())
    stale.delete()
    Agenda.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["user", "event"], update_fields=WRITTEN
    )
    reminders.plan(event, users=only)


def start(event: Event) -> None:
    """Writes the one row of a new event, its creator's, without looking for others."""
    row = _row(event, _extent(event, ()), event.created_by_id, CREATORS_PART, is_favorite=False)
    row.save(force_insert=True)
    reminders.plan(event, users=[event.created_by_id])


@dataclass(frozen=True)
class Difference:
    """A row that is missing, stale (nobody should have it) or wrong: `fields` has (what is, what should be)."""

    kind: str
    event_id: uuid.UUID
    user_id: uuid.UUID
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def differences(events: Sequence[Event]) -> list[Difference]:
    """Where the rows of `events` are not the expected ones. Constant statements, whatever the number of events."""
    stored = {(row.event_id, row.user_id): row for row in Agenda.objects.filter(event__in=events)}
    found = []
    for should in expected(events):
        row = stored.pop((should.event_id, should.user_id), None)
        if row is None:
            found.append(Difference("missing", should.event_id, should.user_id))
            continue
        pairs = {name: (getattr(row, name), getattr(should, name)) for name in WRITTEN}
        wrong = {name: (old, new) for name, (old, new) in pairs.items() if old != new}
        if wrong:
            found.append(Difference("wrong", should.event_id, should.user_id, wrong))
    return found + [Difference("stale", event_id, user_id) for event_id, user_id in stored]


@transaction.atomic
def settle(event_ids: Iterable[uuid.UUID], *, repair: bool) -> list[Difference]:
    """The differences of events that no service is changing meanwhile, for their rows are locked; repaired on demand.

    A check without the lock may have read an event before, its agenda after a change.
    """
    events = list(Event.objects.select_for_update().filter(pk__in=event_ids).order_by("pk"))
    found = differences(events)
    if repair:
        unlike = {difference.event_id for difference in found}
        for event in events:
            if event.pk in unlike:
                sync(event)
    return found


@dataclass(frozen=True)
class _Part:
    """Somebody's part in an event. Whoever has no invitation, the creator, counts as having accepted."""

    role: str
    status: str


CREATORS_PART = _Part(Agenda.Role.CREATOR, Status.ACCEPTED)


def expected(events: Sequence[Event], users: set[uuid.UUID] | None = None) -> list[Agenda]:
    """The rows that should exist, unsaved: of `users`, or of everybody in the events."""
    invites = EventInvite.objects.filter(event__in=events)
    favorites = Favorite.objects.filter(event__in=events)
    if users is not None:
        invites, favorites = invites.filter(invitee__in=users), favorites.filter(user__in=users)
    parts: dict[uuid.UUID, dict[uuid.UUID, _Part]] = {event.pk: {} for event in events}
    for event_id, user_id, role, status in invites.values_list("event", "invitee", "role", "status"):
        parts[event_id][user_id] = _Part(role, status)
    for event in events:
        if users is None or event.created_by_id in users:
            parts[event.pk][event.created_by_id] = CREATORS_PART
    loved = set(favorites.values_list("event", "user"))
    extents = _extents(events)
    return [
        _row(event, extents[event.pk], user_id, part, (event.pk, user_id) in loved)
        for event in events
        for user_id, part in parts[event.pk].items()
    ]


def _extents(events: Sequence[Event]) -> dict[uuid.UUID, tuple[datetime, datetime]]:
    """The earliest start and the last end by event: an occurrence may have been moved before the first or behind.

    Also one that was cancelled then: lists of occurrences have it where it was moved to.
    """
    moved: dict[uuid.UUID, list[EventException]] = {}
    series = [event.pk for event in events if event.is_recurring]
    if series:
        own_times = Q(starts_at__isnull=False) | Q(ends_at__isnull=False)
        for exception in EventException.objects.filter(own_times, event__in=series):
            moved.setdefault(exception.event_id, []).append(exception)
    return {event.pk: _extent(event, moved.get(event.pk, ())) for event in events}


def _extent(event: Event, moved: Iterable[EventException]) -> tuple[datetime, datetime]:
    series = event.as_series()
    if series is None:
        return Agenda.NO_TIME, Agenda.NO_TIME
    found = [recurrence.overridden(series, exception.as_override()) for exception in moved]
    first = recurrence.first(series)  # RDATE may name one before the start
    starts = [series.starts_at, *(occurrence.starts_at for occurrence in (first, *found) if occurrence)]
    ends = [event.series_ends_at or Agenda.NO_END, *(occurrence.ends_at for occurrence in found)]
    return min(starts), max(ends)


def _row(event: Event, extent: tuple[datetime, datetime], user_id: uuid.UUID, part: _Part, is_favorite: bool) -> Agenda:
    start, end = extent
    return Agenda(
        user_id=user_id,
        event=event,
        role=part.role,
        sort_at=start,
        last_end_at=end,
        created_at=event.created_at,
        is_favorite=is_favorite,
        invite_status=part.status,
        is_adhoc=event.is_adhoc,
        interval_node=node_of(start, end),
    )
