"""The days that a recurrence rule yields, without times of day and time zones.

A rule is a sequence of numbered periods: every INTERVAL-th year, month, week or day. Period 0 contains the start. The
days of a period can be computed from its number, so a window is reached without visiting the periods before it.
Internally days are ordinals (date.toordinal), which makes sets and week arithmetic cheap; ordinal 1 is a Monday.
"""

import calendar
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date
from functools import lru_cache

from calendars.rules import MOST_DAYS, PatternError, Rule

_MOST_COUNTED_YEARS = 400
_BEYOND = date.max.toordinal() + 1

# A rule that yields nothing for so many periods in a row counts as ended: it is contradictory (30 February), and
# searching on to the year 9999 would take seconds.
_MOST_EMPTY_PERIODS = {"DAILY": MOST_DAYS, "WEEKLY": 5218, "MONTHLY": 1200, "YEARLY": 100}


def days(rule: Rule, start: date, *, since: date = date.min, last: date = date.max) -> Iterator[date]:
    """The days of the rule in ascending order, from the later of `start` and `since` to `last`, both inclusive.

    Ignores the rule's COUNT and UNTIL; the caller passes them as `last`.
    """
    since = max(start, since)
    found = (_evenly if _is_even(rule) else _by_periods)(rule, start, since, last.toordinal())
    return map(date.fromordinal, found)


def _is_even(rule: Rule) -> bool:
    """Whether all periods have their days at the same offsets, which is so for most rules."""
    if rule.by_month or rule.by_month_day or rule.by_set_pos:
        return False
    return rule.freq == "WEEKLY" or (rule.freq == "DAILY" and not rule.by_day)


def _evenly(rule: Rule, start: date, since: date, last: int) -> Iterator[int]:
    begins = _begins(rule, start, _number_of(rule, start, since))
    length = rule.interval * (7 if rule.freq == "WEEKLY" else 1)
    offsets, first = _offsets(rule, start), since.toordinal()
    for period in range(begins, last + 1, length):
        for offset in offsets:
            if first <= period + offset <= last:
                yield period + offset


def _by_periods(rule: Rule, start: date, since: date, last: int) -> Iterator[int]:
    number, first = _number_of(rule, start, since), since.toordinal()
    empty = 0
    while empty <= _MOST_EMPTY_PERIODS[rule.freq] and _begins(rule, start, number) <= last:
        found = [day for day in _period(rule, start, number) if first <= day <= last]
        yield from found
        empty = 0 if found else empty + 1
        number += 1


def days_backwards(rule: Rule, start: date, *, last: date) -> Iterator[date]:
    """The days of the rule in descending order, from `last` to `start`, both inclusive. Ignores COUNT and UNTIL."""
    number = _number_of(rule, start, last)
    empty = 0
    while number >= 0 and empty <= _MOST_EMPTY_PERIODS[rule.freq]:
        found = [day for day in _period(rule, start, number) if start.toordinal() <= day <= last.toordinal()]
        yield from map(date.fromordinal, reversed(found))
        empty = 0 if found else empty + 1
        number -= 1


def contains(rule: Rule, start: date, day: date) -> bool:
    return day >= start and day.toordinal() in _period(rule, start, _number_of(rule, start, day))


@lru_cache(maxsize=4096)
def last_counted(rule: Rule, start: date) -> date:
    """The day of the COUNT-th occurrence; the day before `start` if the rule yields none.

    Raises PatternError if it is more than 400 years after the start.
    """
    found = date.fromordinal(max(1, start.toordinal() - 1))
    for index, day in enumerate(days(rule, start), start=1):
        if day.year > start.year + _MOST_COUNTED_YEARS:
            raise PatternError("count_too_large")
        found = day
        if index == rule.count:
            break
    return found


# --- one period ---


def _number_of(rule: Rule, start: date, day: date) -> int:
    """The number of the last period that begins on or before the day."""
    if rule.freq == "YEARLY":
        distance = day.year - start.year
    elif rule.freq == "MONTHLY":
        distance = (day.year - start.year) * 12 + day.month - start.month
    elif rule.freq == "WEEKLY":
        distance = (_week_of(rule, day.toordinal()) - _week_of(rule, start.toordinal())) // 7
    else:
        distance = day.toordinal() - start.toordinal()
    return distance // rule.interval


def _week_of(rule: Rule, ordinal: int) -> int:
    """The ordinal of the first day of the week that contains this day."""
    return ordinal - (ordinal - 1 - rule.week_start) % 7


def _begins(rule: Rule, start: date, number: int) -> int:
    """The ordinal of the period's first day; after 9999-12-31 one that is larger than all dates."""
    step = number * rule.interval
    if rule.freq == "YEARLY":
        return _new_year(min(start.year + step, MAXYEAR + 1))
    if rule.freq == "MONTHLY":
        year, month = _month_of(start, step)
        return date(year, month, 1).toordinal() if year <= MAXYEAR else _BEYOND
    if rule.freq == "WEEKLY":
        return _week_of(rule, start.toordinal()) + 7 * step
    return start.toordinal() + step


