"""Which patterns are accepted, and what is one spelling of them."""

from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.patterns import Series, normalise
from calendars.recurrence import check, first, is_occurrence, occurrences
from calendars.rules import PatternError
from calendars.times import UnknownZoneError
from tests.calendars.series import MONDAY, series
from tests.sweeps import examples


def code_of(tested: Series) -> str:
    with pytest.raises(PatternError) as error:
        check(tested)
    return error.value.code


@pytest.mark.parametrize(
    "pattern",
    [
        (),
        ("RRULE:FREQ=WEEKLY;INTERVAL=1;UNTIL=20261121T003000Z;BYDAY=SA",),
        ("RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=+3SA",),
        ("RRULE:FREQ=YEARLY;INTERVAL=1",),
        ("RRULE:FREQ=DAILY",),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2",),
        (" RRULE:FREQ=DAILY;COUNT=1 ",),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=-1,20;BYDAY=MO;WKST=SU",),
        ("RRULE:FREQ=YEARLY;BYYEARDAY=-1,200",),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20301231",),
        ("RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20260324T100000,20260325T100000"),
        ("RDATE;VALUE=DATE-TIME:20260324T100000Z", "RDATE;VALUE=DATE:20260325", "EXRULE:FREQ=WEEKLY"),
        ("RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",),
    ],
)
def test_pattern_is_accepted(pattern):
    check(series(*pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        ("",),
        ("RRULE",),
        ("RRULE:",),
        ("FREQ=DAILY",),
        ("RRULE:RRULE:FREQ=DAILY",),
        ("rrule:FREQ=DAILY",),
        ("RRULE:FREQ=daily",),
        ("RRULE:freq=DAILY",),
        ("RRULE:FREQ=FORTNIGHTLY",),
        ("RRULE:COUNT=3",),
        ("RRULE:FREQ=DAILY;FREQ=DAILY",),
        ("RRULE:FREQ=DAILY;",),
        ("RRULE:FREQ=DAILY;UTIL=20261121",),
        ("RRULE:FREQ=DAILY;BYEASTER=0",),
        ("RRULE:FREQ=DAILY; COUNT=3",),
        ("RRULE:FREQ=DAILY\r\nDTSTART:20260101T000000Z",),
        ("RRULE:FREQ=DAILY\n",),
        ("RRULE;X=1:FREQ=DAILY",),
        ("DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY"),
        ("DTEND:20260101T000000Z", "RRULE:FREQ=DAILY"),
        ("RRULE:FREQ=DAILY;COUNT=0",),
        ("RRULE:FREQ=DAILY;COUNT=-1",),
        ("RRULE:FREQ=DAILY;COUNT=1.5",),
        ("RRULE:FREQ=DAILY;COUNT=٣",),
        ("RRULE:FREQ=DAILY;COUNT=1000000",),
        ("RRULE:FREQ=DAILY;INTERVAL=0",),
        ("RRULE:FREQ=DAILY;INTERVAL=99999999999999999999",),
        ("RRULE:FREQ=DAILY;COUNT=3;UNTIL=20261121T003000Z",),
        ("RRULE:FREQ=DAILY;UNTIL=2026-11-21",),
        ("RRULE:FREQ=DAILY;UNTIL=20261321",),
        ("RRULE:FREQ=WEEKLY;BYDAY=XX",),
        ("RRULE:FREQ=WEEKLY;BYDAY=",),
        ("RRULE:FREQ=WEEKLY;BYDAY=2MO",),
        ("RRULE:FREQ=MONTHLY;BYDAY=0MO",),
        ("RRULE:FREQ=WEEKLY;BYMONTHDAY=3",),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=32",),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=0",),
        ("RRULE:FREQ=MONTHLY;BYMONTH=-1",),
        ("RRULE:FREQ=MONTHLY;BYYEARDAY=3",),
        ("RRULE:FREQ=MONTHLY;BYWEEKNO=3",),
        ("RRULE:FREQ=MONTHLY;BYSETPOS=1",),
        ("RRULE:FREQ=WEEKLY;WKST=1",),
        ("RRULE:FREQ=DAILY", "EXDATE;TZID=Nowhere:20260324T100000"),
        ("RDATE;VALUE=PERIOD:20260324T100000Z/PT1H",),
        ("RDATE;VALUE=DATE:20260324T100000Z",),
        ("RDATE:20260324T250000Z",),
        ("RDATE:20260324T240000Z",),
        ("RDATE:20260324T100060Z",),
        ("RDATE:20260324T1000Z",),
        ("RDATE:20260324T100000+0100",),
        ("RDATE:20260324x100000",),
        ("RDATE:2026W131",),
        ("RDATE:20260230",),
        ("RDATE:00000324",),
        ("RDATE:20260324,",),
        ("RDATE:٢٠٢٦0324",),
        ("RRULE:FREQ=DAILY;UNTIL=20260324,20260325",),
        ("RRULE:FREQ=DAILY",) * 5,
        ("RDATE:20260324T100000Z" + ",20260324T100000Z" * 60,),
    ],
)
def test_pattern_is_refused(pattern):
    with pytest.raises(PatternError, match=r"^Invalid recurrence pattern$"):
        check(series(*pattern))


