"""Meetings for tests of calendar objects, and readers of their text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from calendars.itip import (
    Attendee,
    Conference,
    Instance,
    Meeting,
    Person,
    prepare,
)
from calendars.patterns import Series
from calendars.times import from_wall

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ANNA = Attendee(address="anna@example.org", name="Müller, Anna")

ANNA_LINE = (
    'ATTENDEE;CN="Müller, Anna";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;'
    "PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:anna@example.org"
)
BERLIN_VTIMEZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def at(*parts: int, zone: str = BERLIN) -> datetime:
    return from_wall(datetime(*parts), zone)  # noqa: DTZ001


def weekly(*more: str, zone: str = BERLIN) -> Series:
    start = at(2026, 11, 23, 10, zone=zone)
    return Series(start, start + timedelta(hours=1), zone, pattern=("RRULE:FREQ=WEEKLY;INTERVAL=1;COUNT=6", *more))


def all_day(*pattern: str) -> Series:
    return Series(at(2026, 11, 23), at(2026, 11, 25), BERLIN, is_all_day=True, pattern=pattern)


MEETING = Meeting(
    uid="6a7b1c1e-0000-4000-8000-000000000001",
    sequence=3,
    summary="Planning; next, steps",
    description="Agenda\nRoom password: secret",
    location="https://meet.example.org/room/1",
    url="https://meet.example.org/room/1",
    conferences=(
        Conference(uri="https://meet.example.org/room/1", label="Join: video", features=("AUDIO", "VIDEO")),
        Conference(uri="tel:+4930123,,1234#", label="Dial in", features=("PHONE",)),
    ),
    organizer=Person(address="olga@example.org", name="Dept: Sales"),
    series=weekly(),
    created_at=datetime(2026, 11, 1, 9, 30, 15, 999, tzinfo=UTC),
    last_modified_at=at(2026, 11, 20, 12),
)
MOVED = Instance(
    original_starts_at=at(2026, 11, 30, 10),
    starts_at=at(2026, 12, 1, 14),
    ends_at=at(2026, 12, 1, 16),
    is_all_day=False,
    summary="Planning, moved",
    description="Later",
)
GONE = replace(MOVED, original_starts_at=at(2026, 12, 7, 10), is_cancelled=True)


def request(meeting: Meeting, attendee: Attendee, *, now: datetime) -> bytes:
    return prepare(meeting, "REQUEST", now=now).for_attendee(attendee)


def publish(meeting: Meeting, *, now: datetime) -> bytes:
    return prepare(meeting, "PUBLISH", now=now).for_attendee(ANNA)


def cancel(meeting: Meeting, attendee: Attendee, *, now: datetime) -> bytes:
    return prepare(meeting, "CANCEL", now=now).for_attendee(attendee)


def request_instance(meeting: Meeting, instance: Instance, attendee: Attendee, *, now: datetime) -> bytes:
    return prepare(meeting, "REQUEST", now=now, instance=instance).for_attendee(attendee)


def cancel_instance(meeting: Meeting, instance: Instance, attendee: Attendee, *, now: datetime) -> bytes:
    return prepare(meeting, "CANCEL", now=now, instance=instance).for_attendee(attendee)


def text_of(data: bytes) -> str:
    """Unfolded, with LF."""
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 75
    return data.decode().replace("\r\n ", "").replace("\r\n", "\n")


def lines_of(data: bytes, *names: str) -> list[str]:
    """The lines of the events (not of the zone) with these names."""
    text = text_of(data)
    events = text[text.index("BEGIN:VEVENT") :]
    return [line for line in events.splitlines() if line.partition(":")[0].partition(";")[0] in names]
