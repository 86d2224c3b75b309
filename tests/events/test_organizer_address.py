"""The ORGANIZER of a meeting: its creator, or where the site takes the answers an address of the meeting's own."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar
from pytest_django import Settings

from activity.actors import Actor
from events.models import Event
from events.services.instances import update_instance
from events.services.series import reschedule_event
from mailer.preview import part
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle

pytestmark = pytest.mark.django_db
ADDRESS = r"meeting\+[0-9a-f]{32}@in\.example\.org"
SECOND = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.fixture
def circle(settings: Settings) -> Circle:
    settings.INBOUND_DOMAIN = "in.example.org"
    return Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))


def sent() -> dict[str, Any]:
    """By address, the mails that waited."""
    mail.outbox.clear()
    deliver_due()
    return {message.to[0]: message for message in mail.outbox}


def organizer(message: Any) -> Any:
    return Calendar.from_ical(part(message, "ics")).walk("VEVENT")[0]["ORGANIZER"]


def test_answers_go_to_the_creator_without_a_domain_for_them() -> None:
    event = Circle().event
    assert (event.organizer_address, event.reply_token) == ("alice@example.com", "")


@pytest.mark.slow
def test_mails_come_from_the_address_that_takes_the_answers(circle: Circle) -> None:
    address = circle.event.organizer_address
    assert re.fullmatch(ADDRESS, address)
    circle.invite("dora@example.org", suppress_mail=False)
    circle.api("creator").patch(circle.path, {"title": "Another"})
    mails = sent()
    assert len(mails) == 3
    for message in mails.values():
        assert organizer(message) == f"mailto:{address}"
        assert organizer(message).params["CN"] == "Alice Example"
        assert message.from_email.endswith(f"<{address}>")
        assert message.reply_to == ["Alice Example <alice@example.com>"]
        assert address not in message.body
        assert "alice@example.com" in message.body


@pytest.mark.slow
def test_organizer_stays_when_the_domain_is_another_and_the_sender_does_not(circle: Circle, settings: Settings) -> None:
    settings.INBOUND_DOMAIN = "answers.example.org"
    circle.api("creator").patch(circle.path, {"title": "Another"})
    for message in sent().values():
        assert organizer(message) == f"mailto:{circle.event.organizer_address}"
        assert message.from_email.endswith("<no-reply@127.0.0.1>")


@pytest.mark.slow
@pytest.mark.parametrize(("domain", "address"), [("in.example.org", ADDRESS), ("", "alice@example.com")])
def test_later_part_of_a_series_takes_its_own_answers(
    circle: Circle, settings: Settings, domain: str, address: str
) -> None:
    settings.INBOUND_DOMAIN = domain
    how: dict[str, Any] = {"actor": Actor.by_api(circle.alice), "schedule": {}, "columns": {"title": "Later"}}
    following = reschedule_event(event=circle.event, starts_from=SECOND, **how)
    assert re.fullmatch(address, following.organizer_address)
    assert following.organizer_address != circle.event.organizer_address
    assert following.reply_token in following.organizer_address


@pytest.mark.slow
def test_event_knows_since_which_sequence_it_has_its_time(circle: Circle) -> None:
    api = circle.api("creator")
    api.patch(circle.path, {"title": "Another"})
    assert Event.objects.values_list("sequence", "time_sequence").get() == (1, 0)
    api.patch(circle.path, {"recurrence_pattern": ["RRULE:FREQ=DAILY"]})
    api.patch(circle.path, {"title": "A third"})
    assert Event.objects.values_list("sequence", "time_sequence").get() == (3, 2)
    how: dict[str, Any] = {"actor": Actor.by_api(circle.alice), "original_starts_at": SECOND}
    update_instance(event=circle.event, columns={"starts_at": SECOND.replace(hour=12), "starts_at_zone": "UTC"}, **how)
    assert circle.event.exceptions.get().time_sequence == 4
    update_instance(event=circle.event, columns={"title": "Just this"}, **how)
    assert circle.event.exceptions.get().time_sequence == 4
