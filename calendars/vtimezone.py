"""VTIMEZONE components that old calendar programs read correctly.

Yearly rules, never lists of dates: ical.js reads only the first of several RDATE values, Outlook shifts them by an
hour, and lists have to end somewhere. Older changes of the clock are one component each.
"""

import calendar
import re
import struct
import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from calendars.times import zone

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")  # as POSIX counts them
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 wall times are counted from it
_YEARS_OF_WEEKDAYS = 40  # within so many years, each date falls on each weekday


@dataclass(frozen=True, slots=True)
class _Phase:
    """A stretch of constant offset, as RFC 8536 keeps it: seconds east of Greenwich, `is_dst`, abbreviation."""

    offset: int
    is_dst: bool
    name: str


@dataclass(frozen=True, slots=True)
class _Switch:
    at: int  # seconds since 1970 in UTC
    before: _Phase
    phase: _Phase

    @property
    def onset(self) -> datetime:
        """The wall time before the switch, as RFC 5545 3.6.5 wants it."""
        return _EPOCH + timedelta(seconds=self.at + self.before.offset)

    @property
    def is_daylight(self) -> bool:
        """By what people see: where winter time is the exception (Dublin), it still is the lower one."""
        if self.before.is_dst == self.phase.is_dst:
            return self.phase.is_dst
        return self.phase.offset > self.before.offset


@dataclass(frozen=True, slots=True)
class _YearlyRule:
    """POSIX `Mmonth.week.weekday/seconds`: week 5 is the last, seconds may be negative or beyond a day."""

    month: int
    week: int
    weekday: int
    seconds: int

    def onset(self, year: int) -> datetime:
        """Wall time before the switch."""
        first_weekday = (calendar.weekday(year, self.month, 1) + 1) % 7
        day = 1 + (self.weekday - first_weekday) % 7 + 7 * (self.week - 1)
        if day > calendar.monthrange(year, self.month)[1]:
            day -= 7
        return datetime(year, self.month, day) + timedelta(seconds=self.seconds)  # noqa: DTZ001 a wall time


# --- reading the zone's file (RFC 8536) ---


def _read(zone_name: str) -> bytes:
    """The file that zoneinfo itself takes: the system's first, then the tzdata package's."""
    zone(zone_name)
    for folder in zoneinfo.TZPATH:
        path = Path(folder, zone_name)
        if path.is_file():
            return path.read_bytes()
    return resources.files("tzdata.zoneinfo").joinpath(*zone_name.split("/")).read_bytes()


def _parse(data: bytes) -> tuple[list[tuple[int, _Phase]], _Phase, str]:
    """(start of each phase, the phase before them all, POSIX footer) of the 64-bit part."""
    skipped = struct.unpack(">6l", data[20:44])
    start = 44 + _length(skipped, 4)
    is_utc, is_std, leaps, times, types, chars = struct.unpack(">6l", data[start + 20 : start + 44])
    body = data[start + 44 :]
    instants = struct.unpack(f">{times}q", body[: 8 * times])
    indexes = body[8 * times : 9 * times]
    names = body[9 * times + 6 * types :][:chars]
    phases = []
    for index in range(types):
        offset, is_dst, name_at = struct.unpack(">l?B", body[9 * times + 6 * index :][:6])
        phases.append(_Phase(offset, is_dst, names[name_at:].split(b"\0", 1)[0].decode("ascii")))
    footer = data[start + 44 + _length((is_utc, is_std, leaps, times, types, chars), 8) :].strip(b"\n").decode("ascii")
    return [(at, phases[index]) for at, index in zip(instants, indexes, strict=True)], phases[0], footer


def _length(counts: tuple[int, ...], size: int) -> int:
    is_utc, is_std, leaps, times, types, chars = counts
    return times * (size + 1) + types * 6 + chars + leaps * (size + 4) + is_std + is_utc


