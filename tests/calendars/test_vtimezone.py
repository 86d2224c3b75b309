"""VTIMEZONE, judged against zoneinfo by a reader of its own."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from dateutil.tz import tzical
from icalendar import Timezone

from calendars.times import zone_names
from calendars.vtimezone import vtimezone_text

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "EST5EDT",
    "Etc/GMT+5",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Easter",
]


def read_offsets(component: Timezone, until: datetime) -> list[tuple[datetime, timedelta, timedelta]]:
    """(instant, offset before, offset after) of every onset, read as RFC 5545 3.6.5 says."""
    onsets = []
    for observance in component.subcomponents:
        before, after = observance["TZOFFSETFROM"].td, observance["TZOFFSETTO"].td
        walls = [observance["DTSTART"].dt]
        if "RRULE" in observance:
            rule = rrulestr(observance["RRULE"].to_ical().decode(), dtstart=walls[0])
            assert rule[0] == walls[0], "DTSTART has to be an onset of its own rule"
            walls = rule.between(walls[0], until.replace(tzinfo=None), inc=True)
        onsets += [((wall - before).replace(tzinfo=UTC), before, after) for wall in walls]
    return sorted(onsets)


def offset_at(onsets: list[tuple[datetime, timedelta, timedelta]], instant: datetime) -> timedelta:
    passed = [after for at, _, after in onsets if at <= instant]
    return passed[-1] if passed else onsets[0][1]


def switches(name: str, start: datetime, end: datetime) -> list[datetime]:
    """The first second of every new offset, found by asking zoneinfo."""
    zone, found = ZoneInfo(name), []
    while start < end:
        low, high = start, min(start + timedelta(days=10), end)
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            before = low.astimezone(zone).utcoffset()
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            found.append(high)
        start += timedelta(days=10)
    return found


def assert_right(name: str, first: datetime, last: datetime | None, until: datetime) -> None:
    component = Timezone.from_ical(vtimezone_text(name, first, last).decode())
    onsets = read_offsets(component, until + timedelta(days=800))
    around = [first, until, *(at - timedelta(seconds=1) for at in switches(name, first, until))]
    for instant in [*around, *switches(name, first, until)]:
        assert offset_at(onsets, instant) == instant.astimezone(ZoneInfo(name)).utcoffset(), (name, instant)


def test_offsets_are_right_for_new_endless_series():
    for name in ZONES:
        assert_right(name, NOW, None, NOW.replace(year=2048))


@pytest.mark.parametrize("name", ["Africa/Casablanca", "Asia/Gaza", "Europe/Berlin"])
def test_offsets_are_right_beyond_the_table_of_the_zone(name):
    assert_right(name, datetime(2085, 1, 1, tzinfo=UTC), None, datetime(2095, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("first", "last"), [(1975, 1985), (1990, 2000), (2004, 2012), (2022, 2027)])
def test_offsets_are_right_for_past_starts(first, last):
    end = datetime(last, 1, 1, tzinfo=UTC)
    for name in ZONES:
        assert_right(name, datetime(first, 1, 1, tzinfo=UTC), end, end)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Sydney"])
def test_another_reader_agrees(name):
    text = vtimezone_text(name, NOW, None).decode()
    theirs = tzical(StringIO(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n")).get()
    for switch in switches(name, NOW, NOW.replace(year=2028)):
        for hours in (-30, -2, -1, 0, 1, 2, 30):
            instant = switch + timedelta(hours=hours)
            assert instant.astimezone(theirs).utcoffset() == instant.astimezone(ZoneInfo(name)).utcoffset()


def test_every_zone_has_rules_for_ever_or_none():
    for name in zone_names():
        text = vtimezone_text(name, NOW, None).decode()
        assert "RDATE" not in text
        assert "UNTIL" not in text
        later = [datetime(2095, month, 15, tzinfo=UTC).astimezone(ZoneInfo(name)).utcoffset() for month in (1, 7)]
        assert ("RRULE" in text) == (later[0] != later[1]), name


def test_berlin_is_two_yearly_rules():
    assert vtimezone_text("Europe/Berlin", NOW, None).decode().split("\r\n") == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:19960331T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19961027T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "",
    ]


def test_zone_without_summer_time_is_one_standard():
    component = Timezone.from_ical(vtimezone_text("Asia/Kolkata", NOW, None))
    assert [item.name for item in component.subcomponents] == ["STANDARD"]


def test_summer_is_daylight_where_winter_is_the_exception():
    component = Timezone.from_ical(vtimezone_text("Europe/Dublin", NOW, None))
    assert {item.name: str(item["TZNAME"]) for item in component.subcomponents} == {
        "DAYLIGHT": "IST",
        "STANDARD": "GMT",
    }


def test_a_switch_that_falls_into_the_next_month_has_a_rule_for_each_month():
    text = vtimezone_text("Africa/Cairo", NOW, None).decode()
    assert re.findall(r"RRULE:(.*)\r", text) == [
        "FREQ=YEARLY;BYDAY=-1FR;BYMONTH=4",
        "FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=26,27,28,29,30,31;BYMONTH=10",
        "FREQ=YEARLY;BYDAY=FR;BYMONTHDAY=1;BYMONTH=11",
    ]


def test_text_is_shared_by_all_meetings_of_the_same_era():
    one = vtimezone_text("Europe/Berlin", NOW, None)
    assert vtimezone_text("Europe/Berlin", NOW.replace(year=2027), NOW.replace(year=2029)) is one
