"""The occurrences of a series of meetings, including moved and cancelled ones. Plain Python, without a database.

Only the pattern decides which starts are occurrences: if the series' start does not match its rule, it is not one (as
in dateutil's rruleset). Occurrences keep their local time in the series' zone when daylight saving time begins or ends.
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

# Ten years of days. An EXRULE that removes more occurrences in a row makes no sense and slows down every read.
MOST_EXCLUDED = 3660
MAX_LINES = 4
MAX_LINE_LENGTH = 1024
# A year. The longer the occurrences of a series, the more of them overlap, and each appears in every list.
LONGEST = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 1900, 2999
NO_DATES = "recurrence_pattern does not yield any dates"


class Override(NamedTuple):
    """A changed occurrence; None means the value of the series. `key` is for the caller and not used here."""

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
    """Raises PatternError if a time is out of range, or the pattern is invalid or yields no occurrence.

    For new and changed events. The other functions also accept stored series that are out of range, and do not fail
    near the years 1 and 9999.
    """
    if len(series.pattern) > MAX_LINES:
        raise PatternError("too_many_lines")
    if any(len(line) > MAX_LINE_LENGTH for line in series.pattern):
        raise PatternError("line_too_long")
    _check_extent(series)
    if next(_starts(series), None) is None:
        raise PatternError("no_dates", NO_DATES)


def _check_extent(series: Series) -> None:
    """Raises PatternError for years, lengths and RDATEs out of range, and for an UNTIL in local time.

    RFC 5545 3.3.10: UNTIL is in UTC if the start has a time zone.
    """
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
    """Yields the occurrences that overlap the window (both ends inclusive) in the order of their starts.

    Cancelled occurrences are included. Overrides for starts that the series does not have (any more) are ignored.
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
    """Like `occurrences`, but in the order of the original starts, which stays the same when one is moved.

    Begins after `beyond` (exclusive).
    """
    since = _since(series, after)
    if beyond is not None:
        since = max(since or beyond, beyond)
    found = _overlapping(series, after, before, overrides, since=since, key=attrgetter("original_starts_at"))
    return (item for item in found if beyond is None or item.original_starts_at > beyond)


def _since(series: Series, after: datetime | None) -> datetime | None:
    """An occurrence that starts before this one ends before the window. None means no limit.

    An RDATE may lie before the series' start, so a window that includes that start has no limit.
    """
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
    # Comparing two times in UTC is faster than comparing times in different zones.
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
        # `passed` holds the original starts that the pattern has yielded so far. Most overrides are not moved to an
        # earlier time, so theirs is among them and the slower check is not needed.
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


def named(series: Series, original_starts_at: datetime, overrides: Iterable[Override] = ()) -> Occurrence:
    """The occurrence with that original start, as its override has it, if there is one."""
    own = (override for override in overrides if override.original_starts_at == original_starts_at)
    return overridden(series, next(own, Override(original_starts_at)))


def is_occurrence(series: Series, original_starts_at: datetime) -> bool:
    """Whether the pattern yields exactly this start. Overrides are not considered."""
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
    """The first occurrence; None only if the pattern yields none, which `check` refuses."""
    return next(occurrences(series), None)


def following(series: Series, *, after: datetime, count: int, overrides: Iterable[Override] = ()) -> list[Occurrence]:
    """At most `count` occurrences that start at or after `after` and are not cancelled."""
    found = (
        item
        for item in occurrences(series, after=after, overrides=overrides)
        if item.starts_at >= after and not item.is_cancelled
    )
    return list(islice(found, count))


def last(series: Series) -> Occurrence | None:
    """The last occurrence; None if the series has no end.

    For a pattern without occurrences, which `check` refuses, the series' own start and end.
    """
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
    """The starts from `since` to `until`, both inclusive, ascending, without duplicates, in UTC."""
    # Comparing two times in UTC is faster than comparing times in different zones.
    since, until = since and since.astimezone(UTC), until and until.astimezone(UTC)
    for start in _of_pattern(series, since, until) if series.pattern else (series.starts_at.astimezone(UTC),):
        if until is not None and start > until:
            return
        if since is None or start >= since:
            yield start


def _of_pattern(series: Series, since: datetime | None, until: datetime | None) -> Iterator[datetime]:
    # Two days of margin: the UTC offset and a daylight saving change each shift a start by less than a day.
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
    """The start, in UTC, of the occurrence on each of the days."""
    start = parts_of(series).start
    first_day, usual = start.date(), start.time().replace(fold=0, tzinfo=UTC)
    # Three times as fast as astimezone. utcoffset reads the local time and ignores that `wall` is marked as UTC.
    offset_at = cast("Callable[[datetime], timedelta]", zone(series.zone).utcoffset)
    for day in days:
        wall = datetime.combine(day, usual)
        yield placed(series, start) if day == first_day else wall - offset_at(wall)


def _kept(
    series: Series, streams: list[Iterator[datetime]], first_day: date, last_day: date, *, backwards: bool = False
) -> Iterator[datetime]:
    """The starts of the RRULEs and RDATEs, without duplicates and without those that EXRULE or EXDATE exclude."""
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
    # A zone that skips a whole day (Pacific/Apia in 2011) has two days that start at the same instant.
    return (start for start, _ in groupby(found))


def _placed(series: Series, walls: tuple[datetime, ...], first_day: date, last_day: date) -> set[datetime]:
    """The instants of the local times in `walls` (sorted) that lie between these days, both inclusive."""
    begin, end = datetime.combine(first_day, time.min), datetime.combine(last_day, time.max)
    return {placed(series, wall) for wall in walls[bisect_left(walls, begin) : bisect_right(walls, end)]}


def _merged(streams: list[Iterator[datetime]], backwards: bool) -> Iterator[datetime]:
    return streams[0] if len(streams) == 1 else heapq.merge(*streams, reverse=backwards)


def _while_kept(starts: Iterable[datetime], is_kept: Callable[[datetime], bool]) -> Iterator[datetime]:
    """The starts that are kept; stops after MOST_EXCLUDED excluded ones in a row."""
    excluded = 0
    for start in starts:
        if is_kept(start):
            excluded = 0
            yield start
        elif (excluded := excluded + 1) > MOST_EXCLUDED:
            return


# --- one start; `day` is its local date ---


def _is_ruled(series: Series, ruling: tuple[Rule, ...], instant: datetime, day: date) -> bool:
    """Whether one of the rules yields this instant.

    The day before is tried too: a local time that daylight saving skips may be placed on the next day.
    """
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
    """The duration of one occurrence. Stored series may exceed LONGEST; repeating ones are cut to it."""
    length = series.ends_at - series.starts_at
    return min(length, LONGEST) if series.pattern else length


def _days_long(series: Series) -> int:
    days = (to_wall(series.ends_at, series.zone).date() - parts_of(series).start.date()).days
    return min(days, LONGEST.days) if series.pattern else days


def _end_of(series: Series, start: datetime) -> datetime:
    """The end of an occurrence: the same duration as the first one, or as many days if it is all-day."""
    if not series.is_all_day:
        return shifted(start, _length(series))
    midnight = datetime.combine(to_wall(start, series.zone), time())
    return from_wall(shifted(midnight, timedelta(days=_days_long(series))), series.zone)


def _longest(series: Series) -> timedelta:
    """An upper bound for the duration of all occurrences. All-day ones may contain days of 25 hours."""
    return timedelta(days=_days_long(series) + 1) if series.is_all_day else _length(series)
