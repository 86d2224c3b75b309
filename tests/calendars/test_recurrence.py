"""Series: what is accepted, and which occurrences it has. dateutil is the judge of the days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars import rules
from calendars.recurrence import (
    Occurrence,
    Override,
    PatternError,
    Series,
    check,
    first,
    following,
    is_occurrence,
    last,
    normalise,
    occurrences,
)
from calendars.times import UnknownZoneError, from_wall, to_wall

BERLIN = "Europe/Berlin"


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001


def at(*parts: int, zone: str = BERLIN) -> datetime:
    return from_wall(wall(*parts), zone)


MONDAY = wall(2026, 3, 23, 10)


def series(*pattern: str, starts: datetime = MONDAY, minutes: int = 60, zone: str = BERLIN) -> Series:
    start = from_wall(starts, zone)
    return Series(start, start + timedelta(minutes=minutes), zone, pattern=pattern)


def all_day(*pattern: str, starts: date = date(2026, 3, 27), days: int = 1, zone: str = BERLIN) -> Series:
    midnights = [datetime.combine(day, datetime.min.time()) for day in (starts, starts + timedelta(days=days))]
    return Series(*(from_wall(midnight, zone) for midnight in midnights), zone, is_all_day=True, pattern=pattern)


def walls(found, zone: str = BERLIN) -> list[datetime]:
    return [to_wall(item.starts_at, zone) for item in found]


def code_of(tested: Series) -> str:
    with pytest.raises(PatternError) as error:
        check(tested)
    return error.value.code


# --- what is accepted ---


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
        ("RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"),
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


# --- which occurrences there are ---


def test_wall_time_stays_across_dst():
    found = list(islice(occurrences(series("RRULE:FREQ=WEEKLY")), 2))
    assert found == [
        Occurrence(
            datetime(2026, 3, 23, 9, tzinfo=UTC),
            datetime(2026, 3, 23, 9, tzinfo=UTC),
            datetime(2026, 3, 23, 10, tzinfo=UTC),
        ),
        Occurrence(
            datetime(2026, 3, 30, 8, tzinfo=UTC),
            datetime(2026, 3, 30, 8, tzinfo=UTC),
            datetime(2026, 3, 30, 9, tzinfo=UTC),
        ),
    ]


def test_timed_occurrence_keeps_its_exact_duration_across_dst():
    overnight = series("RRULE:FREQ=DAILY", starts=wall(2026, 3, 27, 22), minutes=480)
    assert {item.ends_at - item.starts_at for item in islice(occurrences(overnight), 5)} == {timedelta(hours=8)}


def test_all_day_occurrence_keeps_its_days_across_dst():
    weekends = all_day("RRULE:FREQ=DAILY;COUNT=3", starts=date(2026, 3, 28))
    assert [(to_wall(item.starts_at, BERLIN), to_wall(item.ends_at, BERLIN)) for item in occurrences(weekends)] == [
        (wall(2026, 3, 28), wall(2026, 3, 29)),
        (wall(2026, 3, 29), wall(2026, 3, 30)),
        (wall(2026, 3, 30), wall(2026, 3, 31)),
    ]


def test_all_day_occurrences_survive_a_missing_midnight():
    missing = all_day("RRULE:FREQ=DAILY;COUNT=3", starts=date(2026, 9, 6), zone="America/Santiago")
    assert walls(occurrences(missing), "America/Santiago") == [wall(2026, 9, 6, 1), wall(2026, 9, 7), wall(2026, 9, 8)]


def test_start_in_a_gap_is_moved_on_that_day_only():
    night = series("RRULE:FREQ=DAILY;COUNT=3", starts=wall(2026, 3, 28, 2, 30))
    assert walls(occurrences(night)) == [wall(2026, 3, 28, 2, 30), wall(2026, 3, 29, 3, 30), wall(2026, 3, 30, 2, 30)]
    assert is_occurrence(night, at(2026, 3, 29, 3, 30))


def test_start_that_a_gap_moves_over_midnight_is_found():
    late = series("RRULE:FREQ=DAILY", starts=wall(2026, 3, 1, 23, 30), zone="America/Nuuk")
    assert is_occurrence(late, at(2026, 3, 29, 0, 30, zone="America/Nuuk"))
    assert not is_occurrence(late, at(2026, 3, 28, 0, 30, zone="America/Nuuk"))


def test_series_that_starts_in_the_second_of_a_fold_keeps_its_start():
    start = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    tested = Series(start, start + timedelta(hours=1), BERLIN, pattern=("RRULE:FREQ=DAILY;COUNT=2",))
    assert [item.starts_at for item in occurrences(tested)] == [start, datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_a_day_that_a_zone_skipped_is_no_second_occurrence():
    tested = series("RRULE:FREQ=DAILY;COUNT=4", starts=wall(2011, 12, 29, 10), zone="Pacific/Apia")
    assert [day.day for day in walls(occurrences(tested), "Pacific/Apia")] == [29, 31, 1]


def test_start_outside_its_rule_is_no_occurrence():
    tuesdays = series("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2")
    assert walls(occurrences(tuesdays)) == [wall(2026, 3, 24, 10), wall(2026, 3, 31, 10)]
    assert first(tuesdays).starts_at == at(2026, 3, 24, 10)


def test_web_clients_third_saturday():
    tested = series("RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=+3SA", starts=wall(2026, 11, 21, 1, 30))
    assert walls(islice(occurrences(tested), 3)) == [
        wall(2026, 11, 21, 1, 30),
        wall(2026, 12, 19, 1, 30),
        wall(2027, 1, 16, 1, 30),
    ]


def test_until_includes_its_own_instant():
    until = series("RRULE:FREQ=DAILY;UNTIL=20260325T090000Z")
    assert [day.day for day in walls(occurrences(until))] == [23, 24, 25]
    earlier = series("RRULE:FREQ=DAILY;UNTIL=20260325T085959Z")
    assert [day.day for day in walls(occurrences(earlier))] == [23, 24]


@pytest.mark.parametrize("until", ["20260325", "20260325T235959", "20260325T100000", "20260325T080000Z"])
def test_until_of_another_type_means_the_same_day(until):
    tested = series(f"RRULE:FREQ=DAILY;UNTIL={until}", starts=wall(2026, 3, 23, 9))
    assert [day.day for day in walls(occurrences(tested))] == [23, 24, 25]


@pytest.mark.parametrize("until", ["20260329", "20260328T230000Z", "20260329T120000"])
def test_all_day_until_is_a_day_of_the_zone(until):
    tested = all_day(f"RRULE:FREQ=DAILY;UNTIL={until}")
    assert [day.day for day in walls(occurrences(tested))] == [27, 28, 29]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20260330T080000Z",
        "EXDATE:20260330T100000",
        "EXDATE;TZID=Europe/Berlin:20260330T100000",
        "EXDATE;TZID=America/New_York;VALUE=DATE-TIME:20260330T040000",
        "EXDATE;VALUE=DATE:20260330",
        "EXRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=30",
    ],
)
def test_exclusion_is_understood_in_any_zone_and_type(line):
    tested = series("RRULE:FREQ=WEEKLY;COUNT=3", line)
    assert walls(occurrences(tested)) == [wall(2026, 3, 23, 10), wall(2026, 4, 6, 10)]


def test_additional_dates_are_merged_in_order_and_once():
    tested = series(
        "RRULE:FREQ=WEEKLY;COUNT=2",
        "RDATE;TZID=Europe/Berlin:20260330T100000,20260325T120000",
        "RDATE;VALUE=DATE:20260322",
    )
    assert walls(occurrences(tested)) == [
        wall(2026, 3, 22, 10),
        wall(2026, 3, 23, 10),
        wall(2026, 3, 25, 12),
        wall(2026, 3, 30, 10),
    ]


def test_window_is_by_overlap_and_inclusive():
    daily = series("RRULE:FREQ=DAILY")
    found = occurrences(daily, after=at(2026, 3, 25, 11), before=at(2026, 3, 27, 10))
    assert [day.day for day in walls(found)] == [25, 26, 27]
    found = occurrences(daily, after=at(2026, 3, 25, 11) + timedelta(seconds=1), before=at(2026, 3, 27, 9, 59))
    assert [day.day for day in walls(found)] == [26]


def test_window_before_the_start_is_empty():
    assert list(occurrences(series("RRULE:FREQ=DAILY"), before=at(2026, 3, 1))) == []


def test_single_event_yields_itself():
    single = series()
    only = Occurrence(single.starts_at, single.starts_at, single.ends_at)
    assert list(occurrences(single)) == [only]
    assert list(occurrences(single, after=at(2026, 3, 23, 11))) == [only]
    assert list(occurrences(single, after=at(2026, 3, 24))) == []
    assert (first(single), last(single)) == (only, only)
    assert is_occurrence(single, single.starts_at)
    assert not is_occurrence(single, single.ends_at)


# --- overrides ---


def test_moved_occurrence_is_found_where_it_moved_to():
    move = Override(at(2026, 3, 30, 10), starts_at=at(2026, 5, 1, 8), ends_at=at(2026, 5, 1, 9), key="row 7")
    tested = series("RRULE:FREQ=WEEKLY;COUNT=3")
    assert list(occurrences(tested, after=at(2026, 3, 28), before=at(2026, 4, 1), overrides=[move])) == []
    assert list(occurrences(tested, after=at(2026, 5, 1), before=at(2026, 5, 2), overrides=[move])) == [
        Occurrence(at(2026, 3, 30, 10), at(2026, 5, 1, 8), at(2026, 5, 1, 9), override=move)
    ]
    assert [item.starts_at for item in occurrences(tested, overrides=[move])] == [
        at(2026, 3, 23, 10),
        at(2026, 4, 6, 10),
        at(2026, 5, 1, 8),
    ]


def test_occurrence_moved_before_the_start_comes_first():
    move = Override(at(2026, 3, 30, 10), starts_at=at(2026, 3, 1, 10))
    found = list(occurrences(series("RRULE:FREQ=WEEKLY;COUNT=2"), overrides=[move]))
    assert [(item.starts_at, item.ends_at) for item in found] == [
        (at(2026, 3, 1, 10), at(2026, 3, 1, 11)),
        (at(2026, 3, 23, 10), at(2026, 3, 23, 11)),
    ]


def test_cancelled_occurrence_is_shown_as_cancelled():
    gone = Override(at(2026, 3, 30, 10), is_cancelled=True)
    found = list(occurrences(series("RRULE:FREQ=WEEKLY;COUNT=2"), overrides=[gone]))
    assert [(item.starts_at, item.is_cancelled) for item in found] == [
        (at(2026, 3, 23, 10), False),
        (at(2026, 3, 30, 10), True),
    ]


def test_override_of_no_occurrence_is_left_out():
    stray = Override(at(2026, 3, 31, 10), starts_at=at(2026, 4, 1, 10))
    found = occurrences(series("RRULE:FREQ=WEEKLY;COUNT=2"), overrides=[stray])
    assert walls(found) == [wall(2026, 3, 23, 10), wall(2026, 3, 30, 10)]


def test_following_skips_cancelled_and_begun_ones():
    gone = Override(at(2026, 3, 25, 10), is_cancelled=True)
    moved = Override(at(2026, 3, 30, 10), starts_at=at(2026, 3, 26, 9))
    found = following(series("RRULE:FREQ=DAILY"), after=at(2026, 3, 24, 10, 30), count=3, overrides=[gone, moved])
    assert walls(found) == [wall(2026, 3, 26, 9), wall(2026, 3, 26, 10), wall(2026, 3, 27, 10)]
    assert len(following(series("RRULE:FREQ=DAILY;COUNT=2"), after=at(2026, 3, 1), count=9)) == 2


# --- the end ---


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (("RRULE:FREQ=DAILY",), None),
        (("RRULE:FREQ=DAILY;COUNT=3",), wall(2026, 3, 25, 10)),
        (("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260325"), wall(2026, 3, 24, 10)),
        (("RRULE:FREQ=DAILY;COUNT=3", "RDATE:20260401T100000"), wall(2026, 4, 1, 10)),
        (("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=DAILY"), None),
        (("RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=DAILY;INTERVAL=2"), wall(2026, 3, 24, 10)),
        (("RRULE:FREQ=WEEKLY;UNTIL=20990101T000000Z",), wall(2098, 12, 29, 10)),
        (("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=21030101T000000Z",), wall(2096, 2, 29, 10)),
        (("RDATE:20260401T100000,20260301T100000",), wall(2026, 4, 1, 10)),
    ],
)
def test_last_occurrence(pattern, expected):
    found = last(series(*pattern))
    assert (found and to_wall(found.starts_at, BERLIN)) == expected


def test_last_of_a_pattern_without_dates_is_refused():
    with pytest.raises(PatternError, match="does not yield any dates"):
        last(series("RRULE:FREQ=DAILY;UNTIL=20200101"))


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


# --- judged by dateutil ---


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
    offset=st.integers(-400, 3000),
    length=st.integers(0, 900),
)
@settings(max_examples=120, deadline=None)
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
@settings(max_examples=60, deadline=None)
def test_rules_come_back_from_their_text(text):
    rule = rules.parse_rule(text)
    assert rules.parse_rule(rules.format_rule(rule)) == rule


@given(lines=st.lists(st.text(alphabet="RULEFQ=:;DAILYWK0123456789,TZ-+\n ", max_size=40), max_size=4))
@settings(max_examples=80, deadline=None)
def test_nonsense_is_refused_or_understood_but_never_a_crash(lines):
    tested = series(*lines)
    normalise(lines)
    try:
        check(tested)
    except PatternError:
        return
    assert first(tested) is not None
