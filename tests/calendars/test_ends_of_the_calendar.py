"""What is stored never breaks a reading: the engine knows no time and no length that it fails at."""

import itertools
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from itertools import islice

import pytest

from calendars import recurrence
from calendars.patterns import Series
from calendars.recurrence import Occurrence, Override
from calendars.rules import PatternError
from calendars.times import FIRST, LAST, format_utc

DAYS = ["0001-01-02", "0001-12-31", "0002-03-01", "2020-02-29", "4100-01-01"]
DAYS += ["9997-12-31", "9998-12-31", "9999-12-30", "9999-12-31"]
TIMES = [FIRST, *(datetime.fromisoformat(f"{day}T23:00:00Z") for day in DAYS), LAST]
PATTERNS = [
    (),
    ("RRULE:FREQ=YEARLY",),
    ("RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",),
    ("RRULE:FREQ=WEEKLY;COUNT=3",),
    ("RRULE:FREQ=MONTHLY;UNTIL=00010101T000000Z",),
    ("RDATE:00010101T000000Z,99991231T235959Z",),
    ("RRULE:FREQ=DAILY", "EXDATE:00010101T000000,99991231T235959"),
    ("RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"),
]
ZONES = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"]


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00Z")


def stored() -> Iterator[Series]:
    """Rows hold what the database's constraints let in: an end that is not before its start."""
    for starts_at, ends_at in itertools.combinations_with_replacement(TIMES, 2):
        for pattern, zone, is_all_day in itertools.product(PATTERNS, ZONES, (False, True)):
            yield Series(starts_at, ends_at, zone, is_all_day=is_all_day, pattern=pattern)


def read(series: Series) -> list[Occurrence]:
    """Everything that answers, pages and jobs ask of a row."""
    overrides = [
        Override(series.starts_at),
        Override(series.ends_at, starts_at=TIMES[-1]),
        Override(TIMES[0], starts_at=TIMES[0], ends_at=TIMES[-1]),
    ]
    found: list[Occurrence] = []
    for after, before in [(None, None), *itertools.combinations(TIMES[::2], 2)]:
        found += islice(recurrence.occurrences(series, after=after, before=before, overrides=overrides), 2)
        found += islice(recurrence.by_original_start(series, after=after, before=before, overrides=overrides), 2)
    for moment in TIMES[::2]:
        found += recurrence.following(series, after=moment, count=1)
        recurrence.is_occurrence(series, moment)
    recurrence.first(series)
    recurrence.last(series)
    found += [recurrence.overridden(series, override) for override in overrides]
    return found


# Every n-th meets each time, pattern, zone and kind, not with all others.
@pytest.mark.parametrize("step", [101, pytest.param(11, marks=pytest.mark.slow)])
def test_no_stored_row_breaks_a_reading(step: int) -> None:
    for series in islice(stored(), None, None, step):
        for item in read(series):
            assert series.is_all_day or item.override or item.starts_at <= item.ends_at
            format_utc(item.ends_at)


def test_occurrences_longer_than_a_year_are_on_for_a_year_where_they_repeat() -> None:
    """A row from before there was a bound: thousands would be on at once, and none would ever be over."""
    series = Series(at("2020-01-01"), at("4100-01-01"), "UTC", pattern=("RRULE:FREQ=YEARLY",))
    found = recurrence.occurrences(series, after=at("2026-11-21"), before=at("2026-11-22"))
    assert list(found) == [Occurrence(at("2026-01-01"), at("2026-01-01"), at("2027-01-02"))]


def test_single_event_keeps_the_length_that_was_stored() -> None:
    series = Series(at("2020-01-01"), at("4100-01-01"), "UTC")
    assert list(recurrence.occurrences(series, after=at("2026-11-21"))) == [
        Occurrence(series.starts_at, series.starts_at, series.ends_at)
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        ("1899-12-31", "1900-01-01", "out_of_range"),
        ("1900-01-01", "1900-01-01", ""),
        ("2999-12-31", "2999-12-31", ""),
        ("2999-12-31", "3000-01-01", "out_of_range"),
        ("2026-01-01", "2027-01-02", ""),
        ("2026-01-01", "2027-01-03", "too_long"),
        ("2020-01-01", "4100-01-01", "out_of_range"),
    ],
)
@pytest.mark.parametrize("pattern", [(), ("RRULE:FREQ=YEARLY",)])
def test_new_events_are_bounded_in_years_and_length(
    starts: str, ends: str, code: str, pattern: tuple[str, ...]
) -> None:
    series = Series(at(starts), at(ends), "UTC", pattern=pattern)
    with pytest.raises(PatternError) if code else nullcontext() as caught:
        recurrence.check(series)
    assert (caught.value.code if caught else "") == code
