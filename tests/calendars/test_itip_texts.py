"""Texts and addresses that want to be more than text."""

from dataclasses import replace

import icalendar
import pytest

from calendars.itip import (
    Attendee,
    Conference,
    Person,
)
from tests.calendars.meetings import (
    ANNA,
    MEETING,
    NOW,
    lines_of,
    request,
    text_of,
)

HOSTILE = [
    "Dept: Sales",
    "A;B",
    'He said "no"',
    "a\r\nATTENDEE:mailto:evil@example.org",
    "a\nBEGIN:VEVENT\nEND:VEVENT",
    "nul\0 bell\a vt\x0b us\x1f",
    "\u202egnp.exe\u2066",
    "line\u2028paragraph\u2029next\x85",
    "half \ud800 surrogate",
    "😀" * 60,
    "\\n ^n ^' %0D%0A",
    "ü" * 300,
    "BEGIN:VEVENT\r\n",
    "ATTENDEE:mailto:place-of-attendee@invalid\r\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_inside_its_property(text):
    hostile = replace(
        MEETING,
        uid=text,
        summary=text,
        description=text,
        location=text,
        url=text,
        conferences=(Conference(uri=text, label=text, features=("VIDEO",)),),
        organizer=Person(address="olga@example.org", name=text),
    )
    data = request(hostile, replace(ANNA, name=text), now=NOW)
    text_of(data)
    shape = [line.split(b":")[0].split(b";")[0] for line in data.split(b"\r\n") if not line.startswith(b" ")]
    usual = request(MEETING, ANNA, now=NOW).split(b"\r\n")
    conference = b"CONFERENCE"
    expected = [line.split(b":")[0].split(b";")[0] for line in usual if not line.startswith(b" ")]
    expected.remove(conference)
    assert shape == expected
    assert not set(data.decode()) & set("\0\a\x0b\x1f\x85\u202e\u2066\u2028\u2029")

    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert event["ATTENDEE"] == "mailto:anna@example.org"
    assert event["ORGANIZER"] == "mailto:olga@example.org"
    assert event["ATTENDEE"].params["CN"] == event["ORGANIZER"].params["CN"]


def test_names_are_readable():
    found = lines_of(request(MEETING, replace(ANNA, name=' "The"\tboss \n of it '), now=NOW), "ATTENDEE")
    assert found[0].startswith("""ATTENDEE;CN="'The' boss of it";CUTYPE=INDIVIDUAL;""")


@pytest.mark.parametrize(
    "address",
    ["", "anna", "anna@", "@example.org", "a b@example.org", "a@b\r\nX:1", "a@b@c", "<a@b>", "A <a@b>", "a@b,c@d",
     "a;x=1@b", 'a"@b', "mailto:a@b", "a@b\0", "a@b\u202e", "a@b\n"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="Not an e-mail address"):
        request(MEETING, Attendee(address=address), now=NOW)
    with pytest.raises(ValueError, match="Not an e-mail address"):
        request(replace(MEETING, organizer=Person(address=address)), ANNA, now=NOW)


@pytest.mark.parametrize("address", ["a+b@example.org", "o'hara@example.org", "user%x@sub.example.org", "ü@müller.de"])
def test_unusual_addresses_are_kept_as_they_are(address):
    found = lines_of(request(MEETING, Attendee(address=address), now=NOW), "ATTENDEE")
    assert found[0].endswith(f":mailto:{address}")
