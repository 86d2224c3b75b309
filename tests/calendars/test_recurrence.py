"""Series: which occurrences they have, moved, cancelled and last ones among them."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from calendars.patterns import Series
from calendars.recurrence import Occurrence, Override, first, following, is_occurrence, last, occurrences
from calendars.times import to_wall
from tests.calendars.series import BERLIN, all_day, at, series, wall, walls


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
    moved = at(2026, 3, 29, 0, 30, zone="America/Nuuk")
    assert is_occurrence(late, moved)
    assert not is_occurrence(late, at(2026, 3, 28, 0, 30, zone="America/Nuuk"))
    assert [item.starts_at for item in occurrences(late, after=moved, before=moved)] == [moved]


def test_series_that_starts_in_the_second_of_a_fold_keeps_its_start():
    start = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    tested = Series(start, start + timedelta(hours=1), BERLIN, pattern=("RRULE:FREQ=DAILY;COUNT=2",))
    assert [item.starts_at for item in occurrences(tested)] == [start, datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(("line", "expected"), [("RDATE", [0, 24, 25]), ("EXDATE", [0, 24])])
def test_instant_in_a_fold_is_the_one_that_is_written(line, expected):
    """The clock shows half past two twice that day; the series has the first, the line means the second."""
    tested = series("RRULE:FREQ=DAILY;COUNT=2", f"{line}:20261025T013000Z", starts=wall(2026, 10, 24, 2, 30))
    assert [(item.starts_at - tested.starts_at) / timedelta(hours=1) for item in occurrences(tested)] == expected


def test_additional_dates_in_a_gap_are_in_order_too():
    tested = series("RDATE:20260329T023000,20260329T030000")
    assert walls(occurrences(tested)) == [wall(2026, 3, 29, 3), wall(2026, 3, 29, 3, 30)]


@pytest.mark.parametrize(
    ("until", "line", "expected"),
    [
        ("20260329T013000Z", "EXDATE:20260401", [wall(2026, 3, 27, 23, 30), wall(2026, 3, 29, 0, 30)]),
        ("20260329T012959Z", "EXDATE:20260401", [wall(2026, 3, 27, 23, 30)]),
        ("20260330", "EXRULE:FREQ=DAILY;COUNT=2", [wall(2026, 3, 29, 23, 30), wall(2026, 3, 30, 23, 30)]),
    ],
)
def test_start_that_a_gap_moves_over_midnight_ends_and_is_excluded_as_an_instant(until, line, expected):
    """On 28 March 2026, 23:30 does not exist in Nuuk: it is 00:30 on the 29th."""
    nuuk = "America/Nuuk"
    tested = series(f"RRULE:FREQ=DAILY;UNTIL={until}", line, starts=wall(2026, 3, 27, 23, 30), zone=nuuk)
    assert walls(occurrences(tested), nuuk) == expected
    assert walls([last(tested)], nuuk) == expected[-1:]


def test_leap_day_and_last_days_are_left_out_where_they_do_not_exist():
    leap_day = series("RRULE:FREQ=YEARLY;COUNT=3", starts=wall(2024, 2, 29, 10))
    assert walls(occurrences(leap_day)) == [wall(year, 2, 29, 10) for year in (2024, 2028, 2032)]
    last_day = series("RRULE:FREQ=MONTHLY;COUNT=4", starts=wall(2026, 1, 31, 10))
    assert walls(occurrences(last_day)) == [wall(2026, month, 31, 10) for month in (1, 3, 5, 7)]


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


def test_occurrence_moved_from_later_into_the_window_is_found_there():
    move = Override(at(2026, 5, 4, 10), starts_at=at(2026, 3, 31, 8))
    found = occurrences(series("RRULE:FREQ=WEEKLY"), after=at(2026, 3, 28), before=at(2026, 4, 1), overrides=[move])
    assert walls(found) == [wall(2026, 3, 30, 10), wall(2026, 3, 31, 8)]


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
        (
            ("RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=YEARLY;INTERVAL=100;COUNT=5", "EXRULE:FREQ=YEARLY"),
            wall(2026, 3, 24, 10),
        ),
        (("RRULE:FREQ=YEARLY;COUNT=150", "EXRULE:FREQ=YEARLY", "RDATE:20260401T100000"), wall(2026, 4, 1, 10)),
    ],
)
def test_last_occurrence(pattern, expected):
    found = last(series(*pattern))
    assert (found and to_wall(found.starts_at, BERLIN)) == expected


def test_pattern_without_dates_has_its_own_start_for_the_last():
    without = series("RRULE:FREQ=DAILY;UNTIL=20200101")
    assert last(without).starts_at == without.starts_at