def _month_of(start: date, step: int) -> tuple[int, int]:
    year, month = divmod(start.year * 12 + start.month - 1 + step, 12)
    return year, month + 1


def _new_year(year: int) -> int:
    """The ordinal of 1 January, also for the years 0 and 10000, which `date` does not have."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400 + 1


def _period(rule: Rule, start: date, number: int) -> list[int]:
    """The ordinals of the days that the rule yields in this period, ascending; before `start`, too."""
    step = number * rule.interval
    if rule.freq == "YEARLY":
        found = sorted(_days_of_year(rule, start, start.year + step))
    elif rule.freq == "MONTHLY":
        year, month = _month_of(start, step)
        found = sorted(_days_of_month(rule, start, year, month)) if _may_be(rule, month) else []
    else:
        begins = _begins(rule, start, number)
        found = [day for offset in _offsets(rule, start) if _passes(rule, day := begins + offset)]
    return sorted(_chosen(found, rule.by_set_pos)) if rule.by_set_pos else found


def _offsets(rule: Rule, start: date) -> list[int]:
    """The days of a WEEKLY or DAILY period, counted from its first day."""
    if rule.freq == "DAILY":
        return [0]
    weekdays = {day for _, day in rule.by_day} or {start.weekday()}
    return sorted((weekday - rule.week_start) % 7 for weekday in weekdays)


def _passes(rule: Rule, ordinal: int) -> bool:
    """Whether BYMONTH, BYDAY and BYMONTHDAY allow this day, as they limit WEEKLY and DAILY rules."""
    if not 0 < ordinal < _BEYOND:
        return False
    day = date.fromordinal(ordinal)
    return (
        _may_be(rule, day.month)
        and (not rule.by_day or (0, day.weekday()) in rule.by_day)
        and (not rule.by_month_day or ordinal in _chosen(_month(day.year, day.month), rule.by_month_day))
    )


def _may_be(rule: Rule, month: int) -> bool:
    return not rule.by_month or month in rule.by_month


def _days_of_year(rule: Rule, start: date, year: int) -> set[int]:
    named = []
    if rule.by_month or rule.by_month_day or _is_bare(rule):
        months = rule.by_month or ((start.month,) if _is_bare(rule) else range(1, 13))
        named.append({day for month in months for day in _days_of_month(rule, start, year, month)})
    if rule.by_day and not rule.by_month:
        named.append(_weekdays(rule.by_day, _year(year)))
    if rule.by_year_day:
        named.append(_chosen(_year(year), rule.by_year_day))
    if rule.by_week_no:
        named.append(_days_of_weeks(rule, year).intersection(_year(year)))
    return set.intersection(*named)


def _days_of_month(rule: Rule, start: date, year: int, month: int) -> set[int]:
    """The days of a month that BYMONTHDAY and BYDAY allow; all days if the rule has neither.

    BYDAY of a YEARLY rule without BYMONTH counts within the year, so it is not applied here.
    """
    every = _month(year, month)
    named = []
    if rule.by_month_day or _is_bare(rule):
        named.append(_chosen(every, rule.by_month_day or (start.day,)))
    if rule.by_day and (rule.by_month or rule.freq == "MONTHLY"):
        named.append(_weekdays(rule.by_day, every))
    return set.intersection(*named) if named else set(every)


def _is_bare(rule: Rule) -> bool:
    """Whether no BY part names days, so that the rule takes the day from the start."""
    return not (rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day)


def _year(year: int) -> range:
    return range(_new_year(year), _new_year(year + 1))


def _month(year: int, month: int) -> range:
    first = date(year, month, 1).toordinal()
    return range(first, first + calendar.monthrange(year, month)[1])


def _chosen(days: Sequence[int], numbers: tuple[int, ...]) -> set[int]:
    """The n-th days, where negative numbers count from the end. Numbers beyond the list are ignored."""
    return {days[n - 1 if n > 0 else n] for n in numbers if -len(days) <= n <= len(days)}


def _weekdays(wanted: tuple[tuple[int, int], ...], days: range) -> set[int]:
    """The weekdays of a month or year that BYDAY names: (n, weekday) is the n-th one, (0, weekday) all of them."""
    found: set[int] = set()
    for n, weekday in wanted:
        every = range(days.start + (weekday + 1 - days.start) % 7, days.stop, 7)
        found.update(_chosen(every, (n,)) if n else every)
    return found


def _days_of_weeks(rule: Rule, year: int) -> set[int]:
    """The days of the weeks that BYWEEKNO names. Weeks of the year before and after may reach into this year."""
    weeks = (
        week
        for one in (year - 1, year, year + 1)
        for week in _chosen(range(_first_week(rule, one), _first_week(rule, one + 1), 7), rule.by_week_no)
    )
    return {week + offset for week in weeks for offset in range(7)}


def _first_week(rule: Rule, year: int) -> int:
    """The first day of week 1, the first one with at least four days in the year (RFC 5545 3.3.10)."""
    return _week_of(rule, _new_year(year) + 3)
