"""Series of meetings: what a month of them costs, wherever they began, beside the libraries that do the same.

Before anything is timed, the answer is held against the peer's. The window contains the change to summer time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar

from bench.measure import Reading, Run, micro
from calendars import patterns, periods, rules
from calendars.patterns import Series
from calendars.recurrence import Override, occurrences

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)
AFTER, BEFORE = datetime(2026, 3, 1, tzinfo=BERLIN), datetime(2026, 4, 1, tzinfo=BERLIN)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Case:
    name: str
    start: datetime  # wall time in Berlin
    pattern: tuple[str, ...]
    moved: tuple[datetime, ...] = ()  # to an hour later

    def series(self) -> Series:
        start = self.start.replace(tzinfo=BERLIN).astimezone(UTC)
        return Series(starts_at=start, ends_at=start + HOUR, zone=ZONE, pattern=self.pattern)

    def moved_starts(self) -> list[datetime]:
        return [moment.replace(tzinfo=BERLIN).astimezone(UTC) for moment in self.moved]

    def calendar(self) -> bytes:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", *_component(self.start, *self.pattern)]
        for moment in self.moved:
            lines += _component(moment + HOUR, f"RECURRENCE-ID;TZID={ZONE}:{moment:%Y%m%dT%H%M%S}")
        return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def _component(start: datetime, *lines: str) -> list[str]:
    times = [f"DTSTART;TZID={ZONE}:{start:%Y%m%dT%H%M%S}", f"DTEND;TZID={ZONE}:{start + HOUR:%Y%m%dT%H%M%S}"]
    return ["BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "SUMMARY:Meeting", *times, *lines, "END:VEVENT"]


def clock(*parts: int) -> datetime:
    """Wall time in Berlin."""
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - it is naive


def _weeks(start: datetime, numbers: range) -> tuple[datetime, ...]:
    return tuple(start + timedelta(weeks=number) for number in numbers)


TUESDAY = clock(2024, 1, 2, 10)
EXCLUDED = ",".join(f"{moment:%Y%m%dT%H%M%S}" for moment in _weeks(TUESDAY, range(0, 100, 2)))
CASES = (
    Case("weekly MO,WE,FR from 2010", clock(2010, 1, 4, 10), ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR",)),
    Case("daily from 1990", clock(1990, 1, 1, 10), ("RRULE:FREQ=DAILY",)),
    Case("yearly from 1970", clock(1970, 3, 15, 10), ("RRULE:FREQ=YEARLY",)),
    Case("monthly, last Friday, from 1990", clock(1990, 1, 26, 10), ("RRULE:FREQ=MONTHLY;BYDAY=-1FR",)),
    Case("every other Tuesday from 2010", clock(2010, 1, 5, 10), ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",)),
    Case(
        "weekly, 50 excluded and 20 moved",
        TUESDAY,
        ("RRULE:FREQ=WEEKLY;BYDAY=TU", f"EXDATE;TZID={ZONE}:{EXCLUDED}"),
        moved=_weeks(TUESDAY, range(101, 141, 2)),
    ),
)


def distance(run: Run) -> Iterator[Reading]:
    """Both have the same occurrences in the window."""
    for freq in rules.FREQUENCIES:
        old, new = (
            _month(Case(freq, clock(year, 3, 1, 10), (f"RRULE:FREQ={freq}",)).series()) for year in (1900, 2026)
        )
        found = run.compare(old, new)
        yield Reading(
            name=f"FREQ={freq} ({len(old())} occurrences)",
            value=found.ratio,
            ours=micro(found.ours),
            floor=micro(found.floor),
            is_steady=found.is_steady,
        )


def _month(series: Series, moved: Iterable[datetime] = ()) -> Callable[[], list[datetime]]:
    """The starts in the window, in UTC; what has moved is told in the times that a database gives."""

    def starts() -> list[datetime]:
        overrides = [Override(start, starts_at=start + HOUR, ends_at=start + 2 * HOUR) for start in moved]
        return [item.starts_at for item in occurrences(series, after=AFTER, before=BEFORE, overrides=overrides)]

    return starts


def peers(run: Run) -> Iterator[Reading]:
    """Reading the pattern is part of all times: the caches of ours are emptied before each call."""
    for case in CASES:
        ours, text = _month(case.series(), case.moved_starts()), case.calendar()

        def cold(ours: Callable[[], list[datetime]] = ours) -> list[datetime]:
            for cache in (patterns.parts_of, rules.parse_rule, periods.last_counted):
                cache.cache_clear()
            return ours()

        def peer(text: bytes = text) -> list[datetime]:
            events = recurring_ical_events.of(Calendar.from_ical(text)).between(AFTER, BEFORE)
            return sorted(event["DTSTART"].dt.astimezone(UTC) for event in events)

        if cold() != peer():
            raise AssertionError(f"{case.name}: recurring-ical-events answers otherwise")
        rivals = [("recurring-ical-events", peer)]
        if not case.moved:
            rivals.append(("dateutil", _dateutil(case)))
        for name, rival in rivals:
            found = run.compare(cold, rival)
            yield Reading(
                name=f"{case.name}, {name}",
                value=found.floor / found.ours,
                ours=micro(found.ours),
                floor=micro(found.floor),
                is_judged=rival is peer,
                is_steady=found.is_steady,
            )


def _dateutil(case: Case) -> Callable[[], list[datetime]]:
    """On wall time: it knows no zone's offsets by itself."""
    text = "\n".join(case.pattern)
    after, before = AFTER.replace(tzinfo=None), BEFORE.replace(tzinfo=None)
    return lambda: rrulestr(text, dtstart=case.start).between(after, before, inc=True)


def many(run: Run) -> Iterator[Reading]:
    """Series as people have them; the floor only turns the same wall times into UTC, one by one."""
    series = [
        Case("", clock(2015 + number % 11, 1 + number % 12, 1 + number % 28, 8 + number % 9), (pattern,)).series()
        for number in range(1000)
        for pattern in [PATTERNS[number % len(PATTERNS)]]
    ]
    calls = [_month(one) for one in series]
    starts = [start.astimezone(BERLIN).replace(tzinfo=None) for call in calls for start in call()]
    found = run.compare(
        lambda: [call() for call in calls], lambda: [wall.replace(tzinfo=BERLIN).astimezone(UTC) for wall in starts]
    )
    yield Reading(
        name=f"{len(starts):,} occurrences; floor: to UTC",
        value=found.ours / len(starts) * 1e6,
        ours=micro(found.ours),
        floor=micro(found.floor),
        is_steady=found.is_steady,
        note=f"depends on the machine; it is {found.ratio:.1f} times the floor",
    )


PATTERNS = (
    "RRULE:FREQ=WEEKLY",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "RRULE:FREQ=DAILY",
    "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "RRULE:FREQ=MONTHLY;BYDAY=-1FR",
    "RRULE:FREQ=MONTHLY;BYMONTHDAY=15",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20301231T225959Z",
    "RRULE:FREQ=WEEKLY;COUNT=700",
)
