"""One recurrence rule of RFC 5545 and the days it yields. Knows days only: no time of day, no zone."""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from functools import lru_cache

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# A hundred years of days: no longer series is counted out, and a COUNT above it is refused.
MOST_DAYS = 36525
_MAX_INTERVAL = 9999
_MOST_COUNTED_YEARS = 400

# A rule that stays silent for so many periods in a row is over: it contradicts itself (30 February), and looking
# on to the year 9999 would take seconds.
_SILENT_PERIODS = {"DAILY": MOST_DAYS, "WEEKLY": 5218, "MONTHLY": 1200, "YEARLY": 100}


class PatternError(ValueError):
    """A recurrence pattern that is refused; `code` is stable, the message is for people."""

    def __init__(self, code: str, message: str = "Invalid recurrence pattern") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Rule:
    """`by_day` holds (n, weekday) with n = 0 for every such day and Monday = 0; `until` is as written."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    by_month: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0


# --- reading and writing ---

_NUMBER_LISTS = {  # part: (field, largest value, whether it may count from the end)
    "BYMONTH": ("by_month", 12, False),
    "BYWEEKNO": ("by_week_no", 53, True),
    "BYYEARDAY": ("by_year_day", 366, True),
    "BYMONTHDAY": ("by_month_day", 31, True),
    "BYSETPOS": ("by_set_pos", 366, True),
}
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_NUMBER_LISTS})
_BELOW_DAILY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,5}", re.ASCII)
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
# fromisoformat reads other spellings too.
_MOMENT = r"[0-9]{8}(?:T(?:[01][0-9]|2[0-3])[0-9]{4}Z?)?"
_MOMENTS = re.compile(f"{_MOMENT}(?:,{_MOMENT})*", re.ASCII)
_POSITIVE = re.compile(r"[0-9]{1,9}", re.ASCII)


@lru_cache(maxsize=4096)
def parse_rule(text: str) -> Rule:
    """Reads what stands behind `RRULE:`."""
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise PatternError("invalid_rule")
        parts[name] = value
    _check_frequency(parts)
    if parts.keys() - _PARTS:
        raise PatternError("unknown_part")
    numbers = {
        field: _numbers(parts[name], most, negative)
        for name, (field, most, negative) in _NUMBER_LISTS.items()
        if name in parts
    }
    rule = Rule(
        freq=parts["FREQ"],
        interval=_positive(parts.get("INTERVAL", "1"), _MAX_INTERVAL),
        count=_positive(parts["COUNT"], MOST_DAYS) if "COUNT" in parts else None,
        until=parse_moment(parts["UNTIL"]) if "UNTIL" in parts else None,
        by_day=_week_days(parts["BYDAY"]) if "BYDAY" in parts else (),
        week_start=_week_start(parts.get("WKST", "MO")),
        **numbers,
    )
    _check_combination(rule)
    return rule


def parse_moments(text: str) -> list[date | datetime]:
    """What commas separate: DATEs, floating DATE-TIMEs (naive) and ones in UTC (aware)."""
    if not _MOMENTS.fullmatch(text):
        raise PatternError("invalid_date")
    try:
        return [(datetime if "T" in item else date).fromisoformat(item) for item in text.split(",")]
    except ValueError as error:
        raise PatternError("invalid_date") from error


def parse_moment(text: str) -> date | datetime:
    moment, *others = parse_moments(text)
    if others:
        raise PatternError("invalid_date")
    return moment


def _check_frequency(parts: dict[str, str]) -> None:
    # BYHOUR and its kin make several occurrences in one day: a smaller frequency in all but name.
    if parts.get("FREQ") in ("HOURLY", "MINUTELY", "SECONDLY") or parts.keys() & _BELOW_DAILY:
        raise PatternError("frequency_not_supported", "Frequencies below 'DAILY' are not supported")
    if parts.get("FREQ") not in FREQUENCIES:
        raise PatternError("invalid_frequency")


def _check_combination(rule: Rule) -> None:
    """What RFC 5545 3.3.10 forbids; calendars disagree on the meaning of these."""
    nth = any(n for n, _ in rule.by_day)
    days = rule.by_month or rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day
    forbidden = (
        (rule.count is not None and rule.until is not None)
        or (nth and (rule.freq in ("DAILY", "WEEKLY") or bool(rule.by_week_no)))
        or (bool(rule.by_month_day) and rule.freq == "WEEKLY")
        or (bool(rule.by_year_day or rule.by_week_no) and rule.freq != "YEARLY")
        or (bool(rule.by_set_pos) and not days)
    )
    if forbidden:
        raise PatternError("invalid_combination")


def _positive(text: str, most: int) -> int:
    if not _POSITIVE.fullmatch(text) or not 0 < int(text) <= most:
        raise PatternError("invalid_number")
    return int(text)


def _numbers(text: str, most: int, negative: bool) -> tuple[int, ...]:
    values = set()
    for item in text.split(","):
        if not _NUMBER.fullmatch(item):
            raise PatternError("invalid_number")
        value = int(item)
        if not 0 < abs(value) <= most or (value < 0 and not negative):
            raise PatternError("invalid_number")
        values.add(value)
    return tuple(sorted(values))


def _week_days(text: str) -> tuple[tuple[int, int], ...]:
    days = set()
    for item in text.split(","):
        match = _DAY.fullmatch(item)
        if match is None or (match[1] and not 0 < abs(int(match[1])) <= 53):
            raise PatternError("invalid_day")
        days.add((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return tuple(sorted(days))


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise PatternError("invalid_day")
    return WEEKDAYS.index(text)


def format_moment(moment: date | datetime) -> str:
    text = moment.isoformat().replace("-", "").replace(":", "")[:15]
    return text + "Z" if isinstance(moment, datetime) and moment.tzinfo else text


def format_rule(rule: Rule) -> str:
    """One spelling for all rules that mean the same."""
    parts = [f"FREQ={rule.freq}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={format_moment(rule.until)}")
    for name, (field, _, _) in _NUMBER_LISTS.items():
        if values := getattr(rule, field):
            parts.append(f"{name}={','.join(map(str, values))}")
    if rule.by_day:
        parts.append("BYDAY=" + ",".join(f"{n or ''}{WEEKDAYS[day]}" for n, day in rule.by_day))
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    return ";".join(parts)


# --- the days ---
# A rule is a sequence of periods (every INTERVAL-th year, month, week or day, number 0 holding the start); each
# period's days follow from its number alone. So a window is reached without visiting what lies before it. Inside,
# days are ordinals: sets of them are what the parts of a rule name, and a week is arithmetic (ordinal 1 is a Monday).

_BEYOND = date.max.toordinal() + 1


def days(rule: Rule, start: date, *, since: date = date.min, last: date = date.max) -> Iterator[date]:
    """Ascending, from the later of start and since; COUNT and UNTIL are the caller's, by `last`."""
    since = max(start, since)
    found = (_evenly if _is_even(rule) else _by_periods)(rule, start, since, last.toordinal())
    return map(date.fromordinal, found)


