"""A calendar of others as the attendee: it takes our REQUEST, and we take its REPLY."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from events.services.inbound import take_in_mail
from invites.models import EventInvite, Reply
from mailer.preview import part
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle
from tests.events import letters
from tests.judges.panel import sabre_reply

pytestmark = [pytest.mark.judge, pytest.mark.django_db]
BOB = "bob@example.com"
SECOND = "20261130T090000Z"


@pytest.fixture
def circle(settings: Settings) -> Circle:
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    return Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))


def received() -> str:
    """The calendar object of the one mail that waits for bob."""
    mail.outbox.clear()
    deliver_due()
    (message,) = (sent for sent in mail.outbox if BOB in sent.to[0])
    return part(message, "ics").decode()


def answered(circle: Circle, request: str, partstat: str) -> str:
    """The verdict on the mail to whom the REQUEST came from."""
    ics = sabre_reply(request, partstat)
    headers = (f"Message-ID: <{abs(hash((request, partstat)))}@example.com>",)
    data = letters.letter(circle.event, BOB, ics, kind="text/calendar; method=REPLY", headers=headers)
    return str(take_in_mail(data=data, source="pipe").verdict)


def status() -> str:
    return str(EventInvite.objects.get().status)


def test_request_is_answered_and_the_update_after_it(circle: Circle) -> None:
    EventInvite.objects.all().delete()
    circle.invite(circle.bob, suppress_mail=False)
    first = received()
    assert (answered(circle, first, "ACCEPTED"), status()) == ("applied", "accepted")
    moved: dict[str, Any] = {
        "starts_at": {"datetime": "2026-11-24T15:00:00+01:00", "timezone": "Europe/Berlin"},
        "ends_at": {"datetime": "2026-11-24T16:00:00+01:00", "timezone": "Europe/Berlin"},
    }
    assert circle.api("creator").patch(circle.path, moved).status_code == 200
    second = received()
    assert status() == "pending"
    assert (answered(circle, first, "TENTATIVE"), status()) == ("stale", "pending")
    assert (answered(circle, second, "DECLINED"), status()) == ("applied", "declined")


def test_one_occurrence_is_answered(circle: Circle) -> None:
    moved = {
        "starts_at": {"datetime": "2026-11-30T15:00:00+01:00", "timezone": "Europe/Berlin"},
        "ends_at": {"datetime": "2026-11-30T16:00:00+01:00", "timezone": "Europe/Berlin"},
    }
    assert circle.api("creator").patch(f"{circle.path}/instances/{SECOND}", moved).status_code == 200
    assert answered(circle, received(), "DECLINED") == "applied"
    assert (Reply.objects.get().occurrence, status()) == (datetime(2026, 11, 30, 9, tzinfo=UTC), "pending")
