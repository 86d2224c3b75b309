"""Patterns and times in words."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from calendars import words
from calendars.patterns import Series
from calendars.times import from_wall
from calendars.words import describe_pattern, describe_time

BERLIN = "Europe/Berlin"
GERMAN = {
    "every week on %(days)s": ("jede Woche am %(days)s", "alle %(interval)d Wochen am %(days)s"),
    "every month on the %(days)s": ("jeden Monat am %(days)s", "alle %(interval)d Monate am %(days)s"),
    "every year on %(date)s": ("jedes Jahr am %(date)s", "alle %(interval)d Jahre am %(date)s"),
    "every day": ("jeden Tag", "alle %(interval)d Tage"),
    "%(count)d time": ("%(count)d-mal", "%(count)d-mal"),
    "%(pattern)s until %(date)s": "%(pattern)s bis %(date)s",
    "%(pattern)s, %(times)s": "%(pattern)s, %(times)s",
    "%(ordinal)s %(weekday)s": "%(ordinal)s %(weekday)s",
    "3rd": "3.",
    "last": "letzten",
    "on several dates": "an mehreren Terminen",
}


def german(text: str) -> str:
    return GERMAN.get(text, text)


def german_plural(one: str, many: str, count: int) -> str:
    return GERMAN[one][count != 1]


def english(text: str) -> str:
    return text


def english_plural(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def series(*pattern: str, day: date = date(2026, 11, 21), zone: str = BERLIN) -> Series:
    start = from_wall(datetime.combine(day, time(1, 30)), zone)
    return Series(start, start + timedelta(hours=1), zone, pattern=pattern)


def in_english(*pattern: str, day: date = date(2026, 11, 21)) -> str:
    return describe_pattern(series(*pattern, day=day), locale="en", gettext=english, ngettext=english_plural)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=DAILY;COUNT=10", "every day, 10 times"),
        ("FREQ=DAILY;COUNT=1", "every day, 1 time"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "every week on Monday, Tuesday, Wednesday, Thursday and Friday"),
        ("FREQ=WEEKLY", "every week on Saturday"),
        ("FREQ=WEEKLY;BYDAY=MO", "every week on Monday"),
        ("FREQ=WEEKLY;BYDAY=SU,SA", "every week on Saturday and Sunday"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20261224T230000Z",
            "every 2 weeks on Tuesday and Thursday until 24 December 2026",
        ),
        ("FREQ=WEEKLY;BYDAY=SA;UNTIL=20261121T003000Z", "every week on Saturday until 21 November 2026"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "every day"),
        ("FREQ=MONTHLY", "every month on day 21"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on day 1 and 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1", "every 2 months on the last day"),
        ("FREQ=MONTHLY;INTERVAL=1;BYDAY=+3SA", "every month on the 3rd Saturday"),
        ("FREQ=MONTHLY;BYDAY=SA;BYSETPOS=3", "every month on the 3rd Saturday"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR,1MO", "every 3 months on the 1st Monday and last Friday"),
        ("FREQ=YEARLY", "every year on 21 November"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "every 4 years on 29 February"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=3SA", "every year on the 3rd Saturday in November"),
    ],
)
def test_pattern_in_english(rule, expected):
    assert in_english(f"RRULE:{rule}") == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "jede Woche am Montag"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=5", "alle 2 Wochen am Dienstag und Donnerstag, 5-mal"),
        ("FREQ=MONTHLY;BYDAY=+3SA", "jeden Monat am 3. Samstag"),
        ("FREQ=MONTHLY;BYDAY=-1SA;UNTIL=20270101", "jeden Monat am letzten Samstag bis 1. Januar 2027"),
        ("FREQ=YEARLY", "jedes Jahr am 21. November"),
        ("FREQ=YEARLY;BYYEARDAY=3", "an mehreren Terminen"),
    ],
)
def test_pattern_in_german(rule, expected):
    told = describe_pattern(series(f"RRULE:{rule}"), locale="de-DE", gettext=german, ngettext=german_plural)
    assert told == expected


@pytest.mark.parametrize(
    "pattern",
    [
        ("RDATE:20261128T003000Z",),
        ("RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"),
        ("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"),
        ("RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO",),
        ("RRULE:FREQ=DAILY;BYMONTH=1",),
        ("RRULE:FREQ=WEEKLY;BYMONTH=1",),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO",),
        ("RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",),
        ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-2",),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYSETPOS=2",),
        ("RRULE:FREQ=YEARLY;BYMONTH=1,2",),
        ("RRULE:FREQ=YEARLY;BYDAY=20MO",),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=20",),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",),
    ],
)
def test_pattern_without_a_short_name_is_on_several_dates(pattern):
    assert in_english(*pattern) == "on several dates"


def test_days_are_told_from_the_readers_first_day_of_the_week_on():
    tested = series("RRULE:FREQ=WEEKLY;BYDAY=SA,SU,MO")
    american = describe_pattern(tested, locale="en-US", gettext=english, ngettext=english_plural)
    assert american == "every week on Sunday, Monday, and Saturday"
    assert in_english(*tested.pattern) == "every week on Monday, Saturday and Sunday"


def test_excluded_dates_do_not_change_the_words():
    assert in_english("RRULE:FREQ=DAILY", "EXDATE:20261128T003000Z") == "every day"


def test_added_dates_are_said_to_be_there():
    assert in_english("RRULE:FREQ=DAILY", "RDATE:20261128T103000Z") == "every day, and on other dates"


def test_number_of_times_gives_way_to_the_last_day():
    """Where the receiver could not count them: one is cancelled, or some are over."""
    tested = series("RRULE:FREQ=WEEKLY;COUNT=3")
    told = describe_pattern(tested, locale="en", gettext=english, ngettext=english_plural, is_counted=False)
    assert told == "every week on Saturday until 5 December 2026"


def test_single_event_has_no_pattern():
    assert in_english() == ""


def test_day_of_the_pattern_is_the_local_one():
    late = from_wall(datetime(2026, 11, 21, 0, 30), BERLIN)  # noqa: DTZ001
    assert late.astimezone(UTC).day == 20
    tested = Series(late, late, BERLIN, pattern=("RRULE:FREQ=WEEKLY",))
    told = describe_pattern(tested, locale="en", gettext=english, ngettext=english_plural)
    assert told == "every week on Saturday"


# --- times ---


def told(start: datetime, end: datetime, *, locale: str = "en", zone: str = BERLIN, is_all_day: bool = False) -> str:
    instants = (from_wall(start, zone), from_wall(end, zone))
    return re.sub(r"\s", " ", describe_time(*instants, zone=zone, is_all_day=is_all_day, locale=locale))


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "Monday, 23 November 2026, 10:00 – 11:00 (CET)"),
        ("en-US", "Monday, November 23, 2026, 10:00 AM – 11:00 AM (Berlin)"),
        ("de", "Montag, 23. November 2026, 10:00 – 11:00 (MEZ)"),
        ("de-DE", "Montag, 23. November 2026, 10:00 – 11:00 (MEZ)"),
        ("de_DE", "Montag, 23. November 2026, 10:00 – 11:00 (MEZ)"),
        ("de-XX", "Montag, 23. November 2026, 10:00 – 11:00 (MEZ)"),
        ("", "Monday, 23 November 2026, 10:00 – 11:00 (CET)"),
        ("tlh", "Monday, 23 November 2026, 10:00 – 11:00 (CET)"),
        ("../../etc/passwd", "Monday, 23 November 2026, 10:00 – 11:00 (CET)"),
        ("de\0", "Monday, 23 November 2026, 10:00 – 11:00 (CET)"),
    ],
)
def test_time_in_the_readers_language(locale, expected):
    assert told(wall(2026, 11, 23, 10), wall(2026, 11, 23, 11), locale=locale) == expected


def test_first_day_of_a_month_in_french():
    first = datetime(2026, 12, 1, 9, tzinfo=UTC)
    french = {"zone": "Europe/Paris", "locale": "fr-CA"}
    assert words.describe_day(first, **french) == "mar. 1er déc. 2026"
    assert words.describe_full_day(first, **french) == "mardi 1er décembre 2026"
    assert words.describe_full_day(first.replace(day=11), **french) == "vendredi 11 décembre 2026"
    told = describe_time(first, first.replace(day=31), is_all_day=True, **french)
    assert told == "mardi 1er décembre 2026 – mercredi 30 décembre 2026"
    assert words.describe_full_day(first, zone="Europe/Paris", locale="de") == "Dienstag, 1. Dezember 2026"


def test_time_over_midnight_names_both_days():
    assert told(wall(2026, 11, 23, 22), wall(2026, 11, 24, 2)) == (
        "Monday, 23 November 2026, 22:00 – Tuesday, 24 November 2026, 02:00 (CET)"
    )


def test_unknown_end_is_not_shown():
    assert told(wall(2026, 11, 23, 22), wall(2026, 11, 23, 22)) == ("Monday, 23 November 2026, 22:00 (CET)")


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (wall(2026, 11, 24), "Monday, 23 November 2026"),
        (wall(2026, 11, 25), "Monday, 23 November 2026 – Tuesday, 24 November 2026"),
        (wall(2026, 11, 23), "Monday, 23 November 2026"),
    ],
)
def test_all_day_shows_the_inclusive_last_day(end, expected):
    assert told(wall(2026, 11, 23), end, is_all_day=True) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Etc/GMT+5", "UTC-05:00"),
        ("Asia/Kolkata", "Kolkata"),
        ("America/New_York", "New York"),
    ],
)
def test_zone_is_named_for_people(zone, expected):
    assert told(wall(2026, 11, 23, 10), wall(2026, 11, 23, 11), zone=zone).endswith(f"10:00 – 11:00 ({expected})")


def at(start: datetime, end: datetime, *, locale: str, zone: str, is_short: bool = False) -> str:
    found = describe_time(start, end, zone=zone, is_all_day=False, locale=locale, is_short=is_short)
    return re.sub(r"\s", " ", found)


@pytest.mark.parametrize(
    ("hour", "zone", "locale", "expected"),
    [
        (0, BERLIN, "en", "Sunday, 25 October 2026, 02:30 – 02:45 (CEST)"),
        (1, BERLIN, "en", "Sunday, 25 October 2026, 02:30 – 02:45 (CET)"),
        (0, BERLIN, "fr", "dimanche 25 octobre 2026, 02:30 – 02:45 (Berlin, UTC+02:00)"),
        (1, BERLIN, "fr", "dimanche 25 octobre 2026, 02:30 – 02:45 (Berlin, UTC+01:00)"),
        (2, BERLIN, "fr", "dimanche 25 octobre 2026, 03:30 – 03:45 (Berlin)"),
    ],
)
def test_of_two_equal_times_the_zone_says_which_one_is_meant(hour, zone, locale, expected):
    start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert at(start, start.replace(minute=45), zone=zone, locale=locale) == expected


def test_zone_is_named_at_both_ends_where_its_clock_changes_between_them():
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for is_short, day in ((False, "Sunday, 25 October 2026"), (True, "Sun, 25 Oct 2026")):
        found = at(start, start.replace(hour=1), zone=BERLIN, locale="en", is_short=is_short)
        assert found == f"{day}, 02:30 (CEST) – 02:30 (CET)"


@pytest.mark.parametrize(
    ("hour", "expected"), [(6, "Sun, 25 Oct 2026, 07:30 – 07:45"), (0, "Sun, 25 Oct 2026, 02:30 – 02:45 (CEST)")]
)
def test_short_time_names_its_zone_only_where_it_could_be_misread(hour, expected):
    start = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert at(start, start.replace(minute=45), zone=BERLIN, locale="en", is_short=True) == expected


def test_every_text_is_a_literal_that_can_be_extracted():
    source = Path(words.__file__).read_text(encoding="utf-8")
    found = re.findall(r"(?:ngettext|\b_)\(\s*(.)", source)
    assert len(found) > 15
    assert set(found) == {'"'}