_NAME = r"(?:<([+-]?\w+)>|([A-Za-z]+))"
_OFFSET = r"([+-]?\d+(?::\d+){0,2})"
_RULE = rf"M(\d+)\.(\d)\.(\d)(?:/{_OFFSET})?"
_FOOTER = re.compile(rf"{_NAME}{_OFFSET}{_NAME}{_OFFSET}?,{_RULE},{_RULE}", re.ASCII)


def _seconds(text: str) -> int:
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    return (hours * 3600 + minutes * 60 + seconds) * (-1 if text.startswith("-") else 1)


@dataclass(frozen=True, slots=True)
class _Clock:
    """What a footer says: two phases, and when each begins."""

    standard: _Phase
    daylight: _Phase
    daylight_rule: _YearlyRule
    standard_rule: _YearlyRule

    def switches(self, year: int) -> list[_Switch]:
        return sorted(
            (
                _switch(self.daylight_rule.onset(year), self.standard, self.daylight),
                _switch(self.standard_rule.onset(year), self.daylight, self.standard),
            ),
            key=lambda switch: switch.at,
        )


def _switch(onset: datetime, before: _Phase, phase: _Phase) -> _Switch:
    return _Switch(int((onset - _EPOCH).total_seconds()) - before.offset, before, phase)


def _clock(footer: str) -> _Clock | None:
    """None for a zone that has stopped changing its clock."""
    match = _FOOTER.fullmatch(footer)
    if match is None:
        return None
    offset = -_seconds(match[3])  # POSIX counts west of Greenwich
    daylight_offset = -_seconds(match[6]) if match[6] else offset + 3600
    return _Clock(
        standard=_Phase(offset, False, match[1] or match[2]),
        daylight=_Phase(daylight_offset, True, match[4] or match[5]),
        daylight_rule=_yearly_rule(*match.groups()[6:10]),
        standard_rule=_yearly_rule(*match.groups()[10:14]),
    )


def _yearly_rule(month: str, week: str, weekday: str, at: str | None) -> _YearlyRule:
    return _YearlyRule(int(month), int(week), int(weekday), _seconds(at or "2"))


# --- what holds when ---


@dataclass(frozen=True, slots=True)
class _History:
    """All switches up to where the yearly rules alone go on; `rules_from` is the index of the first they tell."""

    phase: _Phase
    switches: tuple[_Switch, ...]
    clock: _Clock | None
    rules_from: int


@cache
def _history(zone_name: str) -> _History:
    phases, earliest, footer = _parse(_read(zone_name))
    switches = []
    for (_, before), (at, phase) in pairwise([(0, earliest), *phases]):
        if phase != before:
            switches.append(_Switch(at, before, phase))
    clock = _clock(footer)
    if clock is None or not switches:
        return _History(earliest, tuple(switches), clock, len(switches))
    # A file may stop where the rules begin: two more years bring at least one switch of each kind.
    known = switches[-1]
    for year in range(known.onset.year, known.onset.year + 3):
        switches += [switch for switch in clock.switches(year) if switch.at > known.at]
    rules_from = len(switches)
    while rules_from and switches[rules_from - 1] in clock.switches(switches[rules_from - 1].onset.year):
        rules_from -= 1
    return _History(earliest, tuple(switches), clock, rules_from)


def _shape(history: _History, first: datetime, last: datetime | None) -> tuple[int, int]:
    """The indexes of the first switch needed and of the first not needed, in the part that no rule tells."""
    ends = [switch.at for switch in history.switches]
    begin = sum(1 for at in ends if at <= first.timestamp()) - 1
    if history.clock is not None and begin >= history.rules_from:
        return history.rules_from, history.rules_from
    end = history.rules_from if last is None else sum(1 for at in ends if at <= last.timestamp())
    begin = max(begin, 0)
    return begin, max(begin, min(end, history.rules_from))


# --- writing ---


def vtimezone_text(zone_name: str, first: datetime, last: datetime | None) -> bytes:
    """Right for every instant from first to last, or for ever; lines end with CRLF."""
    history = _history(zone_name)
    begin, end = _shape(history, first, last)
    return _text(zone_name, begin, end, last is None or last.timestamp() >= _rules_begin(history))


