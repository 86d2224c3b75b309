"""Series, windows and overrides for the judges: everything that RFC 5545 allows for DAILY and slower."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from calendars.patterns import Series
from calendars.recurrence import Override
from calendars.rules import WEEKDAYS, format_moment
from tests.calendars.predicate import DAY, days_by_predicate

Draw = Callable[[st.SearchStrategy[Any]], Any]

# Summer time of an hour, of half an hour, negative, at midnight, stopped for Ramadan; a zone that left out 2011-12-30.
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "America/Santiago", "America/Nuuk",
    "Africa/Casablanca", "Pacific/Apia", "Asia/Kolkata", "UTC",
)  # fmt: skip
TIMES = (time(10), time(0), time(0, 30), time(2), time(2, 30), time(3), time(23, 30), time(23, 59, 59))
ENDS_OF_MONTHS = (date(2000, 2, 29), date(2008, 2, 29), date(2015, 1, 31), date(2020, 12, 31), date(2011, 5, 30))
SECOND = timedelta(seconds=1)
QUARTER = timedelta(minutes=15)
AROUND = 40 * DAY  # overrides move occurrences over so many days, in and out of the window

_LENGTHS = {"DAILY": 150, "WEEKLY": 400, "MONTHLY": 900, "YEARLY": 1900}  # of windows, in days, at most
_FAR = 10_000  # days from the start, more than a judge has to count up
_PARTS = {
    "DAILY": ("BYMONTH", "BYMONTHDAY", "BYDAY"),
    "WEEKLY": ("BYMONTH", "BYDAY"),
    "MONTHLY": ("BYMONTH", "BYMONTHDAY", "BYDAY", "BYDAY"),
    "YEARLY": ("BYMONTH", "BYMONTHDAY", "BYDAY", "BYDAY", "BYYEARDAY", "BYWEEKNO"),
}


def place(wall: datetime, zone: ZoneInfo) -> datetime:
    around = [(wall + days * DAY).replace(tzinfo=UTC).astimezone(zone).utcoffset() for days in (-1.5, 1.5)]
    instants = sorted((wall - offset).replace(tzinfo=UTC) for offset in around if offset is not None)
    exact = [instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == wall]
    return exact[0] if exact else (wall - around[0]).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    series: Series
    after: datetime
    before: datetime
    overrides: tuple[Override, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.series.zone)

    @property
    def start(self) -> datetime:
        """The start in local time, of an all-day series its midnight even where that does not exist."""
        wall = self.series.starts_at.astimezone(self.zone).replace(tzinfo=None)
        return datetime.combine(wall, time()) if self.series.is_all_day else wall

    @property
    def days(self) -> tuple[date, date]:
        """What to look at for this window: overrides and long occurrences reach into it from outside."""
        first, last = (instant.astimezone(self.zone).date() for instant in (self.after, self.before))
        return max(first - AROUND - 10 * DAY, date.min), last + AROUND

    @property
    def is_far(self) -> bool:
        return self.before > self.series.starts_at + _FAR * DAY

    def place(self, wall: datetime) -> datetime:
        """The instant of a local time by RFC 5545 3.3.5, found by trying the offsets of the days around it.

        The start itself may be the second of two equal local times, which iCalendar cannot say.
        """
        if wall == self.start and not self.series.is_all_day:
            return self.series.starts_at
        return place(wall, self.zone)

    def lines(self, name: str) -> list[tuple[str, str]]:
        """(parameters, value) of the pattern's lines of this name."""
        split = [line.partition(":") for line in self.series.pattern]
        return [(head.partition(";")[2], value) for head, _, value in split if head.partition(";")[0] == name]


def _one_of_both_ends(most: int, *edges: int) -> st.SearchStrategy[int]:
    return st.sampled_from(edges) | st.integers(1, most) | st.integers(-most, -1)


_NUMBERS = {
    "BYMONTH": st.integers(1, 12),
    "BYMONTHDAY": _one_of_both_ends(31, 1, 28, 29, 30, 31, -1),
    "BYYEARDAY": _one_of_both_ends(366, 1, 59, 60, 365, 366, -1, -306, -366),
    "BYWEEKNO": _one_of_both_ends(53, 1, 52, 53, -1, -52, -53),
    "BYSETPOS": _one_of_both_ends(366, 1, 2, 3, -1, -2, -3),
}


