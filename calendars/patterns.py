"""Reads the pattern of a series: RRULE:, RDATE:, EXRULE: and EXDATE: lines, in the terms of their series."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from calendars import rules
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, is_zone, zone

# Far enough from the year 9999 that adding an offset or a duration stays inside datetime.
LAST_DAY = date(9998, 12, 31)
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
class Parts:
    """A pattern read in the terms of its series: dates are naive wall times in the series' zone, sorted.

    Their `fold` tells the second of two equal wall times.
    """

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
        dates=_sorted(moment for moment in found["RDATE"] if isinstance(moment, datetime)),
        excluded_dates=_sorted(moment for moment in found["EXDATE"] if isinstance(moment, datetime)),
    )


def _sorted(walls: Iterable[datetime]) -> tuple[datetime, ...]:
    # Equality of wall times does not look at the fold.
    return tuple(wall for _, wall in sorted({(wall, wall.fold): wall for wall in walls}.items()))


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
        return at_time(start_wall(series), moment)
    try:
        if moment.tzinfo or zone_name != series.zone:
            instant = moment if moment.tzinfo else from_wall(moment, zone_name)
            wall = instant.astimezone(zone(series.zone)).replace(tzinfo=None)
        else:
            # Only the start itself may have a fold.
            wall = start if (start := start_wall(series)) == moment else moment
    except OverflowError as error:
        raise PatternError("invalid_date") from error
    return datetime.combine(wall, time()) if series.is_all_day else wall


def start_wall(series: Series) -> datetime:
    """With the `fold` of a start that is the second of two equal wall times, which no pattern can say."""
    wall = series.starts_at.astimezone(zone(series.zone)).replace(tzinfo=None)
    # Where midnight does not exist an all-day series starts at one o'clock, still on its day.
    return datetime.combine(wall, time(fold=wall.fold)) if series.is_all_day else wall


def at_time(start: datetime, day: date) -> datetime:
    """The wall time at which that day's occurrence starts."""
    return start if day == start.date() else datetime.combine(day, start.time().replace(fold=0))


def start_day(series: Series) -> date:
    return start_wall(series).date()


def last_day_of(series: Series, rule: Rule) -> date:
    """The last day that COUNT or UNTIL leaves to one of the series' rules, whether or not it is one of the rule's."""
    if rule.count is not None:
        return rules.last_counted(rule, start_day(series))
    if rule.until is None:
        return LAST_DAY
    # Some programs write the year 9999 for "endless".
    if rule.until.year > LAST_DAY.year:
        return LAST_DAY
    if not isinstance(rule.until, datetime):
        return rule.until
    day = _wall_of(series, rule.until, series.zone).date()
    if not series.is_all_day:
        # A change of the clock may move a start over midnight.
        day += timedelta(days=1)
        while _is_after(series, at_time(start_wall(series), day), rule.until):
            day -= timedelta(days=1)
    return day


def _is_after(series: Series, start: datetime, until: datetime) -> bool:
    """Compared as instants where UNTIL is one."""
    return placed(series, start) > until if until.tzinfo else start > until


def placed(series: Series, wall: datetime) -> datetime:
    """Like `from_wall`, but of two equal wall times the one that `fold` tells."""
    return wall.replace(tzinfo=zone(series.zone)).astimezone(UTC)
