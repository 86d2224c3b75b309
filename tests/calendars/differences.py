"""Where a judge departs from RFC 5545, each with the reason and a rule that shows it; there the judge is not asked.

A test holds that every example still shows its difference, so an entry goes when a new version of the judge is right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

Parts = dict[str, str]


@dataclass(frozen=True)
class Difference:
    judge: str
    reason: str
    concerns: Callable[[Parts], bool]
    rule: str
    start: date


def parts_of(rule: str) -> Parts:
    return dict(part.split("=") for part in rule.split(";"))


def _items(parts: Parts, name: str) -> set[str]:
    return set(parts[name].split(",")) if name in parts else set()


def _is_weekly_set(parts: Parts) -> bool:
    return parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts


DIFFERENCES = (
    Difference(
        "dateutil",
        "BYSETPOS counts the days of the first week from the start, not from the beginning of the interval",
        _is_weekly_set,
        "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1",
        date(2026, 1, 6),
    ),
    Difference(
        "dateutil",
        "days beside the new year may get a wrong week of the other year",
        lambda parts: bool(_items(parts, "BYWEEKNO") & {"52", "53", "-52", "-53"}),
        "FREQ=YEARLY;BYWEEKNO=53",
        date(2009, 1, 1),
    ),
    Difference(
        "dateutil",
        "MO,1TU asks for days that are a Monday and a first Tuesday",
        lambda parts: len({len(item) > 2 for item in _items(parts, "BYDAY")}) == 2,
        "FREQ=MONTHLY;BYDAY=MO,1TU",
        date(2026, 1, 1),
    ),
    Difference(
        "libical",
        "a negative BYMONTHDAY does not limit days",
        lambda parts: parts["FREQ"] == "DAILY" and any(item.startswith("-") for item in _items(parts, "BYMONTHDAY")),
        "FREQ=DAILY;BYMONTHDAY=-1,1",
        date(2026, 1, 1),
    ),
    Difference(
        "libical",
        "BYSETPOS does not count by the days' order in the week",
        _is_weekly_set,
        "FREQ=WEEKLY;BYDAY=FR,SU;BYSETPOS=-1",
        date(2005, 10, 16),
    ),
    Difference(
        "libical",
        "a start late in a week that does not begin on Monday shifts the weeks",
        lambda parts: parts["FREQ"] == "WEEKLY" and "INTERVAL" in parts and parts.get("WKST", "MO") != "MO",
        "FREQ=WEEKLY;INTERVAL=5;BYDAY=FR,SU;WKST=SA",
        date(2007, 10, 12),
    ),
    Difference(
        "libical",
        "BYMONTHDAY without BYMONTH means the start's month, not each month of the year",
        lambda parts: parts["FREQ"] == "YEARLY" and "BYMONTHDAY" in parts and "BYMONTH" not in parts,
        "FREQ=YEARLY;BYMONTHDAY=1",
        date(2026, 1, 1),
    ),
    Difference(
        "libical",
        "a day that BYMONTHDAY names from both ends counts twice for BYSETPOS",
        lambda parts: "BYSETPOS" in parts and len({item[0] == "-" for item in _items(parts, "BYMONTHDAY")}) == 2,
        "FREQ=MONTHLY;BYMONTHDAY=1,28,-1;BYSETPOS=1,3,-1",
        date(2000, 1, 1),
    ),
    Difference(
        "libical",
        "BYYEARDAY with BYMONTH or BYMONTHDAY yields nothing",
        lambda parts: "BYYEARDAY" in parts and ("BYMONTH" in parts or "BYMONTHDAY" in parts),
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=1",
        date(2026, 1, 1),
    ),
    Difference(
        "libical",
        "BYWEEKNO alone means the start's weekday, reaches into the next year, counts backwards by Monday's weeks",
        lambda parts: "BYWEEKNO" in parts,
        "FREQ=YEARLY;BYWEEKNO=20",
        date(2026, 5, 11),
    ),
)


def concerned(judge: str, rule: str) -> bool:
    # recurring-ical-events expands by dateutil.
    judge = "dateutil" if judge == "recurring-ical-events" else judge
    return any(difference.judge == judge and difference.concerns(parts_of(rule)) for difference in DIFFERENCES)
