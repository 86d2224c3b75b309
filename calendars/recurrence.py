"""Series of meetings: which occurrences a pattern yields, with single ones moved or cancelled. Knows no database.

A pattern alone decides: a start that its own rule does not yield is no occurrence (as in dateutil's rruleset), and
wall time in the series' zone stays the same across changes of the clock.
"""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import MINYEAR, UTC, date, datetime, time, timedelta
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, NamedTuple, cast

from calendars import periods, rules
from calendars.patterns import LAST_DAY, Series, at_time, last_day_of, parts_of, placed
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, shifted, to_wall, zone

DAY = timedelta(days=1)

# Ten years of days. A rule that excludes more of them in a row means nothing, and each is paid for at every reading.
MOST_EXCLUDED = 3660
MAX_LINES = 4
MAX_LINE_LENGTH = 1024
# A year. Of a series with longer occurrences more and more are on at once, each of them in every list.
LONGEST = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 1900, 2999
NO_DATES = "recurrence_pattern does not yield any dates"


class Override(NamedTuple):
    """A changed occurrence; None keeps the value of the series. `key` is the caller's own."""

    original_starts_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_cancelled: bool = False
    key: object = None


class Occurrence(NamedTuple):
    original_starts_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False
    override: Override | None = None


def check(series: Series) -> None:
    """PatternError unless the time is within bounds and the pattern is understood and yields at least one occurrence.

    All else here reads what was once stored, whatever its time, and does not fail at either end of the calendar.
    """
    if len(series.pattern) > MAX_LINES:
        raise PatternError("too_many_lines")
    if any(len(line) > MAX_LINE_LENGTH for line in series.pattern):
        raise PatternError("line_too_long")
    _check_extent(series)
    if next(_starts(series), None) is None:
        raise PatternError("no_dates", NO_DATES)


def _check_extent(series: Series) -> None:
    """What RFC 5545 3.3.10 wants of UNTIL beside a start with a zone, and nothing that nobody can have meant."""
    if series.starts_at.year < FIRST_YEAR or series.ends_at.year > LAST_YEAR:
        raise PatternError("out_of_range", f"An event lies between the years {FIRST_YEAR} and {LAST_YEAR}")
    if (series.ends_at - series.starts_at).days > LONGEST.days:
        raise PatternError("too_long", f"An event lasts at most {LONGEST.days} days")
    parts = parts_of(series)
    if any(isinstance(rule.until, datetime) and rule.until.tzinfo is None for rule in parts.rules):
        raise PatternError("until_not_utc", "UNTIL must be a time in UTC, such as 20261231T230000Z, or a date")
    if any(abs(wall - parts.start).days > rules.MOST_DAYS for wall in parts.dates):
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
    return _overlapping(
        series, after, before, overrides, since=_since(series, after), key=attrgetter("starts_at", "original_starts_at")
    )


def by_original_start(
    series: Series,
    *,
    beyond: datetime | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    overrides: Iterable[Override] = (),
) -> Iterator[Occurrence]:
    """The same ones in the order of their original starts, which moving one does not change; `beyond` is exclusive."""
    since = _since(series, after)
    if beyond is not None:
        since = max(since or beyond, beyond)
    found = _overlapping(series, after, before, overrides, since=since, key=attrgetter("original_starts_at"))
    return (item for item in found if beyond is None or item.original_starts_at > beyond)


def _since(series: Series, after: datetime | None) -> datetime | None:
    """What starts earlier ends before the window. None: also what RDATE adds before the series' start."""
    return None if after is None or after <= series.starts_at else shifted(after, -_longest(series))


