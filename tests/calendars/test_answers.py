"""Calendar objects that come back, as other programs write them and as nobody should."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from calendars.answers import MOST_COMMENT_BYTES, Answer, Attendee, Moment, TooManyError, UnreadableError, read
from calendars.times import from_wall
from calendars.vtimezone import vtimezone_text

NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
WALL = datetime.fromisoformat("2026-11-30T10:00:00")
NEW_YORK = """BEGIN:VTIMEZONE
TZID:Eastern (ours)
X-LIC-LOCATION:America/New_York
BEGIN:STANDARD
TZNAME:EST
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
TZNAME:EDT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def calendar(*lines: str, zone: str = "", method: str = "METHOD:REPLY") -> bytes:
    whole = ["BEGIN:VCALENDAR", method, *zone.splitlines(), "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(filter(None, whole)).encode()


def answer(*lines: str, **more: Any) -> Answer:
    (found,) = read(calendar(*lines, **more)).answers
    return found


def test_all_that_an_answer_says() -> None:
    found = answer(
        "UID:1", "DTSTAMP:20261120T090000Z", "SEQUENCE:3", "RECURRENCE-ID:20261130T090000Z", "DURATION:PT1H",
        'ATTENDEE;CN="Adams, Bob";PARTSTAT=delegated;DELEGATED-TO="mailto:c@example.org":mailto:bob@example.com',
        "COMMENT:one", "COMMENT;LANGUAGE=en:two\\, three\\nfour",
    )  # fmt: skip
    assert found == Answer(
        uid="1",
        attendees=(Attendee(address="bob@example.com", partstat="DELEGATED", delegated_to="c@example.org"),),
        sequence=3,
        dtstamp=datetime(2026, 11, 20, 9, tzinfo=UTC),
        occurrence=Moment(value=NINE),
        duration=timedelta(hours=1),
        comment="one\ntwo, three\nfour",
    )


def test_method_is_that_of_the_object_else_that_of_the_type() -> None:
    assert read(calendar("UID:1", method="METHOD:counter"), method="REPLY").method == "COUNTER"
    assert read(calendar("UID:1", method=""), method="reply").method == "REPLY"
    assert read(calendar("UID:1", method="")).method == ""


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("ATTENDEE:mailto:bob@example.com", "bob@example.com"),
        ("ATTENDEE:MAILTO:Bob@Example.COM", "bob@example.com"),
        ("ATTENDEE:bob@example.com", "bob@example.com"),
        ("ATTENDEE:mailto:bob%2Bx@example.com", "bob+x@example.com"),
        ("ATTENDEE:mailto:bob@example.com?subject=x", "bob@example.com"),
        ("ATTENDEE;EMAIL=bob@example.com:urn:uuid:1", "bob@example.com"),
        ("ATTENDEE;CN=Adams, Bob:mailto:bob@example.com", "bob@example.com"),
        ("ATTENDEE:mailto:bob@xn--bcher-kva.example", "bob@bücher.example"),
        ("ATTENDEE:urn:uuid:1", None),
        ("ATTENDEE:", None),
    ],
)
def test_address_of_an_attendee(value: str, address: str | None) -> None:
    assert [person.address for person in answer("UID:1", value).attendees] == ([address] if address else [])


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("DTSTART:20261130T090000Z", Moment(value=NINE)),
        ("DTSTART;TZID=Europe/Berlin:20261130T100000", Moment(value=NINE, zone="Europe/Berlin")),
        (
            'DTSTART;TZID="W. Europe Standard Time":20260730T100000',
            Moment(value=datetime(2026, 7, 30, 8, tzinfo=UTC), zone="Europe/Berlin"),
        ),
        (
            "DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20261130T100000",
            Moment(value=NINE, zone="Europe/Berlin"),
        ),
        (
            "DTSTART;VALUE=DATE-TIME;TZID=Eastern (ours):20260730T100000",
            Moment(value=datetime(2026, 7, 30, 14, tzinfo=UTC)),
        ),
        ("DTSTART;TZID=Eastern (ours):20261130T100000", Moment(value=datetime(2026, 11, 30, 15, tzinfo=UTC))),
        ("DTSTART;TZID=Europe/Berlin:20261130T090000Z", Moment(value=NINE)),
        ("DTSTART;TZID=Nobody knows:20261130T100000", Moment(value=WALL)),
        ("DTSTART:20261130T100000", Moment(value=WALL)),
        ("DTSTART;VALUE=DATE:20261130", Moment(value=date(2026, 11, 30))),
        ("DTSTART:soon", None),
        ("DTSTART:99999999T999999Z", None),
        ("X-ELSE:1", None),
    ],
)
def test_time_in_any_zone(line: str, moment: Moment | None) -> None:
    assert answer("UID:1", line, zone=NEW_YORK).starts_at == moment