def _list(items: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    several = st.lists(items.map(str), min_size=3, max_size=9, unique=True)
    return (several | st.lists(items.map(str), min_size=1, max_size=2, unique=True)).map(",".join)


_WEEKDAYS = st.sampled_from(WEEKDAYS)
_NTH_OF_MONTH = st.builds("{}{}".format, st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5, ""]), _WEEKDAYS)
_NTH_OF_YEAR = st.builds("{}{}".format, _one_of_both_ends(53, 1, 20, 52, 53, -1, -53), _WEEKDAYS)


@st.composite
def rule_texts(draw: Draw, freq: str) -> str:
    """A rule without COUNT and UNTIL."""
    parts = {"FREQ": freq}
    interval = draw(st.sampled_from([1, 1, 1, 1, 2, 2, 3, 4, 5, 12, 18, 100]))
    if interval > 1:
        parts["INTERVAL"] = str(interval)
    for name in draw(st.lists(st.sampled_from(_PARTS[freq]), max_size=draw(st.sampled_from([1, 2, 3])))):
        parts[name] = draw(_list(_NUMBERS[name])) if name in _NUMBERS else ""
    if "BYDAY" in parts:
        may_count = freq in ("MONTHLY", "YEARLY") and "BYWEEKNO" not in parts
        nth = _NTH_OF_YEAR if freq == "YEARLY" and "BYMONTH" not in parts else _NTH_OF_MONTH
        parts["BYDAY"] = draw(_list(nth if may_count and draw(st.booleans()) else _WEEKDAYS))
    if any(name.startswith("BY") for name in parts) and draw(st.sampled_from(range(4))) == 3:
        parts["BYSETPOS"] = draw(_list(_NUMBERS["BYSETPOS"]))
    if draw(st.booleans()):
        parts["WKST"] = draw(_WEEKDAYS)
    return ";".join(f"{name}={value}" for name, value in parts.items())


@cache
def _changes(zone: str) -> dict[date, time]:
    """The days of twenty years on which the zone's clock changes, with a time of day that is missing or comes twice."""
    found = {}
    day = datetime(2005, 1, 1, tzinfo=UTC)
    while day.year < 2025:
        if _wall(day, zone) + DAY != _wall(day + DAY, zone):
            steps = (day + n * QUARTER for n in range(96))
            step = next(step for step in steps if _wall(step, zone) + QUARTER != _wall(step + QUARTER, zone))
            wall = min(_wall(step, zone) + QUARTER, _wall(step + QUARTER, zone)) + QUARTER
            found[wall.date()] = wall.time()
        day += DAY
    return found