def _rules_begin(history: _History) -> float:
    """When the first switch that the rules tell happens."""
    if history.rules_from >= len(history.switches):
        return float("-inf") if history.clock else float("inf")
    return history.switches[history.rules_from].at


@lru_cache(maxsize=1024)
def _text(zone_name: str, begin: int, end: int, has_rules: bool) -> bytes:
    return bytes(_build(zone_name, begin, end, has_rules).to_ical())


@lru_cache(maxsize=1024)
def _build(zone_name: str, begin: int, end: int, has_rules: bool) -> Timezone:
    history = _history(zone_name)
    component = Timezone()
    component.add("tzid", zone_name)
    for switch in history.switches[begin:end]:
        component.add_component(_observance(switch.before, switch.phase, switch.onset, switch.is_daylight))
    if history.clock is not None and has_rules:
        _add_rules(component, history, history.clock)
    if not component.subcomponents:
        component.add_component(_observance(history.phase, history.phase, _EPOCH, False))
    return component


def _add_rules(component: Timezone, history: _History, clock: _Clock) -> None:
    year = history.switches[history.rules_from].onset.year if history.switches else _EPOCH.year
    since = history.switches[history.rules_from].at if history.switches else 0
    for rule, before, phase in (
        (clock.daylight_rule, clock.standard, clock.daylight),
        (clock.standard_rule, clock.daylight, clock.standard),
    ):
        for text, onset in _as_recurrences(rule, year, since + before.offset):
            observance = _observance(before, phase, onset, phase.offset > before.offset)
            observance.add("rrule", vRecur.from_ical(text))
            component.add_component(observance)


def _observance(
    before: _Phase, phase: _Phase, onset: datetime, is_daylight: bool
) -> TimezoneDaylight | TimezoneStandard:
    component = TimezoneDaylight() if is_daylight else TimezoneStandard()
    component.add("dtstart", onset)
    component.add("tzoffsetfrom", timedelta(seconds=before.offset))
    component.add("tzoffsetto", timedelta(seconds=phase.offset))
    component.add("tzname", phase.name)
    return component


def _as_recurrences(rule: _YearlyRule, year: int, since: int) -> list[tuple[str, datetime]]:
    """RRULE texts with their first onsets at or after `since`, in seconds of wall time.

    A time beyond the day shifts weekday and days of the month; where that crosses a month's end (Cairo: the last
    Thursday at 24:00), one rule for each month tells it exactly.
    """
    shift = rule.seconds // 86400
    weekday = _WEEKDAYS[(rule.weekday + shift) % 7]
    onsets = [rule.onset(year + n) for n in range(_YEARS_OF_WEEKDAYS)]
    onsets = [onset for onset in onsets if (onset - _EPOCH).total_seconds() >= since]
    if shift == 0:
        nth = -1 if rule.week == 5 else rule.week
        return [(f"FREQ=YEARLY;BYMONTH={rule.month};BYDAY={nth}{weekday}", onsets[0])]
    texts = []
    for month, numbers in sorted(_shifted_days(rule, shift).items()):
        text = f"FREQ=YEARLY;BYMONTH={month};BYDAY={weekday};BYMONTHDAY={','.join(map(str, numbers))}"
        onset = next(onset for onset in onsets if onset.month == month)
        texts.append((text, onset))
    return texts


def _shifted_days(rule: _YearlyRule, shift: int) -> dict[int, list[int]]:
    """The seven days on which the switch can fall, by month."""
    length = calendar.monthrange(2001, rule.month)[1]
    last = length if rule.week == 5 else 7 * rule.week
    days: dict[int, list[int]] = {}
    for number in range(last - 6, last + 1):
        day = date(2001, rule.month, number) + timedelta(days=shift)
        days.setdefault(day.month, []).append(day.day)
    return days
