"""Time zones as other programs name and define them (RFC 5545 3.6.5), read at a bounded cost.

Neither the icalendar library nor dateutil may see a VTIMEZONE of a stranger: they expand any rule in it, for minutes if
need be, and the first keeps it by its name for the messages of everybody else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from calendars.times import is_zone, zone

_MOST_LINES = 200
_MOST_LETTERS = 10_000  # of these lines, which each moment of each event reads anew
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_RULE = re.compile(
    r"FREQ=YEARLY((;BYMONTH=(?P<month>[1-9]|1[0-2]))|(;BYDAY=(?P<number>-1|[1-5])?(?P<day>MO|TU|WE|TH|FR|SA|SU))"
    r"|(;BYMONTHDAY=(?P<first>[0-9]{1,2})(,[0-9]{1,2})*)|(;INTERVAL=1)|(;WKST=[A-Z]{2})|(;UNTIL=(?P<until>[0-9]{4})[0-9TZ]*))*"
)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Definitions = dict[str, list[str]]  # the lines of each VTIMEZONE by its TZID


def without_definitions(lines: Iterable[str]) -> tuple[list[str], Definitions]:
    """The other lines; `lines` are unfolded."""
    kept: list[str] = []
    definitions: Definitions = {}
    open_one: list[str] | None = None
    for line in lines:
        if line.upper() == "BEGIN:VTIMEZONE":
            open_one = []
        if open_one is None:
            kept.append(line)
            continue
        open_one.append(line)
        if line.upper() == "END:VTIMEZONE":
            names = [item.partition(":")[2] for item in open_one if re.match(r"TZID[;:]", item, re.IGNORECASE)]
            definitions |= dict.fromkeys(names, open_one)
            open_one = None
    return kept, definitions


def known_name(tzid: str) -> str:
    """The IANA name of a zone by its own name, by Windows' or by a path that ends with it; "" where there is none."""
    tzid = tzid.strip().strip('"')
    parts = tzid.split("/")
    tails = ("/".join(parts[-count:]) for count in (1, 2, 3) if len(parts) > count)
    return next(filter(is_zone, (tzid, WINDOWS_TO_OLSON.get(tzid, ""), *tails)), "")


def instant_of(wall: datetime, tzid: str, definitions: Definitions) -> datetime | None:
    """In UTC; None where nobody knows the zone."""
    name = known_name(tzid)
    try:
        if name:
            return wall.replace(tzinfo=zone(name)).astimezone(UTC)
        offset = _offset_at(wall, _observances(definitions.get(tzid, [])))
        return wall.replace(tzinfo=timezone(offset)).astimezone(UTC) if offset is not None else None
    except (ArithmeticError, ValueError):
        return None


@dataclass
class _Observance:
    """Of a VTIMEZONE: from when on its offset holds. A rule of other than programs' usual ones is none."""

    offset: timedelta | None = None
    starts: list[datetime] = field(default_factory=list)
    rule: re.Match[str] | None = None

    def onset(self, wall: datetime) -> datetime | None:
        """The last one until then."""
        found = [start for start in self.starts if start <= wall]
        if self.rule is not None and self.starts:
            found += [
                at for year in (wall.year - 1, wall.year) if (at := self._in(year)) and self.starts[0] <= at <= wall
            ]
        return max(found, default=None)

    def _in(self, year: int) -> datetime | None:
        start, rule = self.starts[0], self.rule
        if rule is None or not date.min.year < year < date.max.year or year > int(rule["until"] or year):
            return None
        month = int(rule["month"] or start.month)
        if rule["day"] is None:
            return start.replace(year=year, month=month, day=int(rule["first"] or start.day))
        weekday = _DAYS.index(rule["day"])
        if rule["number"] == "-1":
            last = (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
        else:
            first = date(year, month, int(rule["first"] or 1)) + timedelta(weeks=int(rule["number"] or 1) - 1)
            day = first + timedelta(days=(weekday - first.weekday()) % 7)
        return datetime.combine(day, start.time())


def _offset_at(wall: datetime, observances: Iterable[_Observance]) -> timedelta | None:
    begun = [(onset, item.offset) for item in observances if (onset := item.onset(wall)) and item.offset is not None]
    return max(begun, key=lambda pair: pair[0])[1] if begun else None


def _observances(lines: list[str]) -> list[_Observance]:
    """None of a definition with anything else than programs write."""
    lines, found = lines[:_MOST_LINES], list[_Observance]()
    if sum(map(len, lines)) > _MOST_LETTERS:
        return found
    for line in map(str.upper, lines):
        name, value = re.split("[;:]", line, maxsplit=1)[0], line.rpartition(":")[2]
        if line in ("BEGIN:STANDARD", "BEGIN:DAYLIGHT"):
            found.append(_Observance())
        elif not found:
            continue
        elif name == "TZOFFSETTO" and (told := _OFFSET.fullmatch(value)):
            hours, minutes, seconds = (int(told[index] or 0) for index in (2, 3, 4))
            offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
            found[-1].offset = -offset if told[1] == "-" else offset
        elif name in ("DTSTART", "RDATE"):
            found[-1].starts += [datetime.strptime(text[:15], "%Y%m%dT%H%M%S") for text in value.split(",")]  # noqa: DTZ007
        elif name == "RRULE":
            found[-1].rule = _RULE.fullmatch(value)
            if found[-1].rule is None:
                return []
    return found


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - wall time of a zone that the reader knows