def _wall(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@st.composite
def _events(draw: Draw) -> Series:
    """A single event: its days may start, end or lie around a change of the clock."""
    zone, is_all_day = draw(st.sampled_from(ZONES)), draw(st.sampled_from(range(4))) == 3
    day = draw(st.dates(date(1996, 1, 1), date(2035, 12, 31)) | st.sampled_from(ENDS_OF_MONTHS))
    at = draw(st.sampled_from(TIMES))
    if _changes(zone) and draw(st.booleans()):
        day, at = draw(st.sampled_from(sorted(_changes(zone).items())))
        day -= draw(st.sampled_from([0, 0, 1, 7])) * DAY
    at = time() if is_all_day else at
    start = datetime.combine(day, at, tzinfo=ZoneInfo(zone)).replace(fold=draw(st.integers(0, 1)) * (not is_all_day))
    if is_all_day:
        end = datetime.combine(day + draw(st.integers(1, 4)) * DAY, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    else:
        end = start.astimezone(UTC) + timedelta(minutes=draw(st.sampled_from([60, 0, 30, 240, 1440, 10_000])))
    return Series(start.astimezone(UTC), end, zone, is_all_day)


def _spelled(draw: Draw, moment: datetime, zone: str) -> str:
    """Parameters and value for a local time of the zone."""
    kind = draw(st.sampled_from(["UTC", "local", "zone", "date"]))
    if kind == "local":
        return ":" + format_moment(moment)
    if kind == "date":
        return ";VALUE=DATE:" + format_moment(moment.date())
    instant = moment.replace(tzinfo=ZoneInfo(zone), fold=draw(st.integers(0, 1))).astimezone(UTC)
    if kind == "UTC":
        return ":" + format_moment(instant)
    other = draw(st.sampled_from(ZONES))
    return f";TZID={other}:" + format_moment(instant.astimezone(ZoneInfo(other)).replace(tzinfo=None))


def _ending(draw: Draw, moment: datetime, zone: str, *, is_far: bool) -> str:
    kind = draw(st.sampled_from(["", "UNTIL"] if is_far else ["", "UNTIL", "COUNT"]))
    if kind == "COUNT":
        return f";COUNT={draw(st.sampled_from([1, 2, 5, 12, 40, 100]))}"
    if kind == "UNTIL":
        moment += draw(st.sampled_from([-1, 0, 0, 1])) * SECOND
        return ";UNTIL=" + _spelled(draw, moment, zone).rpartition(":")[2]
    return ""


def _override(draw: Draw, plain: Case, wall: datetime) -> Override:
    original = plain.place(wall) + draw(st.sampled_from([0, 0, 0, 0, 0, 7])) * SECOND
    kind = draw(st.sampled_from(["cancelled", "moved", "moved with its end", "longer"]))
    if kind == "cancelled":
        return Override(original, is_cancelled=True)
    shift, length = 0 if kind == "longer" else draw(st.integers(-30, 30)), draw(st.integers(1, 3))
    if plain.series.is_all_day:
        midnight = datetime.combine(wall, time()) + shift * DAY
        starts_at, ends_at = plain.place(midnight), plain.place(midnight + length * DAY)
    else:
        starts_at = original + shift * draw(st.sampled_from([SECOND, 3600 * SECOND, DAY]))
        ends_at = starts_at + length * 1800 * SECOND
    return Override(original, None if kind == "longer" else starts_at, None if kind == "moved" else ends_at)


def _edges(draw: Draw, plain: Case, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """A window that the ends of its first and last occurrence touch, just miss or have nothing to do with."""
    after, before = plain.place(first), plain.place(last)
    snap = draw(st.sampled_from([None, -1, 0, 1]))
    if snap is not None:
        after, before = after + (plain.series.ends_at - plain.series.starts_at) + snap * SECOND, before - snap * SECOND
    return after, before


@st.composite
def cases(draw: Draw, freq: str) -> Case:
    event, rule = draw(_events()), draw(rule_texts(freq))
    plain = Case(event, event.starts_at, event.ends_at)
    most = _LENGTHS[freq]
    since = draw(st.sampled_from([0, 0, 0, -30, most // 9, most // 2, most, 3 * most]))
    if draw(st.sampled_from(range(12))) == 11:
        since = draw(st.integers(_FAR, 2_500_000))
    first = plain.start.date() + since * DAY
    last = first + draw(st.sampled_from([most, most, most // 2, most // 4, 1, 0])) * DAY
    found = list(days_by_predicate(rule, plain.start.date(), first, last))

    changing = [day for day in found if day in _changes(event.zone)]

    def moment() -> datetime:
        """Most often an occurrence's start, often one on a day on which the clock changes."""
        days = draw(st.sampled_from([found, changing or found, found, ()])) or [first + draw(st.integers(0, 60)) * DAY]
        return datetime.combine(draw(st.sampled_from(days)), plain.start.time())

    pattern = [f"RRULE:{rule}{_ending(draw, moment(), event.zone, is_far=since >= _FAR)}"]
    for name in draw(st.lists(st.sampled_from(["EXDATE", "EXDATE", "RDATE", "RDATE", "RRULE", "EXRULE"]), max_size=3)):
        if name.endswith("RULE"):
            value = f":{draw(rule_texts(freq))}{_ending(draw, moment(), event.zone, is_far=since >= _FAR)}"
        else:
            minutes = draw(st.sampled_from([0, 0, 0, 1, 30, 60]))
            value = _spelled(draw, moment() + timedelta(minutes=minutes), event.zone)
        pattern.append(name + value)
    overrides = [_override(draw, plain, moment()) for _ in range(draw(st.sampled_from([3, 1, 0])))]
    walls = [datetime.combine(day, plain.start.time()) for day in (found or [first, last])]
    middle = len(walls) // 2
    after, before = _edges(
        draw, plain, walls[draw(st.sampled_from([0, middle]))], walls[draw(st.sampled_from([-1, middle]))]
    )
    return Case(
        replace(event, pattern=tuple(pattern)),
        after,
        before,
        tuple({item.original_starts_at: item for item in overrides}.values()),
    )
