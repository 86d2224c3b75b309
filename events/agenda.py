"""Keeps the agenda true: the only writer of Agenda rows, which follow from events, invitations and favourites."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from events.models import Agenda, Event, Favorite
from invites.models import EventInvite, Status

WRITTEN = [
    "role", "sort_at", "last_end_at", "created_at", "is_favorite", "invite_status", "is_adhoc", "is_time_independent",
]  # fmt: skip


def sync(event: Event, *, users: Iterable[uuid.UUID] | None = None) -> None:
    """Writes the rows of an event: of `users`, or of everybody in it. Constant statements, whatever their number.

    Call it in the transaction that changed the event, an invitation or a favourite.
    """
    only = None if users is None else list(users)
    rows = {row.user_id: row for row in expected(event, only)}
    stale = Agenda.objects.filter(event=event).exclude(user_id__in=list(rows))
    if only is not None:
        stale = stale.filter(user_id__in=only)
    stale.delete()
    Agenda.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["user", "event"], update_fields=WRITTEN
    )


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
    for should in _expected(events):
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


def expected(event: Event, users: list[uuid.UUID] | None = None) -> list[Agenda]:
    """The rows that should exist, unsaved; what manage.py check_consistency compares with."""
    return _expected([event], users)


def _expected(events: Sequence[Event], users: list[uuid.UUID] | None = None) -> list[Agenda]:
    invites = EventInvite.objects.filter(event__in=events)
    favorites = Favorite.objects.filter(event__in=events)
    if users is not None:
        invites, favorites = invites.filter(invitee__in=users), favorites.filter(user__in=users)
    parts: dict[uuid.UUID, dict[uuid.UUID, _Part]] = {event.pk: {} for event in events}
    for event_id, user_id, role, status in invites.values_list("event", "invitee", "role", "status"):
        parts[event_id][user_id] = _Part(role, status)
    for event in events:
        if users is None or event.created_by_id in users:
            parts[event.pk][event.created_by_id] = _Part(Agenda.Role.CREATOR, Status.ACCEPTED)
    loved = set(favorites.values_list("event", "user"))
    return [
        _row(event, user_id, part, (event.pk, user_id) in loved)
        for event in events
        for user_id, part in parts[event.pk].items()
    ]


def _row(event: Event, user_id: uuid.UUID, part: _Part, is_favorite: bool) -> Agenda:
    return Agenda(
        user_id=user_id,
        event=event,
        role=part.role,
        sort_at=event.starts_at or Agenda.NO_TIME,
        last_end_at=Agenda.NO_TIME if event.is_time_independent else event.series_ends_at or Agenda.NO_END,
        created_at=event.created_at,
        is_favorite=is_favorite,
        invite_status=part.status,
        is_adhoc=event.is_adhoc,
        is_time_independent=event.is_time_independent,
    )