def _is_even(rule: Rule) -> bool:
    """Whether all periods are alike, as they are of most rules."""
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
    silent = 0
    while silent <= _SILENT_PERIODS[rule.freq] and _begins(rule, start, number) <= last:
        found = [day for day in _period(rule, start, number) if first <= day <= last]
        yield from found
        silent = 0 if found else silent + 1
        number += 1


def days_backwards(rule: Rule, start: date, *, last: date) -> Iterator[date]:
    """Descending, from last to start."""
    number = _number_of(rule, start, last)
    silent = 0
    while number >= 0 and silent <= _SILENT_PERIODS[rule.freq]:
        found = [day for day in _period(rule, start, number) if start.toordinal() <= day <= last.toordinal()]
        yield from map(date.fromordinal, reversed(found))
        silent = 0 if found else silent + 1
        number -= 1


def contains(rule: Rule, start: date, day: date) -> bool:
    return day >= start and day.toordinal() in _period(rule, start, _number_of(rule, start, day))


@lru_cache(maxsize=4096)
def last_counted(rule: Rule, start: date) -> date:
    """The day of the COUNT-th occurrence; the one before start when the rule yields none."""
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
    """The ordinal of the first day of its week."""
    return ordinal - (ordinal - 1 - rule.week_start) % 7


def _begins(rule: Rule, start: date, number: int) -> int:
    """The ordinal of the period's first day, or one beyond the calendar's end."""
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
    """The ordinal of 1 January, also of the years beside the calendar's."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400 + 1


def _period(rule: Rule, start: date, number: int) -> list[int]:
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
    """Where a week's days lie from its beginning; a day is one itself."""
    if rule.freq == "DAILY":
        return [0]
    weekdays = {day for _, day in rule.by_day} or {start.weekday()}
    return sorted((weekday - rule.week_start) % 7 for weekday in weekdays)


def _passes(rule: Rule, ordinal: int) -> bool:
    """What limits the days of weeks and days."""
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
    """All of them where no part names any; BYDAY counts in the year where that is not limited to months."""
    every = _month(year, month)
    named = []
    if rule.by_month_day or _is_bare(rule):
        named.append(_chosen(every, rule.by_month_day or (start.day,)))
    if rule.by_day and (rule.by_month or rule.freq == "MONTHLY"):
        named.append(_weekdays(rule.by_day, every))
    return set.intersection(*named) if named else set(every)


def _is_bare(rule: Rule) -> bool:
    """Whether the start tells the day."""
    return not (rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day)


def _year(year: int) -> range:
    return range(_new_year(year), _new_year(year + 1))


def _month(year: int, month: int) -> range:
    first = date(year, month, 1).toordinal()
    return range(first, first + calendar.monthrange(year, month)[1])


def _chosen(days: Sequence[int], numbers: tuple[int, ...]) -> set[int]:
    """The n-th of them, counted from either end, as far as there are so many."""
    return {days[n - 1 if n > 0 else n] for n in numbers if -len(days) <= n <= len(days)}


def _weekdays(wanted: tuple[tuple[int, int], ...], days: range) -> set[int]:
    """The n-th such weekdays of a month or year, or all."""
    found: set[int] = set()
    for n, weekday in wanted:
        every = range(days.start + (weekday + 1 - days.start) % 7, days.stop, 7)
        found.update(_chosen(every, (n,)) if n else every)
    return found


def _days_of_weeks(rule: Rule, year: int) -> set[int]:
    """What BYWEEKNO names in this year and in the ones beside it, whose weeks reach into it."""
    weeks = (
        week
        for one in (year - 1, year, year + 1)
        for week in _chosen(range(_first_week(rule, one), _first_week(rule, one + 1), 7), rule.by_week_no)
    )
    return {week + offset for week in weeks for offset in range(7)}


def _first_week(rule: Rule, year: int) -> int:
    """The first day of the first week that has four days in the year."""
    return _week_of(rule, _new_year(year) + 3)
