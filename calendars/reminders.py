"""When people are reminded of occurrences. Knows no database.

The clock of "at 18:00 the day before" is the receiver's, and so is the day of an all-day occurrence: it is that day
everywhere. Clock times follow changes of the clock; minutes are counted on the time line.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from calendars import recurrence
from calendars.patterns import Series
from calendars.recurrence import Occurrence, Override
from calendars.times import from_wall, shifted, to_wall

MOST_DAYS = 28
MOST_MINUTES = MOST_DAYS * 1440
DAY = timedelta(days=1)
_FIRST_ZONE = "Pacific/Kiritimati"  # UTC+14, where each day begins first
_ALL_OFFSETS = timedelta(hours=29)  # a day's clock time anywhere, and a change of the clock


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """So many minutes before the start; or, with a clock time, at that time so many days before."""

    minutes: int = 0
    days: int = 0
    at: time | None = None

    @property
    def longest(self) -> timedelta:
        """No reminder comes earlier before its start."""
        return timedelta(minutes=self.minutes) if self.at is None else self.days * DAY + 2 * _ALL_OFFSETS


def read(data: dict[str, Any]) -> Rule:
    """From `{"minutes_before": 10}` or `{"days_before": 1, "at": "18:00"}`."""
    if "minutes_before" in data:
        return Rule(minutes=data["minutes_before"])
    return Rule(days=data["days_before"], at=time.fromisoformat(data["at"]))


def written(rule: Rule) -> dict[str, Any]:
    if rule.at is None:
        return {"minutes_before": rule.minutes}
    return {"days_before": rule.days, "at": f"{rule.at:%H:%M}"}


def begin(series: Series, occurrence: Occurrence, zone: str) -> datetime:
    """For somebody in this zone; only all-day occurrences begin at different instants."""
    if not series.is_all_day:
        return occurrence.starts_at
    return from_wall(to_wall(occurrence.starts_at, series.zone), zone)


def instant(series: Series, occurrence: Occurrence, rule: Rule, zone: str) -> datetime:
    """When somebody in this zone is reminded. In a gap of the clock by the offset before it, in a fold the first."""
    start = begin(series, occurrence, zone)
    if rule.at is None:
        return shifted(start, -timedelta(minutes=rule.minutes))
    day = shifted(to_wall(start, zone), -rule.days * DAY)
    return from_wall(datetime.combine(day, rule.at), zone)


def earliest(series: Series, occurrence: Occurrence, rule: Rule) -> datetime:
    """No zone's reminder comes before."""
    if rule.at is None or series.is_all_day:
        return instant(series, occurrence, rule, _FIRST_ZONE)
    clock = timedelta(hours=rule.at.hour, minutes=rule.at.minute)
    return shifted(occurrence.starts_at, clock - rule.days * DAY - _ALL_OFFSETS)


def next_look(
    series: Series,
    rules: Collection[Rule],
    *,
    after: datetime,
    overrides: Iterable[Override] = (),
    zones: Collection[str] = (),
) -> datetime | None:
    """The first instant after this one at which a reminder may be due; None for none ever.

    Exact for people in `zones`. For a rule with a clock time it is the earliest that any zone may have, until that has
    come: so a person's zone counts as it is on the last day.
    """
    longest = max((rule.longest for rule in rules), default=timedelta())
    found: datetime | None = None
    for occurrence in _coming(series, after, overrides):
        if found is not None and shifted(occurrence.starts_at, -longest - _ALL_OFFSETS) > found:
            break
        for moment in _moments(series, occurrence, rules, zones, after):
            if moment > after and (found is None or moment < found):
                found = moment
    return found


def _moments(
    series: Series, occurrence: Occurrence, rules: Collection[Rule], zones: Collection[str], after: datetime
) -> Iterator[datetime]:
    for rule in rules:
        first = earliest(series, occurrence, rule)
        if first > after:
            yield first
        else:
            yield from (instant(series, occurrence, rule, zone) for zone in zones)


def due(
    series: Series,
    rules: Collection[Rule],
    *,
    zone: str,
    since: datetime,
    now: datetime,
    overrides: Iterable[Override] = (),
) -> list[tuple[Occurrence, Rule]]:
    """Which occurrences somebody in this zone is to be reminded of now, none of them begun.

    Those whose time came after `since`; each once, by the last of its rules.
    """
    longest = max((rule.longest for rule in rules), default=timedelta())
    found = []
    for occurrence in _coming(series, now, overrides):
        if shifted(occurrence.starts_at, -longest - _ALL_OFFSETS) > now:
            break
        if begin(series, occurrence, zone) <= now:
            continue
        moments = [(instant(series, occurrence, rule, zone), rule) for rule in rules]
        come = [(moment, rule) for moment, rule in moments if since < moment <= now]
        if come:
            found.append((occurrence, max(come)[1]))
    return found


def _coming(series: Series, after: datetime, overrides: Iterable[Override]) -> Iterator[Occurrence]:
    """Those that have not begun everywhere, and take place, by start."""
    begun = shifted(after, -_ALL_OFFSETS) if series.is_all_day else after
    found = recurrence.occurrences(series, after=begun, overrides=overrides)
    return (item for item in found if item.starts_at > begun and not item.is_cancelled)