def _overlapping(
    series: Series,
    after: datetime | None,
    before: datetime | None,
    overrides: Iterable[Override],
    *,
    since: datetime | None,
    key: Callable[[Occurrence], Any],
) -> Iterator[Occurrence]:
    # Comparing times of one zone is cheap.
    after, before = after and after.astimezone(UTC), before and before.astimezone(UTC)

    def is_in(item: Occurrence) -> bool:
        return (after is None or item.ends_at >= after) and (before is None or item.starts_at <= before)

    plain = filter(is_in, _plain(series, _starts(series, since=since, until=before)))
    changed = {override.original_starts_at: override for override in overrides}
    if not changed:
        return plain
    passed: set[datetime] = set()

    def is_unchanged(item: Occurrence) -> bool:
        if item.starts_at not in changed:
            return True
        passed.add(item.starts_at)
        return False

    def is_valid(item: Occurrence) -> bool:
        # Most are still on their day, or later: then the pattern's own start has just come by.
        start = item.original_starts_at
        return item.override is None or start in passed or is_occurrence(series, start)

    moved = filter(is_in, (overridden(series, override) for override in changed.values()))
    return filter(is_valid, heapq.merge(filter(is_unchanged, plain), sorted(moved, key=key), key=key))


def _plain(series: Series, starts: Iterable[datetime]) -> Iterator[Occurrence]:
    if series.is_all_day:
        return (Occurrence(start, start, _end_of(series, start)) for start in starts)
    if not series.pattern:
        return (Occurrence(start, start, series.ends_at.astimezone(UTC)) for start in starts)
    length = _length(series)
    return (Occurrence(start, start, start + length) for start in starts)


def overridden(series: Series, override: Override) -> Occurrence:
    starts_at = (override.starts_at or override.original_starts_at).astimezone(UTC)
    ends_at = override.ends_at.astimezone(UTC) if override.ends_at else _end_of(series, starts_at)
    return Occurrence(override.original_starts_at.astimezone(UTC), starts_at, ends_at, override.is_cancelled, override)


def is_occurrence(series: Series, original_starts_at: datetime) -> bool:
    """Whether the pattern yields exactly this start; overrides do not matter."""
    if not series.pattern:
        return original_starts_at == series.starts_at
    parts, start = parts_of(series), original_starts_at
    day = to_wall(start, series.zone).date()
    if not (_is_ruled(series, parts.rules, start, day) or _is_placed(series, parts.dates, start, day)):
        return False
    return not (
        _is_ruled(series, parts.excluding_rules, start, day) or _is_placed(series, parts.excluded_dates, start, day)
    )


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
    """None for a series without an end. One without any occurrence, which `check` refuses, has its own start."""
    if not series.pattern:
        return Occurrence(series.starts_at, series.starts_at, series.ends_at)
    parts = parts_of(series)
    if any(rule.count is None and rule.until is None for rule in parts.rules):
        return None
    start_day = parts.start.date()
    streams = [
        _at_start(series, periods.days_backwards(rule, start_day, last=last_day_of(series, rule)))
        for rule in parts.rules
    ]
    start = next(_kept(series, streams, date.min, LAST_DAY, backwards=True), None)
    if start is None:
        return Occurrence(series.starts_at, series.starts_at, series.ends_at)
    return Occurrence(start, start, _end_of(series, start))


