"""Series of meetings: which occurrences a pattern yields, with single ones moved or cancelled. Knows no database.

A pattern alone decides: a start that its own rule does not yield is no occurrence (as in dateutil's rruleset), and
wall time in the series' zone stays the same across changes of the clock.
"""

import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from calendars import rules
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, is_zone, to_wall

__all__ = [
    "Occurrence",
    "Override",
    "Parts",
    "PatternError",
    "Series",
    "check",
    "first",
    "following",
    "is_occurrence",
    "last",
    "last_day_of",
    "normalise",
    "occurrences",
    "parts_of",
]

MAX_LINES = 4
MAX_LINE_LENGTH = 1024
NO_DATES = "recurrence_pattern does not yield any dates"

# Far enough from the year 9999 that adding an offset or a duration stays inside datetime.
_LAST_DAY = date(9998, 12, 31)
_PROPERTIES = ("RRULE", "RDATE", "EXRULE", "EXDATE")
_LINE = re.compile(r"([A-Za-z]+)((?:;[A-Za-z-]+=[^;:\"]+)*):([!-~]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Series:
    """A meeting's first occurrence and its pattern (RRULE:, RDATE:, EXRULE:, EXDATE: lines; none for a single event).

    An all-day series starts and ends at midnights of its zone, as instants; the end is exclusive.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str
    is_all_day: bool = False
    pattern: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Parts:
    """A pattern read in the terms of its series: dates are naive wall times in the series' zone, sorted."""

    rules: tuple[Rule, ...] = ()
    excluding_rules: tuple[Rule, ...] = ()
    dates: tuple[datetime, ...] = ()
    excluded_dates: tuple[datetime, ...] = ()


def check(series: Series) -> None:
    """PatternError unless the pattern is understood and yields at least one occurrence."""
    if len(series.pattern) > MAX_LINES:
        raise PatternError("too_many_lines")
    if any(len(line) > MAX_LINE_LENGTH for line in series.pattern):
        raise PatternError("line_too_long")
    try:
        found = next(_starts(series), None)
    except OverflowError as error:
        raise PatternError("out_of_range") from error
    if found is None:
        raise PatternError("no_dates", NO_DATES)


def normalise(pattern: Iterable[str]) -> tuple[str, ...]:
    """One spelling for patterns that mean the same; what cannot be read stays as it is, in capitals."""
    lines = set()
    for line in filter(None, (line.strip() for line in pattern)):
        match = _LINE.fullmatch(line)
        if match is None:
            lines.add(line.upper())
            continue
        name, parameters, value = match[1].upper(), match[2], match[3].upper()
        if name.endswith("RULE"):
            lines.add(f"{name}:{_normal_rule(value)}")
        else:
            lines.add(f"{name}{parameters}:{','.join(sorted(set(value.split(','))))}")
    return tuple(sorted(lines, key=lambda line: (not line.startswith("RRULE"), line)))


def _normal_rule(text: str) -> str:
    try:
        return rules.format_rule(rules.parse_rule(text))
    except PatternError:
        return text


# --- reading a pattern ---


@lru_cache(maxsize=1024)
def parts_of(series: Series) -> Parts:
    found: dict[str, list[Rule | datetime]] = {name: [] for name in _PROPERTIES}
    for line in series.pattern:
        match = _LINE.fullmatch(line.strip(" "))
        if match is None or match[1] not in _PROPERTIES:
            raise PatternError("invalid_line")
        name, parameters, value = match.groups()
        if not name.endswith("RULE"):
            found[name] += _moments(series, parameters, value)
        elif parameters:
            raise PatternError("invalid_line")
        else:
            found[name].append(rules.parse_rule(value))
    return Parts(
        rules=tuple(rule for rule in found["RRULE"] if isinstance(rule, Rule)),
        excluding_rules=tuple(rule for rule in found["EXRULE"] if isinstance(rule, Rule)),
        dates=tuple(sorted({moment for moment in found["RDATE"] if isinstance(moment, datetime)})),
        excluded_dates=tuple(sorted({moment for moment in found["EXDATE"] if isinstance(moment, datetime)})),
    )


def _moments(series: Series, parameters: str, value: str) -> Iterator[datetime]:
    """The wall times of an RDATE or EXDATE line, whatever zone and type it is written in."""
    zone_name, kind = series.zone, ""
    for parameter in parameters.split(";")[1:]:
        name, _, text = parameter.partition("=")
        if name == "TZID" and is_zone(text):
            zone_name = text
        elif name == "VALUE" and text in ("DATE", "DATE-TIME"):
            kind = text
        else:
            raise PatternError("invalid_parameter")
    for text in value.split(","):
        moment = rules.parse_moment(text)
        if kind and (kind == "DATE-TIME") != isinstance(moment, datetime):
            raise PatternError("invalid_date")
        yield _wall_of(series, moment, zone_name)


def _wall_of(series: Series, moment: date | datetime, zone_name: str) -> datetime:
    if not isinstance(moment, datetime):
        # A bare date in a timed series names that day's occurrence.
        return datetime.combine(moment, _time_of_day(series))
    try:
        instant = moment if moment.tzinfo else from_wall(moment, zone_name)
        wall = to_wall(instant, series.zone) if moment.tzinfo or zone_name != series.zone else moment
    except OverflowError as error:
        raise PatternError("invalid_date") from error
    return datetime.combine(wall, time()) if series.is_all_day else wall


def _time_of_day(series: Series) -> time:
    return time() if series.is_all_day else to_wall(series.starts_at, series.zone).time()


def _start_day(series: Series) -> date:
    # Where midnight does not exist an all-day series starts at one o'clock, still on its day.
    return to_wall(series.starts_at, series.zone).date()


def last_day_of(series: Series, rule: Rule) -> date:
    """The last day that COUNT or UNTIL leaves to one of the series' rules, whether or not it is one of the rule's."""
    if rule.count is not None:
        return rules.last_counted(rule, _start_day(series))
    if rule.until is None:
        return _LAST_DAY
    # Some programs write the year 9999 for "endless".
    if rule.until.year > _LAST_DAY.year:
        return _LAST_DAY
    if not isinstance(rule.until, datetime):
        return rule.until
    wall = _wall_of(series, rule.until, series.zone)
    if not series.is_all_day and _is_after(series, wall, rule.until):
        wall -= timedelta(days=1)
    return wall.date()


def _is_after(series: Series, wall: datetime, until: datetime) -> bool:
    """Whether that day's occurrence starts after UNTIL, compared as instants where UNTIL is one."""
    start = datetime.combine(wall, _time_of_day(series))
    return from_wall(start, series.zone) > until if until.tzinfo else start > until


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


def _by_start(item: Occurrence) -> datetime:
    return item.starts_at


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
    start_day = _start_day(series)
    streams = [
        _placed(series, _at_time(series, rules.days_backwards(rule, start_day, last=last_day_of(series, rule))))
        for rule in parts.rules
    ]
    streams.append(_placed(series, reversed(parts.dates)))
    start = next(_kept(series, parts, heapq.merge(*streams, reverse=True)), None)
    if start is None:
        raise PatternError("no_dates", NO_DATES)
    return Occurrence(start, start, _end_of(series, start))


def _starts(series: Series, *, since: datetime | None = None) -> Iterator[datetime]:
    """All starts at or after since, ascending, each once, in UTC."""
    if not series.pattern:
        if since is None or series.starts_at >= since:
            yield series.starts_at.astimezone(UTC)
        return
    if since is not None and since.year > _LAST_DAY.year:
        return
    parts = parts_of(series)
    start_day = _start_day(series)
    # A gap may move a start into the next day.
    since_day = start_day if since is None else _day_before(series, max(since, series.starts_at))
    streams = [
        _placed(series, _at_time(series, rules.days(rule, start_day, since=since_day, last=last_day_of(series, rule))))
        for rule in parts.rules
    ]
    streams.append(_placed(series, parts.dates))
    for start in _kept(series, parts, heapq.merge(*streams)):
        if since is None or start >= since:
            yield start


def _day_before(series: Series, instant: datetime) -> date:
    return to_wall(instant, series.zone).date() - timedelta(days=1)


def _at_time(series: Series, days: Iterable[date]) -> Iterator[datetime]:
    time_of_day = _time_of_day(series)
    return (datetime.combine(day, time_of_day) for day in days)


def _placed(series: Series, walls: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """(instant, wall) of each wall time."""
    start_wall = to_wall(series.starts_at, series.zone)
    for wall in walls:
        # The start itself may be the second of two equal wall times; from_wall would give the first.
        yield series.starts_at.astimezone(UTC) if wall == start_wall else from_wall(wall, series.zone), wall


def _kept(series: Series, parts: Parts, starts: Iterable[tuple[datetime, datetime]]) -> Iterator[datetime]:
    """Without repeated and excluded ones; ends after a hundred years of excluded ones, as no more will come."""
    excluded = {instant for instant, _ in _placed(series, parts.excluded_dates)}
    previous = kept = None
    for instant, wall in starts:
        if instant == previous:
            continue
        previous = instant
        kept = kept or wall
        if instant in excluded or any(_excludes(series, rule, wall) for rule in parts.excluding_rules):
            if abs(wall - kept).days > rules.MOST_DAYS:
                return
            continue
        kept = wall
        yield instant


def _excludes(series: Series, rule: Rule, wall: datetime) -> bool:
    return (
        wall.time() == _time_of_day(series)
        and wall.date() <= last_day_of(series, rule)
        and rules.contains(rule, _start_day(series), wall.date())
    )


# --- ends ---


def _days_long(series: Series) -> int:
    return (to_wall(series.ends_at, series.zone).date() - _start_day(series)).days


def _end_of(series: Series, start: datetime) -> datetime:
    """Timed occurrences last as long as the first to the second, all-day ones as many days."""
    if not series.is_all_day:
        return start + (series.ends_at - series.starts_at)
    day = to_wall(start, series.zone).date() + timedelta(days=_days_long(series))
    return from_wall(datetime.combine(day, time()), series.zone)


def _longest(series: Series) -> timedelta:
    """No occurrence lasts longer: a day may have 25 hours, and the zone may be in a shift when it ends."""
    return timedelta(days=_days_long(series) + 1) if series.is_all_day else series.ends_at - series.starts_at
