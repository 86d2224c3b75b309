"""This and following, without a database: both parts together have the occurrences of the whole."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars import recurrence
from calendars.patterns import Series
from calendars.rules import PatternError
from calendars.split import first_of_rest, moved, moved_start, part_after, part_before
from calendars.times import from_wall
from tests.calendars.series import BERLIN, all_day, at, series, wall, walls
from tests.sweeps import examples

SEEN = 40


def split(whole: Series, at: datetime) -> tuple[Series, Series]:
    cut = first_of_rest(whole, at)
    return part_before(whole, cut.starts_at), part_after(whole, cut)


def starts(found: Series) -> list[datetime]:
    return [item.starts_at for item in islice(recurrence.occurrences(found), SEEN)]


@pytest.mark.parametrize(
    ("pattern", "before", "after"),
    [
        (["RRULE:FREQ=WEEKLY"], ["RRULE:FREQ=WEEKLY;UNTIL=20260330T080000Z"], ["RRULE:FREQ=WEEKLY"]),
        (["RRULE:FREQ=WEEKLY;COUNT=5"], ["RRULE:FREQ=WEEKLY;UNTIL=20260330T080000Z"], ["RRULE:FREQ=WEEKLY;COUNT=3"]),
        (
            ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"],
            ["RRULE:FREQ=WEEKLY;UNTIL=20260401T080000Z;BYDAY=MO,WE"],
            ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"],
        ),
        (
            ["RRULE:FREQ=WEEKLY", "EXDATE:20260330T080000Z,20260413T080000Z"],
            ["RRULE:FREQ=WEEKLY;UNTIL=20260330T080000Z", "EXDATE:20260330T080000Z"],
            ["RRULE:FREQ=WEEKLY", "EXDATE:20260413T080000Z"],
        ),
        (
            ["RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20260410T080000Z"],
            ["RRULE:FREQ=WEEKLY;COUNT=2"],
            ["RDATE:20260410T080000Z"],
        ),
    ],
)
def test_patterns_are_shared_out(pattern: list[str], before: list[str], after: list[str]) -> None:
    parts = split(series(*pattern), at(2026, 4, 6, 10))
    assert [list(part.pattern) for part in parts] == [before, after]


def test_day_that_the_old_start_gave_is_written_out() -> None:
    monthly = series("RRULE:FREQ=MONTHLY", "RDATE:20260405T080000Z", starts=wall(2026, 1, 31, 10))
    assert split(monthly, at(2026, 4, 5))[1].pattern == ("RRULE:FREQ=MONTHLY;BYMONTHDAY=31", "RDATE:20260405T080000Z")
    yearly = series("RRULE:FREQ=YEARLY", "RRULE:FREQ=WEEKLY;COUNT=3", starts=wall(2026, 1, 31, 10))
    assert split(yearly, at(2026, 2, 7, 10))[1].pattern == (
        "RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )


def test_all_day_series_end_with_a_date() -> None:
    before, after = split(all_day("RRULE:FREQ=DAILY"), at(2026, 3, 30))
    assert before.pattern == ("RRULE:FREQ=DAILY;UNTIL=20260329",)
    assert walls(islice(recurrence.occurrences(after), 1)) == [wall(2026, 3, 30)]


def test_time_between_two_occurrences_cuts_at_the_next() -> None:
    _before, after = split(series("RRULE:FREQ=WEEKLY"), at(2026, 4, 1))
    assert after.starts_at == at(2026, 4, 6, 10)


@pytest.mark.parametrize(
    ("pattern", "cut", "code"),
    [
        ((), at(2026, 3, 23, 10), "whole_series"),
        (("RRULE:FREQ=WEEKLY",), at(2026, 3, 23, 10), "whole_series"),
        (("RRULE:FREQ=WEEKLY;COUNT=3",), at(2026, 5, 1), "no_dates"),
        (("RRULE:FREQ=WEEKLY;INTERVAL=2", "RDATE:20260330T080000Z"), at(2026, 3, 30, 10), "cannot_be_split"),
    ],
)
def test_cut_that_leaves_nothing_or_cannot_be_said_is_refused(pattern: tuple[str], cut: datetime, code: str) -> None:
    with pytest.raises(PatternError) as error:
        split(series(*pattern), cut)
    assert error.value.code == code


def to_afternoon(found: Series) -> Series:
    start = found.starts_at + timedelta(days=1, hours=4)
    return moved(found, starts_at=start, ends_at=start + timedelta(hours=2), zone=BERLIN, is_all_day=False)


def test_end_and_single_dates_move_with_the_start() -> None:
    new = to_afternoon(series("RRULE:FREQ=WEEKLY;UNTIL=20260330T080000Z", "RDATE:20260410T080000Z"))
    assert walls(recurrence.occurrences(new)) == [wall(2026, 3, 24, 14), wall(2026, 3, 31, 14), wall(2026, 4, 11, 14)]


def test_excluded_date_stays_excluded_after_the_move() -> None:
    new = to_afternoon(series("RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE:20260330T080000Z"))
    assert walls(recurrence.occurrences(new)) == [wall(2026, 3, 24, 14)]


def test_occurrence_keeps_its_place_across_a_change_of_the_clock() -> None:
    old = series("RRULE:FREQ=WEEKLY")
    assert moved_start(at(2026, 3, 30, 10), old=old, new=to_afternoon(old)) == at(2026, 3, 31, 14)


def test_date_that_is_said_twice_is_written_once() -> None:
    old = series("RRULE:FREQ=WEEKLY", "EXDATE:20260330T080000Z", "EXDATE;TZID=Europe/Berlin:20260330T100000")
    assert split(old, at(2026, 4, 6, 10))[0].pattern[1:] == ("EXDATE:20260330T080000Z",)


def test_timed_series_becomes_one_of_whole_days() -> None:
    old = series("RRULE:FREQ=WEEKLY;UNTIL=20260330T080000Z")
    new = moved(old, starts_at=at(2026, 3, 23), ends_at=at(2026, 3, 24), zone=BERLIN, is_all_day=True)
    assert new.pattern == ("RRULE:FREQ=WEEKLY;UNTIL=20260330",)


RULES = st.builds(
    lambda freq, interval, end, extra: ";".join(filter(None, [f"RRULE:FREQ={freq}", interval, end, extra])),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.sampled_from(["", "INTERVAL=2", "INTERVAL=3"]),
    st.sampled_from(["", "COUNT=7", "COUNT=30", "UNTIL=20280401T080000Z"]),
    st.sampled_from(["", "BYDAY=MO,FR", "BYMONTH=3,10"]),
)
LINES = st.lists(
    st.sampled_from(["RDATE:20260405T080000Z", "EXDATE:20260330T080000Z", "EXRULE:FREQ=DAILY;INTERVAL=5"]), unique=True
)


@settings(max_examples=examples(40, 150), deadline=None)
@given(
    rule=RULES,
    lines=LINES,
    zone=st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe"]),
    is_all_day=st.booleans(),
    cut=st.integers(1, 30),
)
def test_both_parts_together_are_the_whole(rule: str, lines: list[str], zone: str, is_all_day: bool, cut: int) -> None:
    make = all_day if is_all_day else series
    start = date(2026, 3, 23) if is_all_day else wall(2026, 3, 23, 2, 30)
    whole = make(rule, *lines, starts=start, zone=zone)
    known = starts(whole)
    if len(known) <= cut:
        return
    occurrence = first_of_rest(whole, known[cut])
    before = part_before(whole, occurrence.starts_at)
    assert starts(before) == known[:cut]
    recurrence.check(before)
    with suppress(PatternError):
        after = part_after(whole, occurrence)
        assert starts(after)[: SEEN - cut] == known[cut:]
        recurrence.check(after)


def test_every_second_week_goes_on_in_its_own_weeks() -> None:
    whole = series("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU", starts=wall(2026, 3, 25, 10))
    known = starts(whole)
    for index in range(1, 5):
        assert starts(split(whole, known[index])[1])[:10] == known[index : index + 10]


def test_first_instant_counts_when_the_clock_shows_it_twice() -> None:
    whole = series("RRULE:FREQ=DAILY", starts=wall(2026, 10, 24, 2, 30))
    before, after = split(whole, from_wall(wall(2026, 10, 25, 2, 30), BERLIN))
    assert (len(starts(before)), starts(after)[0]) == (1, starts(whole)[1])
