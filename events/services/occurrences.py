"""What happens to exceptions and answers when a series changes: those of occurrences that still exist are kept."""

from datetime import datetime

from calendars import split
from events import answers
from events.models import Event, EventException


def follow(was: Event, event: Event) -> list[EventException]:
    """Keeps what belongs to occurrences that the series still has; returns the exceptions that are lost.

    `was` is the event before the change, and that of the returned exceptions. Answers to the series count no more.
    """
    old, new = was.as_series(), event.as_series()
    exceptions = list(was.exceptions.all())
    names = {*answers.occurrences(was), *(exception.original_starts_at for exception in exceptions)}
    kept = split.kept_starts(names, old=old, new=new) if old and new and event.is_recurring else {}
    answers.follow(was, kept)
    if not exceptions:
        return []
    lost = [exception for exception in exceptions if exception.original_starts_at not in kept]
    staying = [exception for exception in exceptions if exception.original_starts_at in kept]
    was.exceptions.all().delete()
    for exception in staying:
        stay(exception, event, kept[exception.original_starts_at])
    EventException.objects.bulk_create(staying)
    return lost


def stay(exception: EventException, event: Event, name: datetime) -> None:
    """Makes it one of `event`, in which its occurrence is called `name`; what was moved stays where it was put."""
    if exception.ends_at is not None and exception.starts_at is None:
        exception.starts_at, exception.starts_at_zone = exception.original_starts_at, exception.event.starts_at_zone
    has_times = exception.starts_at is not None or exception.ends_at is not None
    if has_times and exception.is_all_day is None and exception.event.is_all_day != event.is_all_day:
        exception.is_all_day = exception.event.is_all_day  # its own times were said of an occurrence of this kind
    exception.event, exception.original_starts_at = event, name