@pytest.mark.parametrize("part", ["FREQ=HOURLY", "FREQ=MINUTELY;COUNT=3", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=1,2"])
def test_more_than_one_occurrence_a_day_is_refused(part):
    with pytest.raises(PatternError, match=r"^Frequencies below 'DAILY' are not supported$"):
        check(series(f"RRULE:{part}"))


@pytest.mark.parametrize(
    "pattern",
    [
        ("RRULE:FREQ=DAILY;UNTIL=20260322T235959Z",),
        ("RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260323T090000Z,20260324T090000Z"),
        ("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",),
        ("RRULE:FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",),
        ("RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", "EXRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
        ("EXDATE:20260101T000000Z",),
    ],
)
def test_pattern_without_dates_is_refused(pattern):
    with pytest.raises(PatternError, match=r"^recurrence_pattern does not yield any dates$"):
        check(series(*pattern, starts=MONDAY))


def test_codes_tell_what_is_wrong():
    assert code_of(series(*["RRULE:FREQ=DAILY"] * 5)) == "too_many_lines"
    assert code_of(series("RRULE:FREQ=DAILY;" + "X" * 1024)) == "line_too_long"
    assert code_of(series("RRULE:FREQ=HOURLY")) == "frequency_not_supported"
    assert code_of(series("RRULE:FREQ=DAILY;UNTIL=20260101")) == "no_dates"
    assert code_of(series("RRULE:FREQ=YEARLY;COUNT=36000")) == "count_too_large"


def test_unknown_zone_is_not_a_pattern_error():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(UnknownZoneError):
        check(Series(start, start, "Nowhere", pattern=("RRULE:FREQ=DAILY",)))


@pytest.mark.parametrize("year", [1, 2, 9998, 9999])
def test_the_ends_of_the_calendar_are_no_crash(year):
    start = datetime(year, 1 if year < 5000 else 12, 1 if year < 5000 else 31, 12, tzinfo=UTC)
    tested = Series(
        start, start, "Pacific/Auckland" if year > 5000 else "America/New_York", pattern=("RRULE:FREQ=DAILY",)
    )
    try:
        check(tested)
    except PatternError:
        return
    assert len(list(islice(occurrences(tested), 3))) > 0


def test_instance_far_beyond_is_no_occurrence():
    endless = series("RRULE:FREQ=DAILY")
    assert not is_occurrence(endless, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert not is_occurrence(endless, datetime(1, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,MO"], [" rrule:byday=MO,SA;freq=weekly "]),
        (["RRULE:FREQ=MONTHLY;BYDAY=+3SA;WKST=MO"], ["RRULE:FREQ=MONTHLY;BYDAY=3SA", ""]),
        (
            ["EXDATE:20260102T100000Z,20260101T100000Z", "RRULE:FREQ=DAILY"],
            ["RRULE:FREQ=DAILY", "EXDATE:20260101T100000Z,20260102T100000Z"],
        ),
    ],
)
def test_spelling_does_not_matter_in_normal_form(one, other):
    assert normalise(one) == normalise(other)


def test_normal_form_has_a_fixed_order():
    assert normalise(["RRULE:BYDAY=TU,MO;UNTIL=20261121T003000Z;INTERVAL=2;FREQ=WEEKLY;WKST=SU"]) == (
        "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261121T003000Z;BYDAY=MO,TU;WKST=SU",
    )
    assert normalise(["RRULE:FREQ=NEVER", "nonsense"]) == ("RRULE:FREQ=NEVER", "NONSENSE")
    assert normalise([]) == ()


@given(lines=st.lists(st.text(alphabet="RULEFQ=:;DAILYWK0123456789,TZ-+\n ", max_size=40), max_size=4))
@settings(max_examples=examples(30, 80), deadline=None)
def test_nonsense_is_refused_or_understood_but_never_a_crash(lines):
    tested = series(*lines)
    normalise(lines)
    try:
        check(tested)
    except PatternError:
        return
    assert first(tested) is not None
