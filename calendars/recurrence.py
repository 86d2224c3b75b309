"""Series of meetings: which occurrences a pattern yields, with single ones moved or cancelled. Knows no database.

A pattern alone decides: a start that its own rule does not yield is no occurrence (as in dateutil's rruleset), and
wall time in the series' zone stays the same across changes of the clock.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, islice, takewhile

from calendars import rules
from calendars.patterns import LAST_DAY, Parts, Series, at_time, last_day_of, parts_of, placed, start_day, start_wall
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, to_wall, zone

MAX_LINES = 4
MAX_LINE_LENGTH = 1024
NO_DATES = "recurrence_pattern does not yield any dates"


@dataclass(frozen=True, slots=True)
class Override:
    """What became of one occurrence; None keeps what the series says. `key` is the caller's own."""

    original_starts_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_cancelled: bool = False
    key: object = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    original_starts_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False
    override: Override | None = None


def check(series: Series) -> None:
    """PatternError unless the pattern is understood and yields at least one occurrence."""
    if len(series.pattern) > MAX_LINES:
        raise PatternError("too_many_lines")
    if any(len(line) > MAX_LINE_LENGTH for line in series.pattern):
        raise PatternError("line_too_long")
    try:
        _check_extent(series)
        found = next(_starts(series), None)
    except OverflowError as error:
        raise PatternError("out_of_range") from error
    if found is None:
        raise PatternError("no_dates", NO_DATES)


def _check_extent(series: Series) -> None:
    """What RFC 5545 3.3.10 wants of UNTIL beside a start with a zone, and nothing that nobody can have meant."""
    parts, own_day = parts_of(series), start_day(series)
    if any(isinstance(rule.until, datetime) and rule.until.tzinfo is None for rule in parts.rules):
        raise PatternError("until_not_utc", "UNTIL must be a time in UTC, such as 20261231T230000Z, or a date")
    if any(abs(wall.date() - own_day).days > rules.MOST_DAYS for wall in parts.dates):
        raise PatternError("out_of_range", "An RDATE lies more than a hundred years away")


# --- occurrences ---


def occurrences(
    series: Series,
    *,
    after: datetime | None = None,
    before: datetime | None = None,
    overrides: Iterable[Override] = (),
) -> Iterator[Occurrence]:
    """Those that overlap the window, both ends inclusive, lazily and by start; cancelled ones are among them.

    Overrides whose original start the series does not (or no longer) have are left out.
    """
    changed = {override.original_starts_at: override for override in overrides}
    since = None if after is None or after <= series.starts_at else after - _longest(series)
    plain = (
        Occurrence(start, start, _end_of(series, start))
        for start in _starts(series, since=since)
        if start not in changed
    )
    moved = sorted((overridden(series, override) for override in changed.values()), key=_by_start)
    for item in heapq.merge(plain, moved, key=_by_start):
        if before is not None and item.starts_at > before:
            return
        if after is not None and item.ends_at < after:
            continue
        if item.override is None or is_occurrence(series, item.original_starts_at):
            yield item


def by_original_start(
    series: Series,
    *,
    beyond: datetime | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    overrides: Iterable[Override] = (),
) -> Iterator[Occurrence]:
    """The same ones in the order of their original starts, which moving one does not change; `beyond` is exclusive."""
    changed = {override.original_starts_at: override for override in overrides}
    since = after - _longest(series) if after is not None and after > series.starts_at else None
    if beyond is not None:
        since = max(since or beyond, beyond)
    starts = (start for start in _starts(series, since=since) if start not in changed)
    plain = (
        Occurrence(start, start, _end_of(series, start))
        for start in takewhile(lambda start: before is None or start <= before, starts)
    )
    moved = sorted((overridden(series, override) for override in changed.values()), key=_by_name)
    for item in heapq.merge(plain, moved, key=_by_name):
        is_out = (
            (beyond is not None and item.original_starts_at <= beyond)
            or (after is not None and item.ends_at < after)
            or (before is not None and item.starts_at > before)
        )
        if not is_out and (item.override is None or is_occurrence(series, item.original_starts_at)):
            yield item


def _by_start(item: Occurrence) -> tuple[datetime, datetime]:
    return item.starts_at, item.original_starts_at


def _by_name(item: Occurrence) -> datetime:
    return item.original_starts_at


def overridden(series: Series, override: Override) -> Occurrence:
    starts_at = (override.starts_at or override.original_starts_at).astimezone(UTC)
    return Occurrence(
        original_starts_at=override.original_starts_at.astimezone(UTC),
        starts_at=starts_at,
        ends_at=override.ends_at.astimezone(UTC) if override.ends_at else _end_of(series, starts_at),
        is_cancelled=override.is_cancelled,
        override=override,
    )


def is_occurrence(series: Series, original_starts_at: datetime) -> bool:
    """Whether the pattern yields exactly this start; overrides do not matter."""
    return next(_starts(series, since=original_starts_at), None) == original_starts_at


