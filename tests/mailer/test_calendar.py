"""Calendar objects of messages that other programs sent: what they get wrong costs nobody the mail."""

from typing import Any

import pytest
from icalendar import Calendar

from mailer.kinds import to_json
from mailer.models import OutgoingMail
from mailer.preview import part
from mailer.render import render
from mailer.samples import sample


def calendar_of(kind: str = "registered_event_invite", shape: str = "recurring", **event: Any) -> list[Any]:
    """The VEVENTs."""
    message = to_json(sample(kind, shape, "en"))
    message["event"] |= event
    data = part(render(OutgoingMail(kind=kind, message=message, address="x@example.com")), "ics")
    return Calendar.from_ical(data).walk("VEVENT") if data else []


def at(text: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"time": text, "timezone": zone}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "W. Europe Standard Time", "", "UTC\r\nX-EVIL:1", "../../etc/passwd"])
def test_unknown_zone_is_utc(zone: str) -> None:
    (event,) = calendar_of(start_time=at("2026-11-30T09:00:00Z", zone))
    assert event["DTSTART"].to_ical() == b"20261130T090000Z"


def test_rule_without_its_name_is_a_rule() -> None:
    (event,) = calendar_of(rrule="FREQ=WEEKLY;COUNT=3")
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=3"


@pytest.mark.parametrize(
    "rrule", ["garbage", "RRULE:FREQ=FOO", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=WEEKLY;UNTIL=20200101T000000Z", "RRULE:"]
)
@pytest.mark.parametrize("kind", ["registered_event_invite", "external_event_uninvite"])
def test_pattern_that_cannot_be_read_leaves_the_texts(kind: str, rrule: str) -> None:
    assert calendar_of(kind, rrule=rrule) == []


def test_end_before_the_start_is_the_start() -> None:
    (event,) = calendar_of("registered_event_invite", "single", end_time=at("2020-01-01T00:00:00Z"))
    assert event["DTEND"].dt == event["DTSTART"].dt


@pytest.mark.parametrize(("day", "year"), [("0001-01-01", 1), ("9999-12-31", 9999)])
def test_time_at_an_end_of_the_calendar_costs_nobody_the_mail(day: str, year: int) -> None:
    start, end = at(f"{day}T00:00:00Z"), at(f"{day}T23:59:00Z")
    (event,) = calendar_of("registered_event_invite", "single", start_time=start, end_time=end)
    assert event["DTSTART"].dt.year == year


@pytest.mark.parametrize(
    ("number", "uri"),
    [
        ("+49 30 1234567", "tel:+49301234567,,1234567890,,0987654321"),
        ("+99-1234567890", "tel:+99-1234567890,,1234567890,,0987654321"),
        ("call\r\nATTENDEE:x me", "tel:callATTENDEE%3Axme,,1234567890,,0987654321"),
    ],
)
def test_number_is_dialled_as_it_was_given(number: str, uri: str) -> None:
    call_in = {"sip_tel": number, "sip_id": "1234567890", "sip_password": "0987654321"}
    (event,) = calendar_of("registered_event_invite", "single", call_in=call_in)
    assert [str(conference) for conference in event["CONFERENCE"]][1] == uri