def _starts(series: Series, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[datetime]:
    """All starts from since to until, ascending, each once, in UTC."""
    # Comparing times of one zone is cheap.
    since, until = since and since.astimezone(UTC), until and until.astimezone(UTC)
    for start in _of_pattern(series, since, until) if series.pattern else (series.starts_at.astimezone(UTC),):
        if until is not None and start > until:
            return
        if since is None or start >= since:
            yield start


def _of_pattern(series: Series, since: datetime | None, until: datetime | None) -> Iterator[datetime]:
    # An offset moves a start by less than a day, and so does a change of the clock.
    first_day = date.min if since is None or since.year == MINYEAR else since.date() - 2 * DAY
    last_day = LAST_DAY if until is None or until.year > LAST_DAY.year else until.date() + 2 * DAY
    parts = parts_of(series)
    start_day = parts.start.date()
    streams = [
        _at_start(series, periods.days(rule, start_day, since=first_day, last=min(last_day, last_day_of(series, rule))))
        for rule in parts.rules
    ]
    return _kept(series, streams, first_day, last_day)


def _at_start(series: Series, days: Iterable[date]) -> Iterator[datetime]:
    """The instant at which each day's occurrence starts."""
    start = parts_of(series).start
    first_day, usual = start.date(), start.time().replace(fold=0, tzinfo=UTC)
    # A third of the time that astimezone takes; of a time it reads the clock, not the zone.
    offset_at = cast("Callable[[datetime], timedelta]", zone(series.zone).utcoffset)
    for day in days:
        wall = datetime.combine(day, usual)
        yield placed(series, start) if day == first_day else wall - offset_at(wall)


def _kept(
    series: Series, streams: list[Iterator[datetime]], first_day: date, last_day: date, *, backwards: bool = False
) -> Iterator[datetime]:
    """The rules' starts and the added ones, each once, without the excluded ones."""
    parts = parts_of(series)
    added, removed = (
        _placed(series, walls, first_day, last_day) if walls else set() for walls in (parts.dates, parts.excluded_dates)
    )

    def is_kept(start: datetime) -> bool:
        return not _is_ruled(series, parts.excluding_rules, start, to_wall(start, series.zone).date())

    found = _merged(streams, backwards)
    if parts.excluding_rules:
        found, added = _while_kept(found, is_kept), set(filter(is_kept, added))
    if added:
        found = _merged([found, iter(sorted(added, reverse=backwards))], backwards)
    if removed:
        found = (start for start in found if start not in removed)
    # Where a zone skipped a day, two days start at the same instant.
    return (start for start, _ in groupby(found))


def _placed(series: Series, walls: tuple[datetime, ...], first_day: date, last_day: date) -> set[datetime]:
    """The instants of those that lie on these days."""
    begin, end = datetime.combine(first_day, time.min), datetime.combine(last_day, time.max)
    return {placed(series, wall) for wall in walls[bisect_left(walls, begin) : bisect_right(walls, end)]}


def _merged(streams: list[Iterator[datetime]], backwards: bool) -> Iterator[datetime]:
    return streams[0] if len(streams) == 1 else heapq.merge(*streams, reverse=backwards)


def _while_kept(starts: Iterable[datetime], is_kept: Callable[[datetime], bool]) -> Iterator[datetime]:
    """Ends after MOST_EXCLUDED in a row: no more will come."""
    excluded = 0
    for start in starts:
        if is_kept(start):
            excluded = 0
            yield start
        elif (excluded := excluded + 1) > MOST_EXCLUDED:
            return


# --- one start; `day` is its own by the clock ---


def _is_ruled(series: Series, ruling: tuple[Rule, ...], instant: datetime, day: date) -> bool:
    """Whether one of the rules yields it, on its day or, where a change of the clock moved it, on the one before."""
    start = parts_of(series).start
    return any(
        placed(series, at_time(start, one)) == instant
        and one <= last_day_of(series, rule)
        and periods.contains(rule, start.date(), one)
        for rule in ruling
        for one in (day, _day_before(day))
    )


def _is_placed(series: Series, walls: tuple[datetime, ...], instant: datetime, day: date) -> bool:
    return bool(walls) and instant in _placed(series, walls, _day_before(day), day)


def _day_before(day: date) -> date:
    return day - DAY if day > date.min else day


# --- ends ---


def _length(series: Series) -> timedelta:
    """Of one occurrence. What was stored before there was a bound counts with no more than that where it repeats."""
    length = series.ends_at - series.starts_at
    return min(length, LONGEST) if series.pattern else length


def _days_long(series: Series) -> int:
    days = (to_wall(series.ends_at, series.zone).date() - parts_of(series).start.date()).days
    return min(days, LONGEST.days) if series.pattern else days


def _end_of(series: Series, start: datetime) -> datetime:
    """Timed occurrences last as long as the first to the second, all-day ones as many days."""
    if not series.is_all_day:
        return shifted(start, _length(series))
    midnight = datetime.combine(to_wall(start, series.zone), time())
    return from_wall(shifted(midnight, timedelta(days=_days_long(series))), series.zone)


def _longest(series: Series) -> timedelta:
    """No occurrence lasts longer: a day may have 25 hours, and the zone may be in a shift when it ends."""
    return timedelta(days=_days_long(series) + 1) if series.is_all_day else _length(series)
