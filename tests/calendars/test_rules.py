"""The days of one rule; test_rule_judges.py has them judged, test_rule_costs.py counts what they cost."""

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars import periods, rules
from tests.calendars.cases import rule_texts


def last_week_of(day: date) -> int:
    return date(day.isocalendar()[0], 12, 28).isocalendar()[1]


@pytest.mark.parametrize(("number", "expected"), [("1", 1), ("52", 52), ("53", 53), ("-1", None)])
def test_weeks_are_numbered_as_in_iso_8601(number, expected):
    start, end = date(2020, 1, 1), date(2028, 12, 31)
    found = periods.days(rules.parse_rule(f"FREQ=YEARLY;BYWEEKNO={number}"), start, last=end)
    every_day = (start + timedelta(days=n) for n in range((end - start).days + 1))
    assert list(found) == [day for day in every_day if day.isocalendar()[1] == (expected or last_week_of(day))]


def test_weekdays_are_counted_in_the_year_where_no_month_is_named():
    """The 20th Monday, where it is the 18th or 19th of its month."""
    found = periods.days(rules.parse_rule("FREQ=YEARLY;BYDAY=20MO;BYMONTHDAY=18,19"), date(1997, 1, 1))
    assert list(islice(found, 3)) == [date(1997, 5, 19), date(1998, 5, 18), date(2003, 5, 19)]


@given(text=st.sampled_from(rules.FREQUENCIES).flatmap(rule_texts))
@settings(max_examples=40, deadline=None)
def test_rules_come_back_from_their_text(text):
    rule = rules.parse_rule(text)
    assert rules.parse_rule(rules.format_rule(rule)) == rule