def test_zone_of_one_message_is_not_known_in_the_next() -> None:
    line = "DTSTART;TZID=Eastern (ours):20261130T100000"
    assert answer(line, zone=NEW_YORK).starts_at == Moment(value=datetime(2026, 11, 30, 15, tzinfo=UTC))
    assert answer(line).starts_at == Moment(value=WALL)


def test_zone_that_a_calendar_defines_is_that_of_the_iana_database() -> None:
    """As we write it, by rules and by dates; in the hours where a clock is put on or back nobody can be sure."""
    for name in (
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Asia/Kolkata",
        "Europe/Dublin",
    ):
        defined = vtimezone_text(name, datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)).decode()
        zone = defined.replace(f"TZID:{name}", "TZID:X")
        for day in range(1, 1000, 29):
            wall = datetime.fromisoformat("2026-01-01T12:00:00") + timedelta(days=day)
            found = answer(f"DTSTART;TZID=X:{wall:%Y%m%dT%H%M%S}", zone=zone).starts_at
            assert found == Moment(value=from_wall(wall, name)), (name, wall)


def test_zone_with_other_rules_than_programs_write_is_none() -> None:
    """They could take for ever to expand."""
    begun = time.process_time()
    for rule in ("FREQ=SECONDLY", "FREQ=YEARLY;BYSECOND=0,1,2,3", "FREQ=DAILY;INTERVAL=1", "FREQ=YEARLY;INTERVAL=0"):
        zone = NEW_YORK.replace("FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", rule)
        assert answer("DTSTART;TZID=Eastern (ours):20261130T100000", zone=zone).starts_at == Moment(value=WALL)
    for rule in ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=YEARLY;BYDAY=5SU;BYMONTH=2", "FREQ=YEARLY;BYMONTHDAY=99"):
        zone = NEW_YORK.replace("FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", rule)
        lines = ["DTSTART;TZID=Eastern (ours):99991130T100000", "END:VEVENT", "BEGIN:VEVENT"] * 99
        assert read(calendar(*lines, zone=zone)).answers
    assert time.process_time() - begun < 5


def test_zone_with_thousands_of_dates_is_none() -> None:
    """Each time of each event in a mail would read them again."""
    begun = time.process_time()
    zone = NEW_YORK.replace("RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11", "RDATE:" + ",".join(["20200101T000000"] * 50_000))
    times = [f"{name};TZID=Eastern (ours):20261130T100000" for name in ("DTSTART", "DTEND", "RECURRENCE-ID")]
    found = read(calendar(*[*times, "END:VEVENT", "BEGIN:VEVENT"] * 20, zone=zone)).answers
    assert found[0].starts_at == Moment(value=WALL)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("line", "sequence"),
    [("SEQUENCE:3", 3), ("SEQUENCE:-1", 0), ("SEQUENCE:2147483647", 2**31 - 1), ("SEQUENCE:x", None), ("UID:1", None)],
)
def test_sequence(line: str, sequence: int | None) -> None:
    assert answer(line).sequence == sequence


def test_comment_has_no_control_characters_and_an_end() -> None:
    assert answer("COMMENT:a\x00\x1bb\u202ec").comment == "abc"
    assert len(answer("COMMENT:" + "ü" * 5000).comment.encode()) == MOST_COMMENT_BYTES


def test_lines_that_are_folded_or_end_otherwise() -> None:
    data = calendar("UID:1", "COMMENT:before")
    assert read(data.replace(b"\r\n", b"\n")).answers[0].comment == "before"
    assert read(data.replace(b"before", b"be\r\n fo\n\tre")).answers[0].comment == "before"
    assert read(b"\xef\xbb\xbf" + data).answers[0].comment == "before"
    assert read(data.replace(b"before", "für".encode("latin-1")), charset="iso-8859-1").answers[0].comment == "für"
    assert read(data.replace(b"before", "für".encode("latin-1")), charset="punycode").answers[0].comment == "für"


@pytest.mark.parametrize("data", [b"", b"garbage", b"BEGIN:VCALENDAR", b"\x00" * 100])
def test_no_calendar(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(data)


@pytest.mark.parametrize(
    "data",
    [calendar(*["X-LINE:1"] * 5001), calendar("UID:1", *["END:VEVENT", "BEGIN:VEVENT"] * 100)],
    ids=["lines", "events"],
)
def test_too_much_of_it(data: bytes) -> None:
    with pytest.raises(TooManyError):
        read(data)
