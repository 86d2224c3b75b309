"""What an expansion costs, whatever the pattern and the age of the series: counted in periods, not in time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from calendars import periods, rules
from calendars.recurrence import MOST_EXCLUDED, check, is_occurrence, last, occurrences
from calendars.rules import PatternError
from tests.calendars.series import at, series, wall

FAR = datetime(9998, 12, 1, tzinfo=UTC)


@pytest.fixture
def visited(monkeypatch) -> list[int]:
    """The numbers of the periods that were looked at, and the days that came without looking at any."""
    numbers, period, evenly = [], periods._period, periods._evenly
    monkeypatch.setattr(
        periods, "_period", lambda rule, start, number: numbers.append(number) or period(rule, start, number)
    )
    monkeypatch.setattr(periods, "_evenly", lambda *args: (numbers.append(day) or day for day in evenly(*args)))
    periods.last_counted.cache_clear()
    return numbers


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("FREQ=DAILY", 40),
        ("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE", 20),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", 40),
        ("FREQ=WEEKLY", 8),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", 8),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=-1", 8),
        ("FREQ=MONTHLY", 4),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", 4),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,31", 4),
        ("FREQ=YEARLY;BYMONTH=3", 3),
        ("FREQ=YEARLY;BYWEEKNO=10,12;BYDAY=TU", 3),
        ("FREQ=YEARLY;BYYEARDAY=-300", 3),
        ("FREQ=YEARLY;BYDAY=10MO", 3),
    ],
)
@pytest.mark.parametrize("year", [1900, 1990, 2026])
def test_cost_of_a_month_does_not_grow_with_the_age_of_a_series(rule, most, year, visited):
    tested = series(f"RRULE:{rule}", starts=wall(year, 1, 6, 10))
    assert list(occurrences(tested, after=at(2026, 3, 1), before=at(2026, 4, 1)))
    assert len(visited) <= most


@pytest.mark.parametrize("freq", rules.FREQUENCIES)
def test_cost_does_not_grow_with_the_distance_of_the_window(freq, visited):
    tested = series(f"RRULE:FREQ={freq};UNTIL=99991231T235959Z", starts=wall(2026, 1, 5, 10))
    list(occurrences(tested, after=FAR, before=FAR + timedelta(days=30)))
    is_occurrence(tested, FAR)
    last(tested)
    assert len(visited) <= 60


@pytest.mark.parametrize(("freq", "most"), [("DAILY", 36526), ("WEEKLY", 5219), ("MONTHLY", 1201), ("YEARLY", 101)])
def test_a_rule_that_contradicts_itself_is_given_up(freq, most, visited):
    never = rules.parse_rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert list(periods.days(replace(never, freq=freq), date(2026, 1, 1))) == []
    assert len(visited) == most


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 101),
        ("FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366", 101),
        ("FREQ=YEARLY;INTERVAL=9999;BYWEEKNO=53;BYMONTH=6", 2),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=366", 101),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=366;COUNT=36525", 102),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366", 1201),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=-2", 5219),
    ],
)
def test_a_pattern_that_yields_nothing_is_refused_at_a_bounded_cost(rule, most, visited):
    with pytest.raises(PatternError) as error:
        check(series(f"RRULE:{rule}", starts=wall(2026, 1, 5, 10)))
    assert error.value.code == "no_dates"
    assert len(visited) <= most


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("FREQ=YEARLY;INTERVAL=9999;BYMONTH=1", 1),
        ("FREQ=DAILY;INTERVAL=9999", 1),
        ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366", 3),
        ("FREQ=YEARLY;INTERVAL=7;BYWEEKNO=53;BYDAY=FR", 14),
        ("FREQ=DAILY;COUNT=36525", 36526),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", 1),
    ],
)
def test_a_pattern_with_few_or_many_dates_is_checked_at_a_bounded_cost(rule, most, visited):
    check(series(f"RRULE:{rule}", starts=wall(2026, 1, 5, 10)))
    assert len(visited) <= most


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=DAILY;INTERVAL=1000000", "invalid_number"),
        ("FREQ=DAILY;COUNT=100000", "invalid_number"),
        ("FREQ=YEARLY;COUNT=36525", "count_too_large"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29;COUNT=200", "count_too_large"),
    ],
)
def test_a_pattern_too_large_is_refused_at_a_bounded_cost(rule, code, visited):
    with pytest.raises(PatternError) as error:
        check(series(f"RRULE:{rule}", starts=wall(2028, 1, 5, 10)))
    assert error.value.code == code
    assert len(visited) <= 402  # years


def test_a_series_that_excludes_itself_is_given_up(visited):
    with pytest.raises(PatternError, match="does not yield any dates"):
        check(series("RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"))
    # A period of either rule for each of ten years' days, and two more where a change of the clock is looked for.
    assert len(visited) <= 5 * MOST_EXCLUDED


def test_ten_years_may_be_excluded_and_no_more():
    def excluded_until(year):
        return series("RRULE:FREQ=DAILY", f"EXRULE:FREQ=DAILY;UNTIL={year}0101T000000Z", starts=wall(2026, 1, 5, 10))

    check(excluded_until(2036))
    with pytest.raises(PatternError, match="does not yield any dates"):
        check(excluded_until(2037))
