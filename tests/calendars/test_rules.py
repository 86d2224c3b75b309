"""The days of one rule. dateutil is the judge; the cost is counted in periods looked at."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calendars import rules
from calendars.recurrence import (
    Series,
    is_occurrence,
    last,
    occurrences,
)
from tests.calendars.series import at, series, wall


@pytest.fixture
def visited(monkeypatch) -> list[int]:
    """The numbers of the periods that were looked at."""
    numbers, period = [], rules._period
    monkeypatch.setattr(
        rules, "_period", lambda rule, start, number: numbers.append(number) or period(rule, start, number)
    )
    return numbers


@pytest.mark.parametrize("freq", rules.FREQUENCIES)
def test_cost_does_not_grow_with_the_age_of_a_series(freq, visited):
    old = series(f"RRULE:FREQ={freq}", starts=wall(1900, 3, 15, 10))
    assert list(occurrences(old, after=at(2026, 3, 1), before=at(2026, 4, 1)))
    assert len(visited) <= 40


@pytest.mark.parametrize(("freq", "most"), [("DAILY", 36526), ("WEEKLY", 5219), ("MONTHLY", 1201), ("YEARLY", 101)])
def test_a_rule_that_contradicts_itself_is_given_up(freq, most, visited):
    never = rules.parse_rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert list(rules.days(replace(never, freq=freq), date(2026, 1, 1))) == []
    assert len(visited) == most


@st.composite
def rule_texts(draw) -> str:
    freq = draw(st.sampled_from(rules.FREQUENCIES))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 4))}"]
    weekdays = draw(st.lists(st.sampled_from(rules.WEEKDAYS), min_size=1, max_size=4, unique=True))
    nth = [f"{draw(st.sampled_from([-2, -1, 1, 2, 3, 4]))}{day}" for day in weekdays[:2]]
    month_days = draw(st.lists(st.sampled_from([-3, -1, 1, 2, 13, 28, 31]), min_size=1, max_size=3, unique=True))
    choices = {
        "DAILY": ["", "BYDAY", "BYMONTH"],
        "WEEKLY": ["", "BYDAY", "BYDAY WKST", "BYMONTH"],
        "MONTHLY": ["", "BYDAY", "NTH", "BYMONTHDAY", "BYDAY BYSETPOS", "BYMONTHDAY BYDAY", "BYMONTH"],
        "YEARLY": ["", "BYMONTH NTH", "NTH", "BYMONTH BYMONTHDAY", "BYYEARDAY", "BYWEEKNO BYDAY WKST", "BYMONTHDAY",
                   "BYMONTH", "BYDAY BYSETPOS", "BYWEEKNO"],
    }  # fmt: skip
    values = {
        "BYDAY": f"BYDAY={','.join(weekdays)}",
        "NTH": f"BYDAY={','.join(nth)}",
        "BYMONTH": f"BYMONTH={draw(st.sampled_from(['1', '2,8', '12', '3,4,10']))}",
        "BYMONTHDAY": f"BYMONTHDAY={','.join(map(str, month_days))}",
        "BYYEARDAY": f"BYYEARDAY={draw(st.sampled_from(['1', '-1,60', '100,366', '-366,59']))}",
        # Not 53 and -1: dateutil counts the weeks of the year before wrongly.
        "BYWEEKNO": f"BYWEEKNO={draw(st.sampled_from(['1', '20,30', '51']))}",
        "BYSETPOS": f"BYSETPOS={draw(st.sampled_from(['1', '-1', '2,-2']))}",
        "WKST": f"WKST={draw(st.sampled_from(rules.WEEKDAYS))}",
    }
    parts += [values[name] for name in draw(st.sampled_from(choices[freq])).split()]
    ending = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if ending:
        parts.append(f"COUNT={draw(st.integers(1, 30))}" if ending == "COUNT" else "UNTIL=20290615T100000Z")
    return ";".join(parts)


@given(
    text=rule_texts(),
    start=st.dates(date(2019, 1, 1), date(2027, 12, 31)),
    offset=st.integers(-400, 2000),
    length=st.integers(0, 900),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_days_are_those_of_dateutil(text, start, offset, length):
    begin = datetime(start.year, start.month, start.day, 10, tzinfo=UTC)
    tested = Series(begin, begin, "UTC", pattern=(f"RRULE:{text}",))
    after = begin + timedelta(days=offset)
    before = after + timedelta(days=length)
    expected = rrulestr(text, dtstart=begin).between(after, before, inc=True)
    assert [item.starts_at for item in occurrences(tested, after=after, before=before)] == expected
    for instant in expected[:3]:
        assert is_occurrence(tested, instant)
    end = "COUNT" in text or "UNTIL" in text
    if end and (everything := list(rrulestr(text, dtstart=begin))):
        assert last(tested).starts_at == everything[-1]


def last_week_of(day: date) -> int:
    return date(day.isocalendar()[0], 12, 28).isocalendar()[1]


@pytest.mark.parametrize(("number", "expected"), [("1", 1), ("52", 52), ("53", 53), ("-1", None)])
def test_weeks_are_numbered_as_in_iso_8601(number, expected):
    start, end = date(2020, 1, 1), date(2028, 12, 31)
    found = rules.days(rules.parse_rule(f"FREQ=YEARLY;BYWEEKNO={number}"), start, last=end)
    every_day = (start + timedelta(days=n) for n in range((end - start).days + 1))
    assert list(found) == [day for day in every_day if day.isocalendar()[1] == (expected or last_week_of(day))]


@given(text=rule_texts())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rules_come_back_from_their_text(text):
    rule = rules.parse_rule(text)
    assert rules.parse_rule(rules.format_rule(rule)) == rule