def first(series: Series) -> Occurrence | None:
    """None only for a pattern that `check` refuses."""
    return next(occurrences(series), None)


def following(series: Series, *, after: datetime, count: int, overrides: Iterable[Override] = ()) -> list[Occurrence]:
    """The next ones that start at or after the instant and are not cancelled, at most count."""
    found = (
        item
        for item in occurrences(series, after=after, overrides=overrides)
        if item.starts_at >= after and not item.is_cancelled
    )
    return list(islice(found, count))


def last(series: Series) -> Occurrence | None:
    """None for a series without an end; PatternError for one without any occurrence, which `check` refuses."""
    if not series.pattern:
        return Occurrence(series.starts_at, series.starts_at, series.ends_at)
    parts = parts_of(series)
    if any(rule.count is None and rule.until is None for rule in parts.rules):
        return None
    streams = [
        _at_start(series, rules.days_backwards(rule, start_day(series), last=last_day_of(series, rule)))
        for rule in parts.rules
    ]
    start = next(_kept(series, parts, streams, backwards=True), None)
    if start is None:
        raise PatternError("no_dates", NO_DATES)
    return Occurrence(start, start, _end_of(series, start))


def _starts(series: Series, *, since: datetime | None = None) -> Iterator[datetime]:
    """All starts at or after since, ascending, each once, in UTC."""
    if not series.pattern:
        if since is None or series.starts_at >= since:
            yield series.starts_at.astimezone(UTC)
        return
    if since is not None and since.year > LAST_DAY.year:
        return
    parts = parts_of(series)
    own_day = start_day(series)
    # A gap may move a start into the next day.
    since_day = own_day if since is None else _day_before(series, max(since, series.starts_at))
    streams = [
        _at_start(series, rules.days(rule, own_day, since=since_day, last=last_day_of(series, rule)))
        for rule in parts.rules
    ]
    for start in _kept(series, parts, streams):
        if since is None or start >= since:
            yield start


def _day_before(series: Series, instant: datetime) -> date:
    return to_wall(instant, series.zone).date() - timedelta(days=1)


def _at_start(series: Series, days: Iterable[date]) -> Iterator[datetime]:
    """The instant at which each day's occurrence starts."""
    start, series_zone = start_wall(series), zone(series.zone)
    first_day, usual = start.date(), start.time().replace(fold=0, tzinfo=series_zone)
    for day in days:
        yield placed(series, start) if day == first_day else datetime.combine(day, usual).astimezone(UTC)


def _kept(
    series: Series, parts: Parts, streams: list[Iterator[datetime]], *, backwards: bool = False
) -> Iterator[datetime]:
    """The rules' starts and the added ones, each once, without the excluded ones."""
    excluded = {placed(series, wall) for wall in parts.excluded_dates}

    def is_kept(start: datetime) -> bool:
        return start not in excluded and not any(_excludes(series, rule, start) for rule in parts.excluding_rules)

    added = sorted(filter(is_kept, (placed(series, wall) for wall in parts.dates)), reverse=backwards)
    ruled = _while_kept(heapq.merge(*streams, reverse=backwards), is_kept)
    return (start for start, _ in groupby(heapq.merge(ruled, added, reverse=backwards)))


def _while_kept(starts: Iterable[datetime], is_kept: Callable[[datetime], bool]) -> Iterator[datetime]:
    """Ends after a hundred years of excluded ones, as no more will come."""
    kept = None
    for start in starts:
        kept = kept or start
        if is_kept(start):
            kept = start
            yield start
        elif abs(start - kept).days > rules.MOST_DAYS:
            return


def _excludes(series: Series, rule: Rule, instant: datetime) -> bool:
    start, day = start_wall(series), to_wall(instant, series.zone).date()
    # A change of the clock may have moved the rule's start over midnight.
    return any(
        placed(series, at_time(start, day)) == instant
        and day <= last_day_of(series, rule)
        and rules.contains(rule, start.date(), day)
        for day in (day - timedelta(days=1), day, day + timedelta(days=1))
    )


# --- ends ---


def _days_long(series: Series) -> int:
    return (to_wall(series.ends_at, series.zone).date() - start_day(series)).days


def _end_of(series: Series, start: datetime) -> datetime:
    """Timed occurrences last as long as the first to the second, all-day ones as many days."""
    if not series.is_all_day:
        return start + (series.ends_at - series.starts_at)
    day = to_wall(start, series.zone).date() + timedelta(days=_days_long(series))
    return from_wall(datetime.combine(day, time()), series.zone)


def _longest(series: Series) -> timedelta:
    """No occurrence lasts longer: a day may have 25 hours, and the zone may be in a shift when it ends."""
    return timedelta(days=_days_long(series) + 1) if series.is_all_day else series.ends_at - series.starts_at
