"""DELETE /v1/events/{id} (contract 9.7)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from activity.actors import Actor
from events.models import Agenda, Event
from events.services.events import delete_event
from events.signals import ending
from invites.models import InviteCode
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from rest.errors import NotFound
from rooms.models import Room, SipConfig
from tests import factories
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

LAST_YEAR = {
    "starts_at": datetime(2025, 11, 24, 9, tzinfo=UTC),
    "ends_at": datetime(2025, 11, 24, 10, tzinfo=UTC),
}
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 204),
    ],
    fast=2,
)
def test_only_the_creator_may_delete_it(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).delete(circle.path).status_code == status
    assert Event.objects.exists() is (status != 204)


def test_unknown_event_is_forbidden_like_a_foreign_one() -> None:
    assert Circle().api("creator").delete(f"/v1/events/{uuid.uuid4()}").status_code == 403


def test_room_and_everything_in_it_goes() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    circle.api("creator").delete(circle.path)
    for model in (Event, Room, SipConfig, InviteCode, Agenda):
        assert not model.objects.exists()  # type: ignore[attr-defined]
    assert circle.api("creator").get(circle.path).status_code == 403


def test_deleting_twice_is_forbidden_like_unknown() -> None:
    circle = Circle()
    circle.api("creator").delete(circle.path)
    assert circle.api("creator").delete(circle.path).status_code == 403


@pytest.mark.slow
def test_who_has_declined_is_told_of_the_cancellation_too() -> None:
    """Calendars keep what was declined; the mail says why it comes."""
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.api("invitee").delete(f"{circle.path}/invite")
    circle.api("creator").delete(circle.path)
    deliver_due()
    texts = {message.to[0]: str(message.body) for message in mail.outbox}
    (declined,) = [text for address, text in texts.items() if "bob@example.com" in address]
    assert "You had declined it. If your calendar still shows it, it will be removed." in declined
    assert [text for text in texts.values() if "declined" in text] == [declined]


@pytest.mark.slow
def test_cancellation_goes_to_everybody_with_a_higher_sequence() -> None:
    circle = Circle(password="geheim", schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.invite("dora@example.org")
    factories.user("erik", registered=False, email="erik@example.org")
    circle.invite("erik@example.org")
    circle.api("creator").patch(circle.path, {"title": "Renamed"}, suppress_email_notification="true")
    traces = Traces()
    circle.api("creator").delete(circle.path)
    assert traces.mails() == [
        ("alice@example.com", "registered_event_cancellation", 2),
        ("bob@example.com", "registered_event_cancellation", 2),
        ("dora@example.org", "external_event_cancellation", 2),
        ("erik@example.org", "unregistered_event_cancellation", 2),
    ]


def test_activity_outlives_the_event() -> None:
    circle = Circle()
    traces = Traces()
    circle.api("creator").delete(circle.path)
    assert traces.activities() == [("event.deleted", ["alice", "bob"]), ("room.deleted", ["alice", "bob"])]
    activity = traces.last("event.deleted")
    assert (activity.event_id, activity.data["title"], activity.data["sequence"]) == (
        circle.event.pk,
        "Team meeting",
        1,
    )


def test_suppressed_deletion_mails_nobody() -> None:
    circle = Circle()
    traces = Traces()
    assert circle.api("creator").delete(circle.path, suppress_email_notification="true").status_code == 204
    assert traces.mails() == []


@pytest.mark.parametrize(
    ("schedule", "is_mailed"),
    [
        (factories.schedule(**LAST_YEAR), False),
        (factories.schedule(**LAST_YEAR, pattern=("RRULE:FREQ=WEEKLY;COUNT=4",)), False),
        (factories.schedule(**LAST_YEAR, pattern=("RRULE:FREQ=WEEKLY;COUNT=99",)), True),
        (factories.schedule(**LAST_YEAR, pattern=("RRULE:FREQ=WEEKLY",)), True),
        (factories.schedule(), True),
        (None, True),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_what_is_over_is_not_cancelled(schedule: Any, is_mailed: bool) -> None:
    circle = Circle(schedule=schedule)
    traces = Traces()
    assert circle.api("creator").delete(circle.path).status_code == 204
    assert bool(traces.mails()) is is_mailed


def test_creator_of_an_ad_hoc_meeting_is_not_told() -> None:
    circle = Circle(schedule=None, is_adhoc=True)
    traces = Traces()
    circle.api("creator").delete(circle.path)
    assert [address for address, _kind, _sequence in traces.mails()] == ["bob@example.com"]


@pytest.mark.slow
def test_cancellation_carries_no_way_in(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = Circle(password="open sesame", description="Bring the plan")
    circle.invite("dora@example.org")
    code = InviteCode.objects.get()
    config = circle.event.room.sip_config
    circle.api("creator").delete(circle.path)
    deliver_due()
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        text = message.message().as_string() + message.body + str(message.alternatives)
        for secret in (str(code.code), "open sesame", config.password, config.sip_id, str(circle.event.room_id)):
            assert secret not in text
        (meeting,) = Calendar.from_ical(message.attachments[0].content).walk("VEVENT")
        assert (meeting["STATUS"], meeting["SEQUENCE"], meeting["UID"]) == ("CANCELLED", 1, circle.event.uid)
        assert not {"DESCRIPTION", "LOCATION", "URL", "CONFERENCE"} & set(meeting)


def test_mails_do_not_go_with_the_event() -> None:
    circle = Circle()
    circle.api("creator").delete(circle.path)
    assert OutgoingMail.objects.filter(event_id=circle.event.pk).count() == 2


def test_change_that_comes_after_the_deletion_is_a_404() -> None:
    """Both requests found the event; the second gets its turn when the row is gone."""
    circle = Circle()
    circle.api("creator").delete(circle.path)
    with pytest.raises(NotFound):
        delete_event(event=circle.event, actor=Actor.by_api(circle.alice))


@pytest.mark.slow
def test_other_apps_hear_of_it_while_its_rows_are_there() -> None:
    circle = Circle()
    heard: list[tuple[int, int]] = []

    def hear(sender: Any, event: Event, **_more: Any) -> None:
        heard.append((event.sequence, event.invites.count()))

    ending.connect(hear)
    try:
        circle.api("creator").delete(circle.path)
    finally:
        ending.disconnect(hear)
    assert heard == [(1, 1)]
