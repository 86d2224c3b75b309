"""When a meeting's reminders are looked at next. Called by events/agenda.py, which sees all that they depend on.

Looking too early costs a look and nothing else: who is reminded, and of what, is decided then, by
services/due_reminders.py.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from calendars import reminders
from calendars.recurrence import Override
from calendars.reminders import Rule
from events.models import Agenda, Event, EventException, NextReminder, Reminder


def plan(event: Event, *, users: Iterable[uuid.UUID] | None = None) -> None:
    """For these people, who have come to it, or for everybody. Needs the lock of the event."""
    usual = Reminder.objects.filter(event=None, is_off=False)
    if users is None:
        usual = usual.filter(user__in=Agenda.objects.filter(event=event).values("user"))
    else:
        usual = usual.filter(user__in=list(users))
    own = Reminder.objects.filter(event=event)
    if found := rules_of(own.values_list("rules", flat=True).union(usual.values_list("rules", flat=True))):
        plan_all([event], found, is_whole=users is None)


def rules_of(lists: Iterable[list[dict[str, object]]]) -> frozenset[Rule]:
    return frozenset(reminders.read(data) for rules in lists for data in rules)


def plan_all(events: Sequence[Event], rules: frozenset[Rule], *, is_whole: bool = False) -> None:
    """`is_whole`: nobody in them has other rules. Constant statements. Needs the locks of the events."""
    now, overrides = timezone.now(), overrides_of(events)
    stored = {row.event_id: row for row in NextReminder.objects.select_for_update().filter(event__in=events)}
    written, dropped = [], []
    for event in events:
        row, look_at = stored.get(event.pk), next_look(event, rules, overrides.get(event.pk, ()), after=now)
        if row is not None and row.look_at <= now:
            continue  # what is due now is not forgotten; then the job plans anew
        if row is not None and not is_whole:
            look_at = min(filter(None, (look_at, row.look_at)))
        if look_at is not None:
            written.append(NextReminder(event=event, look_at=look_at, looked_at=now))
        elif row is not None:
            dropped.append(event.pk)
    NextReminder.objects.bulk_create(
        written, update_conflicts=True, unique_fields=["event"], update_fields=["look_at", "looked_at"]
    )
    if dropped:
        NextReminder.objects.filter(event__in=dropped).delete()


def next_look(
    event: Event, rules: frozenset[Rule], overrides: Iterable[Override], *, after: datetime, zones: Iterable[str] = ()
) -> datetime | None:
    series = event.as_series()
    if series is None or event.is_adhoc or not rules:
        return None
    known = {*zones, event.starts_at_zone}
    return reminders.next_look(series, rules, after=after, overrides=overrides, zones=known)


def overrides_of(events: Sequence[Event]) -> dict[uuid.UUID, list[Override]]:
    """By event."""
    series = [event.pk for event in events if event.is_recurring]
    found: dict[uuid.UUID, list[Override]] = {}
    for exception in EventException.objects.filter(event__in=series) if series else ():
        found.setdefault(exception.event_id, []).append(exception.as_override())
    return found
