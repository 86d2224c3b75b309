"""Splits a series in two and moves it: "this and following". recurrence.py computes the occurrences."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from calendars import patterns, periods, recurrence, rules
from calendars.patterns import Series
from calendars.recurrence import Occurrence
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, to_wall

# So many occurrences show whether a rule goes on as before: more than a year's weeks, and a leap year's months.
_COMPARED = 60


def first_of_rest(series: Series, at: datetime) -> Occurrence:
    """The first occurrence at or after `at`, where the series is cut. PatternError where one part would be empty."""
    cut = next((item for item in recurrence.occurrences(series, after=at) if item.starts_at >= at), None)
    if cut is None:
        raise PatternError("no_dates", "The series has no occurrence at or after this time")
    first = recurrence.first(series)
    if first is not None and first.starts_at == cut.starts_at:
        raise PatternError("whole_series", "This is the first occurrence: change the event itself")
    return cut


def part_before(series: Series, cut: datetime) -> Series:
    """What of the series starts before the cut."""
    parts = patterns.parts_of(series)
    wall = _wall(series, cut)
    return _with_pattern(
        series,
        [rule for found in parts.rules if (rule := _ended(series, found, cut))],
        list(parts.excluding_rules),
        [moment for moment in parts.dates if moment < wall],
        [moment for moment in parts.excluded_dates if moment < wall],
    )


def part_after(series: Series, cut: Occurrence) -> Series:
    """The series from the cut on, which is its first occurrence now.

    PatternError for a pattern that no shorter one can continue, such as every second week from a date that RDATE added
    in a week between.
    """
    parts = patterns.parts_of(series)
    wall = _wall(series, cut.starts_at)
    after = _with_pattern(
        replace(series, starts_at=cut.starts_at, ends_at=cut.ends_at),
        [rule for found in parts.rules if (rule := _continued(series, found, cut.starts_at))],
        [rule for found in parts.excluding_rules if (rule := _continued(series, found, cut.starts_at))],
        [moment for moment in parts.dates if moment >= wall],
        [moment for moment in parts.excluded_dates if moment >= wall],
    )
    # The phase of an INTERVAL may be lost with the old start.
    if _starts_from(series, after) != _starts_from(after, after) or recurrence.last(series) != recurrence.last(after):
        raise PatternError("cannot_be_split", "The pattern cannot continue from here; send a new recurrence_pattern")
    return after


def moved(series: Series, *, starts_at: datetime, ends_at: datetime, zone: str, is_all_day: bool) -> Series:
    """The series with another first occurrence; UNTIL and single dates move by as much wall time as the start does."""
    parts = patterns.parts_of(series)
    target = Series(starts_at, ends_at, zone, is_all_day)
    distance = _wall_distance(series, target)

    def moved_rule(rule: Rule) -> Rule:
        if rule.until is None:
            return rule
        return replace(rule, until=_moment(target, _at(series, patterns.last_day_of(series, rule)) + distance))

    return _with_pattern(
        target,
        [moved_rule(rule) for rule in parts.rules],
        [moved_rule(rule) for rule in parts.excluding_rules],
        [wall + distance for wall in parts.dates],
        [wall + distance for wall in parts.excluded_dates],
    )


def moved_start(original_starts_at: datetime, *, old: Series, new: Series) -> datetime:
    """Where an occurrence of a series is after `moved`, by its start."""
    return from_wall(_wall(old, original_starts_at) + _wall_distance(old, new), new.zone)


def kept_starts(original_starts: Iterable[datetime], *, old: Series, new: Series) -> dict[datetime, datetime]:
    """What occurrences of the old series are called in the new one: by their start, else by their day.

    Those that it does not have are left out.
    """
    time_of_day = _wall(new, new.starts_at).time()
    kept: dict[datetime, datetime] = {}
    for start in original_starts:
        on_its_day = from_wall(datetime.combine(to_wall(start, old.zone), time_of_day), new.zone)
        name = next((name for name in (start, on_its_day) if recurrence.is_occurrence(new, name)), None)
        if name is not None and name not in kept.values():
            kept[start] = name
    return kept


def _wall_distance(old: Series, new: Series) -> timedelta:
    return _wall(new, new.starts_at) - _wall(old, old.starts_at)


# --- the part before ---


def _ended(series: Series, rule: Rule, cut: datetime) -> Rule | None:
    """The rule up to its last start before the cut, None where it has none; a COUNT becomes an UNTIL."""
    end = patterns.last_day_of(series, rule)
    last_day = next(periods.days_backwards(rule, _day(series), last=min(end, _last_day_before(series, cut))), None)
    if last_day is None:
        return None
    if next(periods.days(rule, _day(series), since=last_day + timedelta(days=1), last=end), None) is None:
        return rule
    return replace(rule, count=None, until=_moment(series, _at(series, last_day)))


def _last_day_before(series: Series, cut: datetime) -> date:
    """The last day on which the rules' time of day lies before the cut."""
    day = to_wall(cut, series.zone).date()
    return day if from_wall(_at(series, day), series.zone) < cut else day - timedelta(days=1)


