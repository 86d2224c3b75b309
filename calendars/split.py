"""Splits a series in two ("this and following") and moves series in time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from calendars import patterns, periods, recurrence, rules
from calendars.patterns import Series
from calendars.recurrence import Occurrence
from calendars.rules import PatternError, Rule
from calendars.times import from_wall, to_wall

# The number of occurrences that are compared to see whether the later part continues as the series would have: more
# than the weeks of a year, or the months of a leap year cycle.
_COMPARED = 60
_NEAR = timedelta(days=366)


def first_of_rest(series: Series, at: datetime) -> Occurrence:
    """The first occurrence at or after `at`, which begins the later part. PatternError if a part would be empty."""
    cut = next((item for item in recurrence.occurrences(series, after=at) if item.starts_at >= at), None)
    if cut is None:
        raise PatternError("no_dates", "The series has no occurrence at or after this time")
    first = recurrence.first(series)
    if first is not None and first.starts_at == cut.starts_at:
        raise PatternError("whole_series", "This is the first occurrence: change the event itself")
    return cut


def part_before(series: Series, cut: datetime) -> Series:
    """The series with its occurrences before `cut` only."""
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
    """The series from `cut` on, which becomes its first occurrence.

    Raises PatternError if no pattern with this start yields the same occurrences: for example every second week, cut at
    an RDATE in one of the weeks between.
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
    # INTERVAL counts from the start, so a new start may select other weeks or months.
    if _starts_from(series, after) != _starts_from(after, after) or recurrence.last(series) != recurrence.last(after):
        raise PatternError("cannot_be_split", "The pattern cannot continue from here; send a new recurrence_pattern")
    return after


def moved(series: Series, *, starts_at: datetime, ends_at: datetime, zone: str, is_all_day: bool) -> Series:
    """The series with another start, end and zone. UNTIL, RDATE and EXDATE move by the same amount of local time."""
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


def moved_to(series: Series, *, starts_at: datetime, ends_at: datetime, is_all_day: bool) -> Series:
    """The series with the occurrence nearest to `starts_at` moved there and all others moved by the same amount.

    A weekly rule with a single BYDAY gets the new weekday.
    """
    target = Series(starts_at, ends_at, series.zone, is_all_day)
    distance = _wall(target, starts_at) - _wall(series, nearest(series, starts_at))
    wall = _wall(series, series.starts_at) + distance
    new_start = from_wall(wall, series.zone)
    new_end = new_start + (ends_at - starts_at)
    if is_all_day:
        new_end = from_wall(wall + (_wall(target, ends_at) - _wall(target, starts_at)), series.zone)
    new = moved(series, starts_at=new_start, ends_at=new_end, zone=series.zone, is_all_day=is_all_day)
    return _on_its_weekday(series, new)


def nearest(series: Series, instant: datetime) -> datetime:
    """The start of the occurrence that is."""
    near = recurrence.occurrences(series, after=instant - _NEAR, before=instant + _NEAR)
    return min((item.starts_at for item in near), key=lambda start: abs(start - instant), default=series.starts_at)


def _on_its_weekday(old: Series, new: Series) -> Series:
    parts = patterns.parts_of(new)
    before, after = ((0, _day(series).weekday()) for series in (old, new))
    if len(parts.rules) != 1 or parts.rules[0].freq != "WEEKLY" or parts.rules[0].by_day != (before,):
        return new
    rule = replace(parts.rules[0], by_day=(after,))
    return _with_pattern(new, [rule], list(parts.excluding_rules), list(parts.dates), list(parts.excluded_dates))


def moved_start(original_starts_at: datetime, *, old: Series, new: Series) -> datetime:
    """The start of an occurrence of `old` after the series was changed by `moved` to `new`."""
    return from_wall(_wall(old, original_starts_at) + _wall_distance(old, new), new.zone)


def kept_starts(original_starts: Iterable[datetime], *, old: Series, new: Series) -> dict[datetime, datetime]:
    """Maps original starts of the old series to those of the same occurrences in the new one.

    The same occurrence has the same start or else lies on the same day. Starts without one are left out.
    """
    time_of_day = _wall(new, new.starts_at).time()
    kept: dict[datetime, datetime] = {}
    for start in original_starts:
        on_same_day = from_wall(datetime.combine(to_wall(start, old.zone), time_of_day), new.zone)
        new_start = next((found for found in (start, on_same_day) if recurrence.is_occurrence(new, found)), None)
        if new_start is not None and new_start not in kept.values():
            kept[start] = new_start
    return kept


def _wall_distance(old: Series, new: Series) -> timedelta:
    return _wall(new, new.starts_at) - _wall(old, old.starts_at)


# --- the part before ---


def _ended(series: Series, rule: Rule, cut: datetime) -> Rule | None:
    """The rule, ended at its last start before `cut` by an UNTIL (also if it had a COUNT); None if it has none."""
    end = patterns.last_day_of(series, rule)
    last_day = next(periods.days_backwards(rule, _day(series), last=min(end, _last_day_before(series, cut))), None)
    if last_day is None:
        return None
    if next(periods.days(rule, _day(series), since=last_day + timedelta(days=1), last=end), None) is None:
        return rule
    return replace(rule, count=None, until=_moment(series, _at(series, last_day)))


def _last_day_before(series: Series, cut: datetime) -> date:
    """The last day on which an occurrence would start before `cut`."""
    day = to_wall(cut, series.zone).date()
    return day if from_wall(_at(series, day), series.zone) < cut else day - timedelta(days=1)


# --- the part after ---


def _continued(series: Series, rule: Rule, cut: datetime) -> Rule | None:
    """The rule for a series that starts at `cut`, with COUNT reduced; None if it has no occurrence left.

    What the rule took from the old start, such as the weekday, is written out where the new start differs.
    """
    past = _last_day_before(series, cut)
    end = patterns.last_day_of(series, rule)
    if next(periods.days(rule, _day(series), since=past + timedelta(days=1), last=end), None) is None:
        return None
    if rule.count is not None:
        used = sum(1 for _day_of_rule in periods.days(rule, _day(series), last=past))
        rule = replace(rule, count=rule.count - used)
    explicit = _written_out(rule, _day(series))
    return rule if explicit == _written_out(rule, to_wall(cut, series.zone).date()) else explicit


def _written_out(rule: Rule, start: date) -> Rule:
    """The rule with the BY parts that it would take from DTSTART (RFC 5545 3.3.10)."""
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
    """The local time as UNTIL, RDATE and EXDATE have it: a date if the series is all-day, else an instant in UTC."""
    return wall.date() if series.is_all_day else from_wall(wall, series.zone)


def _day(series: Series) -> date:
    return to_wall(series.starts_at, series.zone).date()


def _at(series: Series, day: date) -> datetime:
    return datetime.combine(day, _wall(series, series.starts_at).time())


def _wall(series: Series, instant: datetime) -> datetime:
    """The local time; midnight for an all-day series, even on a day on which clocks skip it."""
    wall = to_wall(instant, series.zone)
    return datetime.combine(wall, time()) if series.is_all_day else wall
