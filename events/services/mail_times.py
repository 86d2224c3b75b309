"""The times in an answer that came by mail, beside those of the meeting as it is now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from calendars import recurrence
from calendars.answers import Answer, Moment
from calendars.patterns import Series
from calendars.recurrence import Occurrence
from calendars.rules import PatternError
from calendars.times import from_wall, to_wall
from events.models import Event, EventException
from events.services.invitations import Proposal


@dataclass(frozen=True, slots=True)
class Target:
    """What is answered: the series, or an occurrence by its original start; and whether its time is still that one."""

    occurrence: datetime | None
    is_stale: bool


def target_of(event: Event, answer: Answer) -> Target:
    series = event.as_series()
    if series is None:
        return Target(None, is_stale=_sequence(answer) < event.time_sequence)
    named = _original_start(series, answer.occurrence) if answer.occurrence else None
    if named is not None and not event.is_recurring:
        # Calendars give an occurrence's name to the only one, too.
        return Target(None, is_stale=named != series.starts_at or _is_stale(event, series, answer, None))
    if named is not None and not recurrence.is_occurrence(series, named):
        return Target(named, is_stale=True)
    return Target(named, is_stale=_is_stale(event, series, answer, named))


def _is_stale(event: Event, series: Series, answer: Answer, named: datetime | None) -> bool:
    """By SEQUENCE (RFC 5546 2.1.4); one that lacks it by the start that it repeats."""
    exceptions = _exceptions(event, named)
    since = max([event.time_sequence, *(exception.time_sequence for exception in exceptions)])
    if answer.sequence is not None or answer.starts_at is None:
        return _sequence(answer) < since
    return since > 0 and answer.starts_at.instant(series.zone) != _now(series, named, exceptions).starts_at


def _exceptions(event: Event, named: datetime | None) -> list[EventException]:
    """The one of the occurrence, if any."""
    return list(event.exceptions.filter(original_starts_at=named)) if named else []


def _now(series: Series, named: datetime | None, exceptions: list[EventException]) -> Occurrence:
    """The occurrence, or the first one, as it is."""
    overrides = (exception.as_override() for exception in exceptions)
    return recurrence.named(series, named or series.starts_at, overrides)


def _sequence(answer: Answer) -> int:
    return answer.sequence or 0  # RFC 5545 3.8.7.4


def _original_start(series: Series, named: Moment) -> datetime:
    """A day means its occurrence, whenever on it that begins, and a time of an all-day series its day."""
    if named.is_day == series.is_all_day:
        return named.instant(series.zone)
    day = to_wall(named.instant(series.zone), series.zone).date()
    return from_wall(datetime.combine(day, to_wall(series.starts_at, series.zone).time()), series.zone)


def proposal_of(event: Event, answer: Answer, target: Target) -> Proposal | None:
    """Another time than the meeting has, as long as it unless said otherwise; None where it is none that can be."""
    series = event.as_series()
    if series is None or answer.starts_at is None:
        return None
    now = _now(series, target.occurrence, _exceptions(event, target.occurrence))
    starts_at = answer.starts_at.instant(series.zone)
    ends_at = _end(answer, starts_at, series, now)
    if (starts_at, ends_at) == (now.starts_at, now.ends_at) or not _is_possible(starts_at, ends_at, series.zone):
        return None
    return Proposal(starts_at=starts_at, ends_at=ends_at, zone=answer.starts_at.zone or series.zone)


def _end(answer: Answer, starts_at: datetime, series: Series, now: Occurrence) -> datetime:
    """Whole days end at midnight, also where clocks change meanwhile."""
    if answer.ends_at is not None:
        return answer.ends_at.instant(series.zone)
    try:
        if not series.is_all_day:
            return starts_at + (now.ends_at - now.starts_at if answer.duration is None else answer.duration)
        wall, first, last = (to_wall(instant, series.zone) for instant in (starts_at, now.starts_at, now.ends_at))
        return from_wall(wall + (last - first if answer.duration is None else answer.duration), series.zone)
    except OverflowError:
        return starts_at - timedelta.resolution  # refused


def _is_possible(starts_at: datetime, ends_at: datetime, zone: str) -> bool:
    if ends_at < starts_at:
        return False
    try:
        recurrence.check(Series(starts_at=starts_at, ends_at=ends_at, zone=zone, is_all_day=False, pattern=()))
    except PatternError:
        return False
    return True
