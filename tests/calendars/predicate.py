"""RFC 5545 3.3.10 as a question about one day, asked for day after day: slow, and no kin of ours or of dateutil's.

It reads the table of 3.3.10 so: a part that limits or expands is a condition which the day has to meet, within the
period (INTERVAL-th day, week, month or year) that holds it; what the rule leaves open is taken from the start.
Week numbers alone mean whole weeks, and a week's day belongs to the calendar year it falls into.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import islice

DAY = timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_CHOOSE_A_DAY = {
    "DAILY": ("FREQ",),
    "WEEKLY": ("BYDAY",),
    "MONTHLY": ("BYDAY", "BYMONTHDAY"),
    "YEARLY": ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"),
}


@lru_cache(maxsize=64)
def days_by_predicate(text: str, start: date, since: date, last: date) -> tuple[date, ...]:
    """The days of a rule without UNTIL, from since to last."""
    rule = dict(part.split("=") for part in text.split(";"))
    first = start if "COUNT" in rule else max(start, since)
    sets: dict[date, list[date]] = {}
    days = (day for day in _every_day(first, last) if _is_chosen(rule, start, day, sets))
    return tuple(day for day in islice(days, int(rule["COUNT"]) if "COUNT" in rule else None) if day >= since)


def _is_chosen(rule: dict[str, str], start: date, day: date, sets: dict[date, list[date]]) -> bool:
    if _distance(rule, start, day) % int(rule.get("INTERVAL", 1)) or not _meets(rule, start, day):
        return False
    if "BYSETPOS" not in rule:
        return True
    first, last = _period(rule, day)
    if first not in sets:
        sets[first] = [member for member in _every_day(first, last) if _meets(rule, start, member)]
    index, length = sets[first].index(day), len(sets[first])
    return bool({index + 1, index - length} & _numbers(rule["BYSETPOS"]))


def _every_day(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


def _distance(rule: dict[str, str], start: date, day: date) -> int:
    """How many periods lie between the two."""
    if rule["FREQ"] == "YEARLY":
        return day.year - start.year
    if rule["FREQ"] == "MONTHLY":
        return 12 * (day.year - start.year) + day.month - start.month
    return (_period(rule, day)[0] - _period(rule, start)[0]).days // (7 if rule["FREQ"] == "WEEKLY" else 1)


def _period(rule: dict[str, str], day: date) -> tuple[date, date]:
    if rule["FREQ"] == "YEARLY":
        return _year(day)
    if rule["FREQ"] == "MONTHLY":
        return _month(day)
    if rule["FREQ"] == "WEEKLY":
        first = _week_start(rule, day)
        return first, first + 6 * DAY
    return day, day


def _year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def _week_start(rule: dict[str, str], day: date) -> date:
    while WEEKDAYS[day.weekday()] != rule.get("WKST", "MO"):
        day -= DAY
    return day


@cache
def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(item) for item in text.split(","))


def _meets(rule: dict[str, str], start: date, day: date) -> bool:
    """All the parts but BYSETPOS, and what the start says where no part says it."""
    if "BYMONTH" in rule and day.month not in _numbers(rule["BYMONTH"]):
        return False
    if not any(part in rule for part in _CHOOSE_A_DAY[rule["FREQ"]]) and not _is_like_start(rule, start, day):
        return False
    return (
        ("BYMONTHDAY" not in rule or _is_nth(rule["BYMONTHDAY"], day, *_month(day)))
        and ("BYYEARDAY" not in rule or _is_nth(rule["BYYEARDAY"], day, *_year(day)))
        and ("BYDAY" not in rule or _is_weekday(rule, day))
        and ("BYWEEKNO" not in rule or _is_in_week(rule, day))
    )


def _is_like_start(rule: dict[str, str], start: date, day: date) -> bool:
    if rule["FREQ"] == "WEEKLY":
        return day.weekday() == start.weekday()
    return day.day == start.day and (rule["FREQ"] == "MONTHLY" or "BYMONTH" in rule or day.month == start.month)


def _is_nth(wanted: str, day: date, first: date, last: date) -> bool:
    return bool({(day - first).days + 1, (day - last).days - 1} & _numbers(wanted))


def _is_weekday(rule: dict[str, str], day: date) -> bool:
    """The n-th of its kind in the month, or in the year where the year is the period and BYMONTH is not given."""
    items = rule["BYDAY"].split(",")
    name = WEEKDAYS[day.weekday()]
    if name in items or not any(item.endswith(name) for item in items):
        return name in items
    first, last = _year(day) if rule["FREQ"] == "YEARLY" and "BYMONTH" not in rule else _month(day)
    nth = {(day - first).days // 7 + 1, -((last - day).days // 7) - 1}
    return any(item.endswith(name) and int(item[:-2]) in nth for item in items)


def _is_in_week(rule: dict[str, str], day: date) -> bool:
    """Week 1 is the first with four of its days in the year; the days before it belong to the year before."""
    week = _week_start(rule, day)
    year = next(year for year in (day.year + 1, day.year, day.year - 1) if _first_week(rule, year) <= week)
    length = (_first_week(rule, year + 1) - _first_week(rule, year)).days // 7
    number = (week - _first_week(rule, year)).days // 7 + 1
    return bool({number, number - length - 1} & _numbers(rule["BYWEEKNO"]))


def _first_week(rule: dict[str, str], year: int) -> date:
    new_year = date(year, 1, 1)
    week = _week_start(rule, new_year)
    return week if (week + 7 * DAY - new_year).days >= 4 else week + 7 * DAY
