"""Times in the admin: in the zone of whoever looks, with the event's own beside it; days of the whole day as days."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from calendars import words
from calendars.recurrence import Occurrence
from calendars.times import to_wall
from events.models import Event, EventException


def in_words(event: Event, starts_at: datetime, ends_at: datetime, *, is_all_day: bool | None = None) -> str:
    """`Monday, 23 November 2026, 09:00 - 10:00 (UTC); Monday, 23 November 2026, 10:00 - 11:00 (CET)`"""
    if is_all_day is None:
        is_all_day = bool(event.is_all_day)
    zones = [event.starts_at_zone] if is_all_day else _zones(event, starts_at)
    locale = get_language() or "en"
    return "; ".join(
        words.describe_time(starts_at, ends_at, zone=name, is_all_day=is_all_day, locale=locale) for name in zones
    )


def occurrence_in_words(event: Event, occurrence: Occurrence) -> str:
    exception = occurrence.override.key if occurrence.override else None
    is_all_day = exception.is_all_day if isinstance(exception, EventException) else None
    return in_words(event, occurrence.starts_at, occurrence.ends_at, is_all_day=is_all_day)


def start_in_words(event: Event, starts_at: datetime) -> str:
    """`Nov. 23, 2026, 9 a.m. (Nov. 23, 2026, 10 a.m. Europe/Berlin)`; breaks into lines before the second alone."""
    names = [event.starts_at_zone] if event.is_all_day else _zones(event, starts_at)
    form = "DATE_FORMAT" if event.is_all_day else "DATETIME_FORMAT"
    mine, *own = (date_format(to_wall(starts_at, name), form).replace(" ", "\u00a0") for name in names)
    return f"{mine} ({own[0]} {event.starts_at_zone})" if own else mine


def _zones(event: Event, instant: datetime) -> list[str]:
    """The reader's, and the event's where its clock shows something else."""
    names = [timezone.get_current_timezone_name(), event.starts_at_zone]
    return names if to_wall(instant, names[0]) != to_wall(instant, names[1]) else names[:1]
