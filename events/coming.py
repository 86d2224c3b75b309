"""The meetings ahead of a person, or of an address without an account, for staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from calendars import recurrence
from calendars.addresses import spellings
from calendars.recurrence import Occurrence
from events.access import running
from events.models import Agenda, Event
from invites.models import EmailInvite, EventInvite
from users.models import User

MOST_BEGUN = 50  # series and long meetings that are looked into for their next date


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A meeting and its next date, with the invitation; the creator has none."""

    event: Event
    next: Occurrence
    invite: EventInvite | EmailInvite | None


def coming_of(user: User, now: datetime, *, count: int) -> list[Coming]:
    """The next ones. Of more than MOST_BEGUN that have begun, some are left out."""
    rows = Agenda.objects.filter(user=user).select_related("event__created_by").prefetch_related("event__exceptions")
    begun: QuerySet[Any] = running(rows, now)  # type: ignore[arg-type] # rows of the model
    later = rows.filter(sort_at__gt=now).order_by("sort_at", "created_at", "event")
    events = [row.event for row in (*begun[:MOST_BEGUN], *later[:count])]
    invites = {invite.event_id: invite for invite in EventInvite.objects.filter(invitee=user, event__in=events)}
    return _first(((event, invites.get(event.pk)) for event in events), now, count)


def coming_of_address(address: str, invites: QuerySet[EmailInvite], now: datetime, *, count: int) -> list[Coming]:
    """Those that the address is invited to without an account."""
    is_ahead = Q(event__series_ends_at=None, event__is_time_independent=False) | Q(event__series_ends_at__gte=now)
    own = invites.filter(is_ahead, email__in=spellings(address)).select_related("event__created_by")
    found = own.prefetch_related("event__exceptions").order_by("event__starts_at", "pk")[:MOST_BEGUN]
    return _first(((invite.event, invite) for invite in found), now, count)


def _first(pairs: Iterable[tuple[Event, EventInvite | EmailInvite | None]], now: datetime, count: int) -> list[Coming]:
    found = [
        Coming(event=event, next=occurrence, invite=invite)
        for event, invite in pairs
        if (occurrence := _next(event, now)) is not None
    ]
    return sorted(found, key=lambda coming: coming.next.starts_at)[:count]


def _next(event: Event, now: datetime) -> Occurrence | None:
    series = event.as_series()
    if series is None:
        return None
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    dates = recurrence.occurrences(series, after=now, overrides=overrides)
    return next((date for date in dates if not date.is_cancelled), None)
