"""What may be typed on the page of an invitation, and what it means."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import translation

from calendars.times import zone_names
from events.models import Event
from events.rsvp.form import AnswerForm, zone_options
from events.services.invitations import Proposal
from invites.models import EmailInvite

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


def form(event: Event | None = None, **fields: str) -> AnswerForm:
    """Of dora's invitation to an hour on Monday in Berlin, where no event is given."""
    event = event or Event(
        starts_at=START, ends_at=START + timedelta(hours=1), starts_at_zone="Europe/Berlin", is_all_day=False
    )
    return AnswerForm(EmailInvite(event=event, email="dora@example.org"), data={"answer": "accepted"} | fields)


def proposal(event: Event | None = None, **fields: str) -> Proposal | None:
    given = form(event, **{f"proposed_{name}": value for name, value in fields.items()})
    assert given.is_valid(), given.errors
    found: Proposal | None = given.values()["proposal"]
    return found


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"answer": ""}, "answer"),
        ({"answer": "pending"}, "answer"),
        ({"answer": "accepted\0"}, "answer"),
        ({"comment": "x" * 1001}, "comment"),
        ({"comment": "x\0"}, "comment"),
        ({"occurrence": "next week"}, "occurrence"),
        ({"occurrence": "20261301T000000Z"}, "occurrence"),
        ({"occurrence": "9" * 400}, "occurrence"),
        ({"proposed_start": "2026-12-01T10:00", "proposed_end": "2026-12-01T09:59"}, "proposed_end"),
        ({"proposed_start": "2026-12-01T10:00", "proposed_end": "2026-12-01T10:00"}, "proposed_end"),
        ({"proposed_start": "2026-12-01T10:00", "proposed_end": "2028-12-01T10:00"}, "proposed_end"),
        ({"proposed_start": "2020-12-01T10:00"}, "proposed_start"),
        ({"proposed_start": "9999-12-31T23:59", "proposed_zone": "Pacific/Pago_Pago"}, "proposed_start"),
        ({"proposed_start": "0001-01-01T00:00", "proposed_zone": "Asia/Tokyo"}, "proposed_start"),
        ({"proposed_start": "3000-12-31T23:59"}, "proposed_end"),
        ({"proposed_start": "tomorrow"}, "proposed_start"),
        ({"proposed_start": "2026-12-01T10:00" + "0" * 400}, "proposed_start"),
        ({"proposed_end": "2026-12-01T10:00"}, "proposed_start"),
        ({"proposed_start": "2026-12-01T10:00", "proposed_zone": "Berlin"}, "proposed_zone"),
        ({"proposed_zone": "../../etc/passwd"}, "proposed_zone"),
        ({"proposed_zone": "x" * 65}, "proposed_zone"),
        ({"name": "Zoe"}, "address"),
        ({"name": "x" * 256, "address": "zoe@example.org"}, "name"),
        ({"address": "zoe"}, "address"),
        ({"address": "zo\N{LATIN SMALL LETTER E WITH DIAERESIS}@example.org"}, "address"),
        ({"address": "x" * 250 + "@example.org"}, "address"),
    ],
)
def test_mistake_is_named_at_its_field(fields: dict[str, str], wrong: str) -> None:
    assert list(form(**fields).errors) == [wrong]


def test_comment_counts_as_people_see_it() -> None:
    given = form(comment="x" * 998 + "\r\ny")
    assert given.is_valid()
    assert given.values()["comment"] == "x" * 998 + "\ny"


def test_each_zone_understands_its_own_clock() -> None:
    first = {"start": "2026-12-01T10:00", "end": "2026-12-01T10:30"}
    for zone, hour in (("America/New_York", 15), ("Asia/Tokyo", 1), ("", 9)):
        start = datetime(2026, 12, 1, hour, tzinfo=UTC)
        expected = Proposal(starts_at=start, ends_at=start + timedelta(minutes=30), zone=zone or "Europe/Berlin")
        assert proposal(**first, zone=zone) == expected


def test_clock_that_is_turned_is_read_as_in_calendars() -> None:
    """RFC 5545 3.3.5: in a gap by the offset before it, in a fold the first of the two."""
    gap, fold = proposal(start="2027-03-28T02:30"), proposal(start="2027-10-31T02:30")
    assert gap is not None
    assert fold is not None
    assert gap.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert fold.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_end_that_is_left_open_keeps_the_length() -> None:
    found = proposal(start="2026-12-01T10:00")
    assert found is not None
    assert found.ends_at - found.starts_at == timedelta(hours=1)
    assert list(form(Event(), proposed_start="2026-12-01T10:00").errors) == ["proposed_end"]
    assert proposal() is None


def test_days_of_an_all_day_meeting_include_the_last() -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    days: dict[str, Any] = {"starts_at": midnight, "ends_at": midnight + timedelta(days=3)}
    event = Event(is_all_day=True, starts_at_zone="Europe/Berlin", **days)
    start = datetime(2026, 11, 30, 23, tzinfo=UTC)
    for end, length in (("2026-12-01", 1), ("2026-12-02", 2), ("", 3)):
        found = proposal(event, start="2026-12-01", end=end, zone="Asia/Tokyo")
        assert found == Proposal(starts_at=start, ends_at=start + timedelta(days=length), zone="Europe/Berlin")
    assert list(form(event, proposed_start="2026-12-02", proposed_end="2026-12-01").errors) == ["proposed_end"]
    assert list(form(event, proposed_start="9999-12-31", proposed_end="9999-12-31").errors) == ["proposed_start"]


def test_days_that_are_as_many_end_at_midnight_when_clocks_change() -> None:
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)
    event = Event(
        is_all_day=True, starts_at_zone="Europe/Berlin", starts_at=midnight, ends_at=midnight + timedelta(days=1)
    )
    start = datetime(2027, 3, 27, 23, tzinfo=UTC)
    found = proposal(event, start="2027-03-28")
    assert found == Proposal(starts_at=start, ends_at=start + timedelta(hours=23), zone="Europe/Berlin")


def test_whoever_types_the_invited_address_is_the_invitee() -> None:
    for address, other in (("DORA@Example.ORG", ""), ("", ""), ("Zoe@example.org", "zoe@example.org")):
        given = form(name="Zoe\u202e  Z", address=address) if address else form()
        assert given.is_valid()
        assert (given.values()["address"], given.values()["name"]) == (other, "Zoe Z" if other else "")


def test_zones_to_choose_from_exist() -> None:
    names = [part.partition('"')[0] for part in zone_options().split('<option value="')[1:]]
    assert len(names) > 300
    assert set(names) <= zone_names()
    assert {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"} <= set(names)
