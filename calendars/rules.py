"""Parses and writes one recurrence rule of RFC 5545; periods.py computes its days."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# A hundred years of days: no longer series is counted out, and a COUNT above it is refused.
MOST_DAYS = 36525
_MAX_INTERVAL = 9999


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
