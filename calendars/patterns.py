"""Reads the pattern of a series: RRULE:, RDATE:, EXRULE: and EXDATE: lines, in the terms of their series."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from calendars import periods, rules
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, in_utc, in_zone, is_zone, zone

# Far enough from the year 9999 that adding an offset and the longest duration stays inside datetime.
LAST_DAY = date(9997, 12, 31)
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
class Parts:
    """A pattern read in the terms of its series: dates are naive wall times in the series' zone, sorted.

    Their `fold` tells the second of two equal wall times, as does that of `start`, which is the series' own.
    """

    start: datetime
    rules: tuple[Rule, ...] = ()
    excluding_rules: tuple[Rule, ...] = ()
    dates: tuple[datetime, ...] = ()
    excluded_dates: tuple[datetime, ...] = ()


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


@lru_cache(maxsize=4096)
def parts_of(series: Series) -> Parts:
    start = _start_wall(series)
    read: dict[str, list[Rule]] = {"RRULE": [], "EXRULE": []}
    walls: dict[str, list[datetime]] = {"RDATE": [], "EXDATE": []}
    for line in series.pattern:
        match = _LINE.fullmatch(line.strip(" "))
        if match is None:
            raise PatternError("invalid_line")
        name, parameters, value = match.groups()
        if name in walls:
            walls[name] += _walls(series, start, parameters, value)
        elif name in read and not parameters:
            read[name].append(rules.parse_rule(value))
        else:
            raise PatternError("invalid_line")
    return Parts(
        start,
        rules=tuple(read["RRULE"]),
        excluding_rules=tuple(read["EXRULE"]),
        dates=tuple(sorted(walls["RDATE"])),
        excluded_dates=tuple(sorted(walls["EXDATE"])),
    )


def _start_wall(series: Series) -> datetime:
    wall = in_zone(series.starts_at, series.zone).replace(tzinfo=None)
    # Where midnight does not exist an all-day series starts at one o'clock, still on its day.
    return datetime.combine(wall, time(fold=wall.fold)) if series.is_all_day else wall


def _walls(series: Series, start: datetime, parameters: str, value: str) -> list[datetime]:
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
    moments = rules.parse_moments(value)
    if kind and any((kind == "DATE-TIME") != isinstance(moment, datetime) for moment in moments):
        raise PatternError("invalid_date")
    return [_wall_of(series, start, moment, zone_name) for moment in moments]


def _wall_of(series: Series, start: datetime, moment: date | datetime, zone_name: str) -> datetime:
    if not isinstance(moment, datetime):
        # A bare date in a timed series names that day's occurrence.
        return at_time(start, moment)
    if moment.tzinfo or zone_name != series.zone:
        instant = moment if moment.tzinfo else from_wall(moment, zone_name)
        moment = in_zone(instant, series.zone).replace(tzinfo=None)
    elif moment == start:
        # Only the start itself may have a fold.
        moment = start
    return datetime.combine(moment, time()) if series.is_all_day else moment


def at_time(start: datetime, day: date) -> datetime:
    """The wall time at which that day's occurrence starts."""
    return start if day == start.date() else datetime.combine(day, start.time().replace(fold=0))


def last_day_of(series: Series, rule: Rule) -> date:
    """The last day that COUNT or UNTIL leaves to one of the series' rules, whether or not it is one of the rule's."""
    if rule.count is None and rule.until is None:
        return LAST_DAY
    start = parts_of(series).start
    if rule.until is None:
        return periods.last_counted(rule, start.date())
    # Some programs write the year 9999 for "endless".
    if rule.until.year > LAST_DAY.year:
        return LAST_DAY
    if not isinstance(rule.until, datetime):
        return rule.until
    day = _wall_of(series, start, rule.until, series.zone).date()
    if not series.is_all_day:
        # A change of the clock may move a start over midnight.
        day += timedelta(days=1)
        while day > date.min and _is_after(series, at_time(start, day), rule.until):
            day -= timedelta(days=1)
    return day


def _is_after(series: Series, start: datetime, until: datetime) -> bool:
    """Compared as instants where UNTIL is one."""
    return placed(series, start) > until if until.tzinfo else start > until


def placed(series: Series, wall: datetime) -> datetime:
    """Like `from_wall`, but of two equal wall times the one that `fold` tells."""
    return in_utc(wall.replace(tzinfo=zone(series.zone)))
