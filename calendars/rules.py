"""One recurrence rule of RFC 5545 and the days it yields. Knows days only: no time of day, no zone."""

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
_MOMENT = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?", re.ASCII)


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


def parse_moment(text: str) -> date | datetime:
    """A DATE, a floating DATE-TIME (naive) or one in UTC (aware)."""
    if not _MOMENT.fullmatch(text):
        raise PatternError("invalid_date")
    try:
        if "T" not in text:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
        moment = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 floating: the series' zone gives it
    except ValueError as error:
        raise PatternError("invalid_date") from error
    return moment.replace(tzinfo=UTC) if text.endswith("Z") else moment


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
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not 0 < int(text) <= most:
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
# period's days follow from its number alone. So a window is reached without visiting what lies before it.


def days(rule: Rule, start: date, *, since: date = date.min, last: date = date.max) -> Iterator[date]:
    """Ascending, from the later of start and since; COUNT and UNTIL are the caller's, by `last`."""
    since = max(start, since)
    number = max(0, _number_of(rule, start, since))
    silent = 0
    while silent <= _SILENT_PERIODS[rule.freq] and _begins(rule, start, number) <= last.toordinal():
        found = [day for day in _period(rule, start, number) if since <= day <= last]
        yield from found
        silent = 0 if found else silent + 1
        number += 1


def days_backwards(rule: Rule, start: date, *, last: date) -> Iterator[date]:
    """Descending, from last to start."""
    number = _number_of(rule, start, last)
    silent = 0
    while number >= 0 and silent <= _SILENT_PERIODS[rule.freq]:
        found = [day for day in _period(rule, start, number) if start <= day <= last]
        yield from reversed(found)
        silent = 0 if found else silent + 1
        number -= 1


def contains(rule: Rule, start: date, day: date) -> bool:
    return day >= start and day in _period(rule, start, _number_of(rule, start, day))


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
    """The ordinal of the first day of its week; ordinal 1 is a Monday."""
    return ordinal - (ordinal - 1 - rule.week_start) % 7


_BEYOND = date.max.toordinal() + 1


def _begins(rule: Rule, start: date, number: int) -> int:
    """The ordinal of the period's first day, or one beyond the calendar's end."""
    step = number * rule.interval
    if rule.freq == "YEARLY":
        return date(start.year + step, 1, 1).toordinal() if start.year + step <= 9999 else _BEYOND
    if rule.freq == "MONTHLY":
        year, month = divmod(start.year * 12 + start.month - 1 + step, 12)
        return date(year, month + 1, 1).toordinal() if year <= 9999 else _BEYOND
    if rule.freq == "WEEKLY":
        return _week_of(rule, start.toordinal()) + 7 * step
    return start.toordinal() + step


def _period(rule: Rule, start: date, number: int) -> list[date]:
    begins = _begins(rule, start, number)
    if begins >= _BEYOND:
        return []
    candidates: Iterable[date]
    if rule.freq == "WEEKLY":
        candidates = _days_of_week(rule, start, begins)
    elif rule.freq == "DAILY":
        candidates = (date.fromordinal(begins),)
    else:
        candidates = _days_of_months(rule, start, date.fromordinal(begins))
    found = [day for day in candidates if _passes(rule, day)]
    return _at_positions(found, rule.by_set_pos) if rule.by_set_pos else found


def _days_of_week(rule: Rule, start: date, begins: int) -> list[date]:
    weekdays = {day for _, day in rule.by_day} or {start.weekday()}
    ordinals = sorted(begins + (weekday - rule.week_start) % 7 for weekday in weekdays)
    return [date.fromordinal(ordinal) for ordinal in ordinals if 0 < ordinal < _BEYOND]


def _days_of_months(rule: Rule, start: date, begins: date) -> Iterable[date]:
    """The days of one year or month, narrowed as far as that is cheap."""
    is_bare = not (rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day)
    months: Iterable[int] = (begins.month,)
    if rule.freq == "YEARLY":
        months = rule.by_month or ((start.month,) if is_bare else range(1, 13))
    wanted = rule.by_month_day or ((start.day,) if is_bare else ())
    for month in months:
        length = calendar.monthrange(begins.year, month)[1]
        numbers: Iterable[int] = range(1, length + 1)
        if wanted:
            numbers = sorted({n if n > 0 else length + 1 + n for n in wanted})
        for number in numbers:
            if 0 < number <= length:
                yield date(begins.year, month, number)


def _passes(rule: Rule, day: date) -> bool:
    if rule.by_month and day.month not in rule.by_month:
        return False
    if rule.by_day and not _is_week_day(rule, day):
        return False
    if rule.by_month_day and not _counts(rule.by_month_day, day.day, calendar.monthrange(day.year, day.month)[1]):
        return False
    if rule.by_year_day and not _counts(rule.by_year_day, day.timetuple().tm_yday, _days_in_year(day.year)):
        return False
    return not rule.by_week_no or _counts(rule.by_week_no, *_week_number(day, rule.week_start))


def _counts(wanted: tuple[int, ...], number: int, length: int) -> bool:
    """Whether number, counted from either end of 1..length, is among the wanted ones."""
    return number in wanted or number - length - 1 in wanted


def _is_week_day(rule: Rule, day: date) -> bool:
    weekday = day.weekday()
    if (0, weekday) in rule.by_day:
        return True
    if rule.freq == "YEARLY" and not rule.by_month:
        number, length = day.timetuple().tm_yday, _days_in_year(day.year)
    else:
        number, length = day.day, calendar.monthrange(day.year, day.month)[1]
    nth, nth_from_end = (number - 1) // 7 + 1, -((length - number) // 7 + 1)
    return (nth, weekday) in rule.by_day or (nth_from_end, weekday) in rule.by_day


def _days_in_year(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _week_number(day: date, week_start: int) -> tuple[int, int]:
    """(number of the week, number of weeks in its year); a week belongs to the year that holds its fourth day."""
    fourth = day.toordinal() - (day.weekday() - week_start) % 7 + 3
    if not 0 < fourth < _BEYOND:
        return 1, 52
    middle = date.fromordinal(fourth)
    number = (middle.timetuple().tm_yday - 1) // 7 + 1
    remaining = (_days_in_year(middle.year) - middle.timetuple().tm_yday) // 7
    return number, number + remaining


def _at_positions(found: list[date], positions: tuple[int, ...]) -> list[date]:
    return [day for index, day in enumerate(found, start=1) if _counts(positions, index, len(found))]
