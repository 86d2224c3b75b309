"""Every example of RFC 5545 3.8.5.3, with the dates printed there. All of them start in New York, most at nine."""

from datetime import date, datetime, time, timedelta
from itertools import islice

import pytest

from calendars.recurrence import check, last, occurrences
from calendars.rules import PatternError
from tests.calendars.series import series, wall, walls

NEW_YORK = "America/New_York"
NINE = time(9)


def on(year: int, *months: tuple[int, ...]) -> list[date]:
    """on(1997, (9, 2, 16)) is 2 and 16 September 1997."""
    return [date(year, month, day) for month, *days in months for day in days]


def every(first: date, last: date, step: int = 1) -> list[date]:
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]


DAILY_TO_CHRISTMAS = every(date(1997, 9, 2), date(1997, 12, 23))
JANUARIES = [day for year in (1998, 1999, 2000) for day in every(date(year, 1, 1), date(year, 1, 31))]
TUESDAYS_AND_THURSDAYS = on(1997, (9, 2, 4, 9, 11, 16, 18, 23, 25, 30), (10, 2))

# name: (start, rule and other lines of the pattern, the printed dates)
EXAMPLES = {
    "daily for 10": (date(1997, 9, 2), ["FREQ=DAILY;COUNT=10"], every(date(1997, 9, 2), date(1997, 9, 11))),
    "daily until Christmas Eve": (
        date(1997, 9, 2), ["FREQ=DAILY;UNTIL=19971224T000000Z"], DAILY_TO_CHRISTMAS,
    ),
    "every other day": (
        date(1997, 9, 2), ["FREQ=DAILY;INTERVAL=2"], every(date(1997, 9, 2), date(1997, 12, 3), 2),
    ),
    "every 10 days, 5 times": (
        date(1997, 9, 2), ["FREQ=DAILY;INTERVAL=10;COUNT=5"], on(1997, (9, 2, 12, 22), (10, 2, 12)),
    ),
    "every day in January, by year": (
        date(1998, 1, 1), ["FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA"], JANUARIES,
    ),
    "every day in January, by day": (
        date(1998, 1, 1), ["FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1"], JANUARIES,
    ),
    "weekly for 10": (
        date(1997, 9, 2), ["FREQ=WEEKLY;COUNT=10"],
        on(1997, (9, 2, 9, 16, 23, 30), (10, 7, 14, 21, 28), (11, 4)),
    ),
    "weekly until Christmas Eve": (
        date(1997, 9, 2), ["FREQ=WEEKLY;UNTIL=19971224T000000Z"],
        on(1997, (9, 2, 9, 16, 23, 30), (10, 7, 14, 21, 28), (11, 4, 11, 18, 25), (12, 2, 9, 16, 23)),
    ),
    "every other week": (
        date(1997, 9, 2), ["FREQ=WEEKLY;INTERVAL=2;WKST=SU"],
        [*on(1997, (9, 2, 16, 30), (10, 14, 28), (11, 11, 25), (12, 9, 23)), *on(1998, (1, 6, 20), (2, 3, 17))],
    ),
    "Tuesday and Thursday for five weeks, by date": (
        date(1997, 9, 2), ["FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH"], TUESDAYS_AND_THURSDAYS,
    ),
    "Tuesday and Thursday for five weeks, by number": (
        date(1997, 9, 2), ["FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH"], TUESDAYS_AND_THURSDAYS,
    ),
    "every other week on three days until Christmas Eve": (
        date(1997, 9, 1), ["FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR"],
        on(1997, (9, 1, 3, 5, 15, 17, 19, 29), (10, 1, 3, 13, 15, 17, 27, 29, 31), (11, 10, 12, 14, 24, 26, 28),
           (12, 8, 10, 12, 22)),
    ),
    "every other week on two days, 8 times": (
        date(1997, 9, 2), ["FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH"],
        on(1997, (9, 2, 4, 16, 18, 30), (10, 2, 14, 16)),
    ),
    "first Friday of the month, 10 times": (
        date(1997, 9, 5), ["FREQ=MONTHLY;COUNT=10;BYDAY=1FR"],
        [*on(1997, (9, 5), (10, 3), (11, 7), (12, 5)), *on(1998, (1, 2), (2, 6), (3, 6), (4, 3), (5, 1), (6, 5))],
    ),
    "first Friday of the month until Christmas Eve": (
        date(1997, 9, 5), ["FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR"],
        on(1997, (9, 5), (10, 3), (11, 7), (12, 5)),
    ),
    "first and last Sunday of every other month": (
        date(1997, 9, 7), ["FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU"],
        [*on(1997, (9, 7, 28), (11, 2, 30)), *on(1998, (1, 4, 25), (3, 1, 29), (5, 3, 31))],
    ),
    "last but one Monday of the month": (
        date(1997, 9, 22), ["FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"],
        [*on(1997, (9, 22), (10, 20), (11, 17), (12, 22)), *on(1998, (1, 19), (2, 16))],
    ),
    "last but two day of the month": (
        date(1997, 9, 28), ["FREQ=MONTHLY;BYMONTHDAY=-3"],
        [*on(1997, (9, 28), (10, 29), (11, 28), (12, 29)), *on(1998, (1, 29), (2, 26))],
    ),
    "2nd and 15th of the month": (
        date(1997, 9, 2), ["FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15"],
        [*on(1997, (9, 2, 15), (10, 2, 15), (11, 2, 15), (12, 2, 15)), *on(1998, (1, 2, 15))],
    ),
    "first and last day of the month": (
        date(1997, 9, 30), ["FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1"],
        [*on(1997, (9, 30), (10, 1, 31), (11, 1, 30), (12, 1, 31)), *on(1998, (1, 1, 31), (2, 1))],
    ),
    "10th to 15th of every 18th month": (
        date(1997, 9, 10), ["FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15"],
        [*on(1997, (9, 10, 11, 12, 13, 14, 15)), *on(1999, (3, 10, 11, 12, 13))],
    ),
    "every Tuesday of every other month": (
        date(1997, 9, 2), ["FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"],
        [*on(1997, (9, 2, 9, 16, 23, 30), (11, 4, 11, 18, 25)), *on(1998, (1, 6, 13, 20, 27), (3, 3, 10, 17, 24, 31))],
    ),
    "yearly in June and July": (
        date(1997, 6, 10), ["FREQ=YEARLY;COUNT=10;BYMONTH=6,7"],
        [day for year in range(1997, 2002) for day in on(year, (6, 10), (7, 10))],
    ),
    "every other year in three months": (
        date(1997, 3, 10), ["FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3"],
        [*on(1997, (3, 10)), *(day for year in (1999, 2001, 2003) for day in on(year, (1, 10), (2, 10), (3, 10)))],
    ),
    "three days of every third year": (
        date(1997, 1, 1), ["FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"],
        [*on(1997, (1, 1), (4, 10), (7, 19)), *on(2000, (1, 1), (4, 9), (7, 18)),
         *on(2003, (1, 1), (4, 10), (7, 19)), *on(2006, (1, 1))],
    ),
    "20th Monday of the year": (
        date(1997, 5, 19), ["FREQ=YEARLY;BYDAY=20MO"], [*on(1997, (5, 19)), *on(1998, (5, 18)), *on(1999, (5, 17))],
    ),
    "Monday of week 20": (
        date(1997, 5, 12), ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"],
        [*on(1997, (5, 12)), *on(1998, (5, 11)), *on(1999, (5, 17))],
    ),
    "Thursdays in March": (
        date(1997, 3, 13), ["FREQ=YEARLY;BYMONTH=3;BYDAY=TH"],
        [*on(1997, (3, 13, 20, 27)), *on(1998, (3, 5, 12, 19, 26)), *on(1999, (3, 4, 11, 18, 25))],
    ),
    "Thursdays in summer": (
        date(1997, 6, 5), ["FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8"],
        [*on(1997, (6, 5, 12, 19, 26), (7, 3, 10, 17, 24, 31), (8, 7, 14, 21, 28)),
         *on(1998, (6, 4, 11, 18, 25), (7, 2, 9, 16, 23, 30), (8, 6, 13, 20, 27)),
         *on(1999, (6, 3, 10, 17, 24), (7, 1, 8, 15, 22, 29), (8, 5, 12, 19, 26))],
    ),
    "Friday the 13th": (
        date(1997, 9, 2), ["FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "EXDATE;TZID=America/New_York:19970902T090000"],
        [*on(1998, (2, 13), (3, 13), (11, 13)), *on(1999, (8, 13)), *on(2000, (10, 13))],
    ),
    "Saturday after the first Sunday of the month": (
        date(1997, 9, 13), ["FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13"],
        [*on(1997, (9, 13), (10, 11), (11, 8), (12, 13)), *on(1998, (1, 10), (2, 7), (3, 7), (4, 11), (5, 9), (6, 13))],
    ),
    "election day": (
        date(1996, 11, 5), ["FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"],
        [*on(1996, (11, 5)), *on(2000, (11, 7)), *on(2004, (11, 2))],
    ),
    "third of the Tuesdays, Wednesdays and Thursdays of the month": (
        date(1997, 9, 4), ["FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3"], on(1997, (9, 4), (10, 7), (11, 6)),
    ),
    "last but one weekday of the month": (
        date(1997, 9, 29), ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"],
        [*on(1997, (9, 29), (10, 30), (11, 27), (12, 30)), *on(1998, (1, 29), (2, 26), (3, 30))],
    ),
    "weeks that start on Monday": (
        date(1997, 8, 5), ["FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"], on(1997, (8, 5, 10, 19, 24)),
    ),
    "weeks that start on Sunday": (
        date(1997, 8, 5), ["FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"], on(1997, (8, 5, 17, 19, 31)),
    ),
    "30 February does not count": (
        date(2007, 1, 15), ["FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5"], on(2007, (1, 15, 30), (2, 15), (3, 15, 30)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_yields_the_dates_of_the_rfc(name):
    start, (rule, *others), expected = EXAMPLES[name]
    is_endless = "COUNT" not in rule and "UNTIL" not in rule
    tested = series(f"RRULE:{rule}", *others, starts=datetime.combine(start, NINE), zone=NEW_YORK)
    check(tested)
    found = list(islice(occurrences(tested), len(expected) if is_endless else None))
    assert walls(found, NEW_YORK) == [datetime.combine(day, NINE) for day in expected]
    assert last(tested) == (None if is_endless else found[-1])


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z",
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
    ],
)
def test_example_with_several_starts_a_day_is_refused(rule):
    with pytest.raises(PatternError, match=r"^Frequencies below 'DAILY' are not supported$") as error:
        check(series(f"RRULE:{rule}", starts=wall(1997, 9, 2, 9), zone=NEW_YORK))
    assert error.value.code == "frequency_not_supported"