# --- the part after ---


def _continued(series: Series, rule: Rule, cut: datetime) -> Rule | None:
    """The rule with what it took from the old start written out; None where nothing of it is left."""
    past = _last_day_before(series, cut)
    end = patterns.last_day_of(series, rule)
    if next(periods.days(rule, _day(series), since=past + timedelta(days=1), last=end), None) is None:
        return None
    if rule.count is not None:
        used = sum(1 for _day_of_rule in periods.days(rule, _day(series), last=past))
        rule = replace(rule, count=rule.count - used)
    told = _written_out(rule, _day(series))
    return rule if told == _written_out(rule, to_wall(cut, series.zone).date()) else told


def _written_out(rule: Rule, start: date) -> Rule:
    """With the parts that a rule takes from DTSTART (RFC 5545 3.3.10)."""
    if rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day or rule.freq == "DAILY":
        return rule
    if rule.freq == "WEEKLY":
        return replace(rule, by_day=((0, start.weekday()),))
    by_month = rule.by_month or ((start.month,) if rule.freq == "YEARLY" else ())
    return replace(rule, by_month=by_month, by_month_day=(start.day,))


def _starts_from(series: Series, after: Series) -> list[datetime]:
    found = recurrence.occurrences(series, after=after.starts_at)
    starts = (item.starts_at for item in found if item.starts_at >= after.starts_at)
    return list(islice(starts, _COMPARED))


# --- writing ---


def _with_pattern(
    series: Series,
    included: list[Rule],
    excluded: list[Rule],
    dates: list[datetime],
    excluded_dates: list[datetime],
) -> Series:
    lines = [f"RRULE:{rules.format_rule(rule)}" for rule in included]
    lines += [f"EXRULE:{rules.format_rule(rule)}" for rule in excluded]
    for name, walls in (("RDATE", dates), ("EXDATE", excluded_dates)):
        if walls:
            kind = ";VALUE=DATE" if series.is_all_day else ""
            moments = (rules.format_moment(_moment(series, wall)) for wall in walls)
            lines.append(f"{name}{kind}:" + ",".join(dict.fromkeys(moments)))
    return replace(series, pattern=tuple(lines))


def _moment(series: Series, wall: datetime) -> date | datetime:
    """A date for an all-day series, else an instant in UTC."""
    return wall.date() if series.is_all_day else from_wall(wall, series.zone)


def _day(series: Series) -> date:
    return to_wall(series.starts_at, series.zone).date()


def _at(series: Series, day: date) -> datetime:
    return datetime.combine(day, _wall(series, series.starts_at).time())


def _wall(series: Series, instant: datetime) -> datetime:
    """The local time; an all-day occurrence is its day's midnight, also where clocks skip that."""
    wall = to_wall(instant, series.zone)
    return datetime.combine(wall, time()) if series.is_all_day else wall
